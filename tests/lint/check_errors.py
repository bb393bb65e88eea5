# SPDX-License-Identifier: Apache-2.0
"""docs/operations.md explains each reason that a person can meet: the names of ErrorCode in api/base/error.h."""
import pathlib
import re

import findings

HEADER = "api/base/error.h"
PAGE = "docs/operations.md"
ENUM = re.compile(r"enum class ErrorCode[^{]*\{(.*?)\n\};", re.DOTALL)
ROW = re.compile(r"^\| `([A-Z]\w+)` \|")


def names(root):
    body = re.sub(r"//[^\n]*", "", ENUM.search(findings.text(root, HEADER))[1])
    return re.findall(r"\bk([A-Z]\w*)", body)


def check(root):
    if not pathlib.Path(root, PAGE).is_file():
        return [findings.Finding(PAGE, 1, "missing", "write the table of reasons")]
    known = names(root)
    rows = {}
    for number, line in findings.lines(root, PAGE):
        match = ROW.match(line)
        if match:
            rows.setdefault(match[1], number)
    found = [
        findings.Finding(PAGE, 1, f"{name} is not in the table of reasons", "add a row: meaning, what to do")
        for name in known
        if name not in rows
    ]
    found += [
        findings.Finding(PAGE, number, f"{name} is not an ErrorCode", f"drop the row, or correct the name ({HEADER})")
        for name, number in rows.items()
        if name not in known
    ]
    return found
