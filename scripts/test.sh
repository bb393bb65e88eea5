#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is needed, builds everything, and runs every test that needs no cluster.
# Results also as JUnit in build/test-results.xml. Exit code: 0 only if all tests passed.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

scripts/install_dependencies.sh
cmake --preset release
cmake --build --preset release
ctest --preset release --output-junit "$PWD/build/test-results.xml"
