# SPDX-License-Identifier: Apache-2.0
"""Each header compiles alone. CXX and UNDERPASS_INCLUDES (separated by ':') come from CMake.

A header that its own source includes first is proved by the build, so only the others are compiled here.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess

import findings

JOBS = 2
ERROR = re.compile(r"^(?P<path>[^:]+):(?P<line>\d+):(\d+:)? (fatal )?error: (?P<text>.*)$")


def compile_alone(root, path):
    includes = [option for folder in os.environ.get("UNDERPASS_INCLUDES", "").split(":") if folder
                for option in ("-isystem", folder)]
    run = subprocess.run(
        [os.environ.get("CXX", "c++"), "-std=c++20", "-fsyntax-only", "-w", "-I.", *includes, "-x", "c++", "-"],
        cwd=root, input=f'#include "{path}"\n', capture_output=True, text=True, check=False,
    )
    if run.returncode == 0:
        return None
    for line in run.stderr.splitlines():
        match = ERROR.match(line)
        if match:
            return findings.Finding(
                match["path"], int(match["line"]), f"{path} does not compile alone: {match['text']}",
                "include what the header uses",
            )
    return findings.Finding(path, 1, run.stderr.strip()[:500], "compile it by hand")


FIRST_INCLUDE = re.compile(r'^#include [<"]([^">]+)[">]', re.MULTILINE)


def proved_by_source(root, header):
    source = header.removesuffix(".h") + ".cc"
    if not pathlib.Path(root, source).is_file():
        return False
    first = FIRST_INCLUDE.search(findings.text(root, source))
    return first is not None and first[1] == header


def check(root):
    headers = [path for path in findings.files(root, ".h") if not proved_by_source(root, path)]
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        results = pool.map(lambda path: compile_alone(root, path), headers)
        return [finding for finding in results if finding]
