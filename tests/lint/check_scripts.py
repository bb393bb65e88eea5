# SPDX-License-Identifier: Apache-2.0
"""Shell scripts parse and may be run; the commands that README.md shows exist."""
import os
import pathlib
import re
import subprocess

import findings

README_COMMANDS = ("scripts/quickstart.sh", "scripts/test.sh")
MENTION = re.compile(r"\bscripts/[\w-]+\.sh\b")
PAGES = ("README.md", "CONTRIBUTING.md")
ERROR = re.compile(r"line (\d+): (.*)")


def is_shell(root, path):
    return path.endswith(".sh") or findings.text(root, path).startswith(("#!/usr/bin/env bash", "#!/bin/bash", "#!/bin/sh"))


def check_shell(root):
    for path in findings.files(root):
        if not is_shell(root, path):
            continue
        run = subprocess.run(["bash", "-n", path], cwd=root, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            match = ERROR.search(run.stderr)
            line, problem = (int(match[1]), match[2]) if match else (1, run.stderr.strip())
            yield findings.Finding(path, line, problem, "make `bash -n` accept it")
        elif not os.access(pathlib.Path(root, path), os.X_OK):
            yield findings.Finding(path, 1, "not executable", f"chmod +x {path}")


def check_mentions(root):
    for page in PAGES:
        if not pathlib.Path(root, page).is_file():
            yield findings.Finding(page, 1, "missing", f"write {page}")
            continue
        for number, line in findings.lines(root, page):
            for script in MENTION.findall(line):
                if not os.access(pathlib.Path(root, script), os.X_OK):
                    yield findings.Finding(page, number, f"{script} cannot be run", "correct the name, or add the script")
    for command in README_COMMANDS:
        if pathlib.Path(root, "README.md").is_file() and command not in findings.text(root, "README.md"):
            yield findings.Finding("README.md", 1, f"{command} is not named", "show the command")


def check(root):
    return [*check_shell(root), *check_mentions(root)]
