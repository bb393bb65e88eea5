# SPDX-License-Identifier: Apache-2.0
"""Includes follow the order of the folders and the table of third-party headers, both in levels.py."""
import pathlib
import re

import findings
import levels

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^">]+)[">]')
AREAS = ("api/", "proxy/", "controller/", "cli/")


def unit_of(path):
    """The entry of levels.LEVELS that a path belongs to, or None."""
    file = pathlib.PurePosixPath(path)
    for candidate in (file, *file.parents):
        if str(candidate) in levels.LEVELS:
            return str(candidate)
    return None


def within(path, places):
    return any(path == place or path.startswith(place + "/") for place in places)


def may_include(source, target):
    """Whether the file `source` may include the project's header `target`."""
    source_folder, target_folder = (str(pathlib.PurePosixPath(p).parent) for p in (source, target))
    if source_folder == target_folder:
        return True
    if target_folder in levels.CODEC_LAYERS.get(source_folder, ()):
        return True
    source_unit, target_unit = unit_of(source), unit_of(target)
    if source_unit is None or target_unit is None:
        return False
    source_area, target_area = source_unit.split("/")[0], target_unit.split("/")[0]
    lower = levels.LEVELS[target_unit] < levels.LEVELS[source_unit]
    if source_area == target_area:
        return lower
    if target_area == "api":
        return True
    if source_area == "cli":
        if target_area == "proxy":
            return levels.LEVELS[target_unit] <= levels.CLI_HIGHEST_PROXY_LEVEL
        return target_unit in levels.CLI_MAY_INCLUDE
    return False


def judge_quoted(root, source, target):
    for prefix, users in levels.GENERATED.items():
        if target.startswith(prefix):
            if within(source, users):
                return None
            return (f'generated header "{target}" is for {", ".join(users)}', "go through core::ProxyControl")
    if not pathlib.Path(root, target).is_file():
        return (f'"{target}" is not a header of this project', "write the path from the root of the repository")
    if not may_include(source, target):
        return (
            f'"{target}" is not on a lower level than {unit_of(source)}',
            "move the shared part down, or pass it in from app/ (order: tests/lint/levels.py)",
        )
    return None


def judge_angle(source, target):
    for prefix, users in levels.THIRD_PARTY.items():
        if target.startswith(prefix):
            if within(source, users):
                return None
            return (f"<{target}> is for {', '.join(users)}", "use the wrapper of that folder")
    if "." not in target or target in levels.SYSTEM_HEADERS or target.startswith(levels.SYSTEM_PREFIXES):
        return None
    return (f"<{target}> is in no table", "add it to tests/lint/levels.py with the folders that may use it")


def check(root):
    found = []
    for source in findings.files(root, ".h", ".cc"):
        if not source.startswith(AREAS):
            continue
        if unit_of(source) is None:
            found.append(findings.Finding(source, 1, "its folder has no level", "add it to tests/lint/levels.py"))
            continue
        for number, line in findings.lines(root, source):
            match = INCLUDE.match(line)
            if not match:
                continue
            quoted, target = match.group(1) == '"', match.group(2)
            verdict = judge_quoted(root, source, target) if quoted else judge_angle(source, target)
            if verdict:
                found.append(findings.Finding(source, number, *verdict))
    return found
