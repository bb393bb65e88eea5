# SPDX-License-Identifier: Apache-2.0
"""Each source, script, schema and CMake file names its licence in the first line (the second after #!)."""
import findings

SUFFIXES = (".h", ".cc", ".cc.in", ".proto", ".py", ".sh", ".cmake", "CMakeLists.txt")
LINES = ("// SPDX-License-Identifier: Apache-2.0", "# SPDX-License-Identifier: Apache-2.0")


def check(root):
    found = []
    for path in findings.files(root):
        head = findings.text(root, path).splitlines()[:2]
        script = bool(head) and head[0].startswith("#!")
        if not script and not path.endswith(SUFFIXES):
            continue
        line = 2 if script else 1
        if len(head) < line or head[line - 1] not in LINES:
            found.append(
                findings.Finding(path, line, "no SPDX line", "begin with 'SPDX-License-Identifier: Apache-2.0'")
            )
    return found
