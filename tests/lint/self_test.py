#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each lint finds a seeded violation, and nothing in what is right."""
import importlib
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
OPERATIONS = "| `Timeout` | a deadline passed | look |\n"
ERRORS = SPDX + "#pragma once\nenum class ErrorCode : int {\n  kTimeout,  // kNotThis\n};\n"


class SelfTest(unittest.TestCase):
    def run_lint(self, name, tree):
        """The findings of one lint in a tree of {path: text}, as (path, line) pairs."""
        with tempfile.TemporaryDirectory() as root:
            for path, text in tree.items():
                file = pathlib.Path(root, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
                if text.startswith("#!"):
                    file.chmod(0o755)
            return [(f.path, f.line) for f in importlib.import_module(f"check_{name}").check(root)]

    def test_levels_allow_lower_folders(self):
        tree = {
            "api/base/error.h": SPDX,
            "proxy/core/stream.h": '#include "api/base/error.h"\n#include <vector>\n#include <sys/socket.h>\n',
            "proxy/codec/http1/http1.h": SPDX,
            "proxy/codec/nodepass/signal.h": '#include "proxy/codec/http1/http1.h"\n#include <openssl/hmac.h>\n',
            "proxy/admin/admin.cc": '#include "api/admin/v1/admin.grpc.pb.h"\n#include <grpcpp/server.h>\n',
            "cli/status.cc": '#include "proxy/core/stream.h"\n',
        }
        self.assertEqual(self.run_lint("levels", tree), [])

    def test_levels_find_a_higher_folder(self):
        tree = {"proxy/app/host.h": SPDX, "proxy/core/stream.h": '\n#include "proxy/app/host.h"\n'}
        self.assertEqual(self.run_lint("levels", tree), [("proxy/core/stream.h", 2)])

    def test_levels_find_a_sibling(self):
        tree = {"proxy/net/socket.h": SPDX, "proxy/relay/relay.cc": '#include "proxy/net/socket.h"\n'}
        self.assertEqual(self.run_lint("levels", tree), [("proxy/relay/relay.cc", 1)])

    def test_levels_find_a_sibling_below_one_unit(self):
        tree = {"proxy/tunnel/pool/pool.h": SPDX, "proxy/tunnel/forward/f.cc": '#include "proxy/tunnel/pool/pool.h"\n'}
        self.assertEqual(self.run_lint("levels", tree), [("proxy/tunnel/forward/f.cc", 1)])

    def test_levels_find_another_area(self):
        tree = {"proxy/core/stream.h": SPDX, "controller/plan/plan.cc": '#include "proxy/core/stream.h"\n'}
        self.assertEqual(self.run_lint("levels", tree), [("controller/plan/plan.cc", 1)])

    def test_levels_find_what_cli_must_not_see(self):
        tree = {"proxy/tunnel/pool/pool.h": SPDX, "cli/up.cc": '#include "proxy/tunnel/pool/pool.h"\n'}
        self.assertEqual(self.run_lint("levels", tree), [("cli/up.cc", 1)])

    def test_levels_find_third_party_out_of_place(self):
        tree = {"proxy/core/a.h": "#include <event2/event.h>\n", "proxy/core/b.h": "#include <boost/asio.hpp>\n"}
        self.assertEqual(self.run_lint("levels", tree), [("proxy/core/a.h", 1), ("proxy/core/b.h", 1)])

    def test_levels_find_generated_code_out_of_place(self):
        tree = {"proxy/app/a.cc": '#include "api/admin/v1/admin.pb.h"\n'}
        self.assertEqual(self.run_lint("levels", tree), [("proxy/app/a.cc", 1)])

    def test_levels_find_an_include_that_is_not_rooted(self):
        tree = {"proxy/core/b.h": SPDX, "proxy/core/a.h": '#include "b.h"\n'}
        self.assertEqual(self.run_lint("levels", tree), [("proxy/core/a.h", 1)])

    def test_levels_find_an_unknown_folder(self):
        self.assertEqual(self.run_lint("levels", {"proxy/utils/a.h": SPDX}), [("proxy/utils/a.h", 1)])

    def test_spdx(self):
        good = {"a.h": SPDX, "b.sh": "#!/usr/bin/env bash\n# SPDX-License-Identifier: Apache-2.0\n", "c.md": "text"}
        self.assertEqual(self.run_lint("spdx", good), [])
        bad = {"a.h": "#pragma once\n", "b.sh": "#!/usr/bin/env bash\n:\n", "d/CMakeLists.txt": "", "run": "#!/bin/sh\n"}
        self.assertEqual(self.run_lint("spdx", bad), [("a.h", 1), ("b.sh", 2), ("d/CMakeLists.txt", 1), ("run", 2)])

    def test_format(self):
        style = "BasedOnStyle: Google\nColumnLimit: 100\n"
        self.assertEqual(self.run_lint("format", {".clang-format": style, "a.cc": "int a = 1;\n"}), [])
        bad = {".clang-format": style, "a.cc": "int a = 1;\nint  b=2;\n"}
        self.assertEqual(self.run_lint("format", bad), [("a.cc", 2)])

    def test_headers(self):
        self.assertEqual(self.run_lint("headers", {"a.h": "#include <string>\nstd::string A();\n"}), [])
        self.assertEqual(self.run_lint("headers", {"a.h": "\nstd::string A();\n"}), [("a.h", 2)])
        late = {"a.h": "\nstd::string A();\n", "a.cc": '#include <string>\n#include "a.h"\n'}
        self.assertEqual(self.run_lint("headers", late), [("a.h", 2)])
        first = {**late, "a.cc": '#include "a.h"\n'}
        self.assertEqual(self.run_lint("headers", first), [])

    def test_words(self):
        good = {"a.sh": 'mktemp "$dir/run.XXXXXX"\nls "${home}/work/a" docs/work/a\n'}
        self.assertEqual(self.run_lint("words", good), [])
        later, machine, setting = "// TO" + "DO: later", "cd /ro" + "ot/x", "pip --index" + "-url x"
        bad = {"a.cc": f"\n{later}\n", "b.md": f"{machine}\n", "c.sh": f"{setting}\n"}
        self.assertEqual(self.run_lint("words", bad), [("a.cc", 2), ("b.md", 1), ("c.sh", 1)])

    def test_scripts(self):
        shell = "#!/usr/bin/env bash\n"
        pages = {"README.md": "scripts/quickstart.sh\nscripts/test.sh\n", "CONTRIBUTING.md": "text\n"}
        good = {"scripts/quickstart.sh": shell, "scripts/test.sh": shell, **pages}
        self.assertEqual(self.run_lint("scripts", good), [])
        self.assertEqual(
            self.run_lint("scripts", {**good, "x.sh": shell + "if true\n"}), [("x.sh", 3)]
        )
        self.assertEqual(self.run_lint("scripts", {**good, "x.sh": ":\n"}), [("x.sh", 1)])
        self.assertEqual(
            self.run_lint("scripts", {**good, "README.md": "\nscripts/none.sh\n"}),
            [("README.md", 2), ("README.md", 1), ("README.md", 1)],
        )

    def test_links(self):
        good = {
            "README.md": "[a](docs/a.md) [b](docs/a.md#one-two) [c](https://example.com/x)\n```\n[n](none)\n```\n",
            "docs/a.md": "# One two\n[up](../README.md) [here](#one-two)\n",
        }
        self.assertEqual(self.run_lint("links", good), [])
        bad = {"README.md": "\n[a](docs/none.md)\n[b](#nowhere)\n"}
        self.assertEqual(self.run_lint("links", bad), [("README.md", 2), ("README.md", 3)])

    def test_errors(self):
        good = {"api/base/error.h": ERRORS, "docs/operations.md": OPERATIONS}
        self.assertEqual(self.run_lint("errors", good), [])
        missing = {"api/base/error.h": ERRORS, "docs/operations.md": "nothing\n"}
        self.assertEqual(self.run_lint("errors", missing), [("docs/operations.md", 1)])
        stale = {"api/base/error.h": ERRORS, "docs/operations.md": OPERATIONS + "| `Gone` | x | y |\n"}
        self.assertEqual(self.run_lint("errors", stale), [("docs/operations.md", 2)])


if __name__ == "__main__":
    unittest.main()
