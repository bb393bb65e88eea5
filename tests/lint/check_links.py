# SPDX-License-Identifier: Apache-2.0
"""Relative links of the documents lead to files of the repository, and to headings that exist there."""
import pathlib
import re

import findings

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+\s+(.*?)\s*#*$")


def anchors(root, path):
    found = set()
    for _, line in findings.lines(root, path):
        match = HEADING.match(line)
        if match:
            words = re.sub(r"[^\w\- ]", "", match[1].lower())
            found.add(words.replace(" ", "-"))
    return found


def check_link(root, page, target):
    """None, or the problem of one link."""
    if re.match(r"[a-z]+:", target):
        return None
    name, _, anchor = target.partition("#")
    file = (pathlib.Path(root, page).parent / name).resolve() if name else pathlib.Path(root, page).resolve()
    if not file.exists():
        return f"{target} does not exist"
    if not file.is_relative_to(pathlib.Path(root).resolve()):
        return f"{target} leads out of the repository"
    if anchor and file.suffix == ".md":
        if anchor not in anchors(root, file.relative_to(pathlib.Path(root).resolve())):
            return f"{target} names a heading that is not there"
    return None


def check(root):
    found = []
    for page in findings.files(root, ".md"):
        fenced = False
        for number, line in findings.lines(root, page):
            fenced ^= line.lstrip().startswith("```")
            for target in [] if fenced else LINK.findall(line):
                problem = check_link(root, page, target)
                if problem:
                    found.append(findings.Finding(page, number, problem, "correct the link"))
    return found
