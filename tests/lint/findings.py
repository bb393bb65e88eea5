# SPDX-License-Identifier: Apache-2.0
"""What every lint is made of: the project's files, and findings that say where, what and how to mend it."""
import dataclasses
import os
import pathlib

SKIPPED_FOLDERS = {".git", ".cache", "__pycache__"}


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    path: str  # relative to the root
    line: int  # from 1
    problem: str
    mend: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.problem}\n    mend: {self.mend}"


def files(root, *suffixes):
    """Paths below `root`, relative and sorted, without build trees; all, or those ending in a suffix."""
    found = []
    for folder, subfolders, names in os.walk(root):
        top = pathlib.Path(folder) == pathlib.Path(root)
        subfolders[:] = [
            name
            for name in subfolders
            if name not in SKIPPED_FOLDERS and not (top and name.startswith("build"))
        ]
        for name in names:
            path = pathlib.Path(folder, name)
            if path.is_file() and (not suffixes or name.endswith(suffixes)):
                found.append(path.relative_to(root).as_posix())
    return sorted(found)


def text(root, path):
    try:
        return pathlib.Path(root, path).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:  # a temporary file that has gone since it was listed
        return ""


def lines(root, path):
    """(number, line) pairs, from 1."""
    return enumerate(text(root, path).splitlines(), start=1)
