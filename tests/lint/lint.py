#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs one lint, or all: tests/lint/lint.py [--root FOLDER] [NAME...]. Exit code 1 if anything was found."""
import argparse
import importlib
import pathlib
import sys

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
NAMES = sorted(path.stem.removeprefix("check_") for path in HERE.glob("check_*.py"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", default=HERE.parent.parent, type=pathlib.Path)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in NAMES]
    if unknown:
        parser.error(f"no lint is called {', '.join(unknown)}; there are {', '.join(NAMES)}")
    found = []
    for name in arguments.names or NAMES:
        found += importlib.import_module(f"check_{name}").check(arguments.root)
    for finding in found:
        print(finding)
    print(f"{len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
