# SPDX-License-Identifier: Apache-2.0
"""C++ is formatted as clang-format-19 does it with the .clang-format of the root."""
import re
import shutil
import subprocess

import findings

PROGRAM = "clang-format-19"
COMPLAINT = re.compile(r"^(?P<path>[^:]+):(?P<line>\d+):\d+: (error|warning): code should be clang-formatted")


def check(root):
    paths = findings.files(root, ".h", ".cc")
    if not paths:
        return []
    if not shutil.which(PROGRAM):
        return [findings.Finding(".clang-format", 1, f"{PROGRAM} is missing", "run scripts/install_dependencies.sh")]
    run = subprocess.run(
        [PROGRAM, "--dry-run", "-Werror", *paths], cwd=root, capture_output=True, text=True, check=False
    )
    first = {}
    for line in run.stderr.splitlines():
        match = COMPLAINT.match(line)
        if match:
            first.setdefault(match["path"], int(match["line"]))
    if run.returncode != 0 and not first:
        return [findings.Finding(".clang-format", 1, run.stderr.strip()[:500], f"run {PROGRAM} by hand")]
    return [
        findings.Finding(path, line, "not formatted", f"{PROGRAM} -i {path}") for path, line in sorted(first.items())
    ]
