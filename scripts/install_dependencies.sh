#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian 12 packages that Underpass is built, tested and run with. Does nothing when all are there.
#   scripts/install_dependencies.sh [--dev]      --dev: also the linter and the fuzzing compiler
set -euo pipefail

packages=(
  # To build.
  g++ cmake ninja-build pkg-config ccache mold
  libssl-dev libevent-dev libyaml-cpp-dev nlohmann-json3-dev libexpected-dev libcli11-dev
  libgrpc++-dev libgrpc-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc
  libabsl-dev libc-ares-dev libre2-dev zlib1g-dev
  libcpp-httplib-dev prometheus-cpp-dev
  # To test, and to run the quickstart.
  libgtest-dev libgmock-dev clang-format-19 python3 curl ca-certificates git
)
development_packages=(clang-tidy-19 clang-19 libclang-rt-19-dev)

case "${1:-}" in
  "") ;;
  --dev) packages+=("${development_packages[@]}") ;;
  *)
    echo "usage: scripts/install_dependencies.sh [--dev]" >&2
    exit 2
    ;;
esac

if ! command -v apt-get >/dev/null; then
  echo "install_dependencies: this is not a Debian system. Install what these packages hold, then go on:" >&2
  echo "  ${packages[*]}" >&2
  exit 1
fi

installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null |
  sed -n 's/^installed //p' || true)
missing=()
for package in "${packages[@]}"; do
  grep -qxF -- "$package" <<<"$installed" || missing+=("$package")
done
[ "${#missing[@]}" -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "install_dependencies: run as root, or install sudo. Missing: ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi

apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -q "$@"
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "Installing ${#missing[@]} Debian packages: ${missing[*]}"
if ! { apt update && apt install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "install_dependencies: apt-get failed, see above" >&2
  exit 1
fi
