# SPDX-License-Identifier: Apache-2.0
"""Nothing is left for later, and nothing names one machine."""
import re

import findings

RULES = (
    (re.compile(r"\b(TODO|FIXME|XXX)\b"), "left for later", "do it now, or drop the remark"),
    (
        re.compile(r"(?<![\w.}])/(root|work|home|Users|tmp/build)/"),
        "a path of one machine",
        "use a path relative to the repository, or mkdtemp",
    ),
    (
        re.compile(r"GOPROXY=|--index-url|--registry\b"),
        "a setting of one machine",
        "leave registries to the machine's own configuration",
    ),
)
# Recorded data, and the words as such.
EXEMPT = ("tests/lint/", "tests/fuzz/corpus/", "tests/interop/transcripts/", "LICENSE")


def check(root):
    found = []
    for path in findings.files(root):
        if path.startswith(EXEMPT):
            continue
        for number, line in findings.lines(root, path):
            for pattern, problem, mend in RULES:
                match = pattern.search(line)
                if match:
                    found.append(findings.Finding(path, number, f"{problem}: {match.group(0)}", mend))
    return found
