"""Every lint finds its bad sample and leaves the good one alone: a lint that cannot fail checks nothing.

Usage: self_test.py
SPDX-License-Identifier: Apache-2.0
"""

import pathlib
import tempfile
import unittest

import arrows
import conditionals
import sizes
import sources
import words

LONG_BODY = "  f();\n" * 45


def findings(lint, tree):
    """[(file, line)] that `lint` reports for a tree given as {path: text}."""
    with tempfile.TemporaryDirectory() as root:
        for name, text in tree.items():
            path = pathlib.Path(root) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return [(file.as_posix(), line) for file, line, _ in lint.check(root)]


class Arrows(unittest.TestCase):
    def test_finds_an_include_against_the_arrows(self):
        tree = {"core/a.hpp": '#pragma once\n#include "comm/c.hpp"\n', "md/a.cpp": '#include "ml/x.hpp"\n'}
        self.assertEqual(findings(arrows, tree), [("core/a.hpp", 2), ("md/a.cpp", 1)])

    def test_finds_a_path_not_from_the_root(self):
        self.assertEqual(findings(arrows, {"md/a.cpp": '#include "box.hpp"\n'}), [("md/a.cpp", 1)])
        self.assertEqual(findings(arrows, {"md/a.cpp": '#include "../core/a.hpp"\n'}), [("md/a.cpp", 1)])

    def test_lets_only_the_bridge_join_md_and_ml(self):
        both = '#include "md/a.hpp"\n#include "ml/b.hpp"\n'
        self.assertEqual(findings(arrows, {"apps/r1md.cpp": both}), [("apps/r1md.cpp", 1)])
        self.assertEqual(findings(arrows, {"apps/bridge/x.cpp": both}), [])

    def test_passes_what_follows_them(self):
        self.assertEqual(findings(arrows, {"md/a.cpp": '#include "core/a.hpp"\n#include <vector>\n'}), [])


class Conditionals(unittest.TestCase):
    def test_finds_one(self):
        self.assertEqual(findings(conditionals, {"md/a.cpp": "int a;\n#ifdef X\n#endif\n"}), [("md/a.cpp", 2)])
        self.assertEqual(findings(conditionals, {"md/a.cpp": "  # if 0\n#endif\n"}), [("md/a.cpp", 1)])

    def test_passes_guards_the_device_header_and_comments(self):
        tree = {
            "md/a.hpp": "#ifndef A\n#define A\n#endif\n",
            "core/device.hpp": "#if 1\n#endif\n",
            "md/b.cpp": "/*\n#if 0\n*/\n",
        }
        self.assertEqual(findings(conditionals, tree), [])


class Sizes(unittest.TestCase):
    def test_finds_a_long_file(self):
        self.assertEqual(findings(sizes, {"md/a.cpp": "\n" * 401}), [("md/a.cpp", 1)])
        self.assertEqual(findings(sizes, {"scripts/a.py": "\n" * 401}), [("scripts/a.py", 1)])

    def test_takes_a_reason_up_to_600_lines(self):
        reason = "// Longer than 400 lines: one table\n"
        self.assertEqual(findings(sizes, {"md/a.cpp": reason + "\n" * 500}), [])
        self.assertEqual(findings(sizes, {"md/a.cpp": reason + "\n" * 600}), [("md/a.cpp", 1)])

    def test_finds_long_functions_of_every_kind(self):
        for head in (
            "void f() {",
            "template <class T>\nT f(T a, T b = {}) noexcept {",
            "A::A(int x) : a_(x), b_(2) {",
            "A::A(int x) : a_{x}, b_{2} {",
            "TEST(Box, Wraps) {",
            "auto f(int a) -> std::vector<int> {",
            "bool operator==(const A& a, const A& b) {",
            "template <class T>\n  requires(sizeof(T) > 1)\nvoid f(T) {",
        ):
            with self.subTest(head):
                text = f"namespace r1 {{\n\n{head}\n{LONG_BODY}}}\n\n}}  // namespace r1\n"
                self.assertEqual(findings(sizes, {"md/a.cpp": text}), [("md/a.cpp", 3)])

    def test_finds_a_long_member(self):
        text = f"class A {{\n public:\n  int f() const {{\n{LONG_BODY}  }}\n}};\n"
        self.assertEqual(len(findings(sizes, {"md/a.hpp": text})), 1)

    def test_takes_a_reason_above_the_function(self):
        text = f"// Adds. Long: one kernel.\nvoid f() {{\n{LONG_BODY}}}\n"
        self.assertEqual(findings(sizes, {"md/a.cpp": text.replace("Adds. Long", "Long")}), [])

    def test_lets_an_apps_main_have_60(self):
        text = f"int main() {{\n{LONG_BODY}}}\n"
        self.assertEqual(findings(sizes, {"apps/a.cpp": text}), [])
        self.assertEqual(findings(sizes, {"md/a.cpp": text}), [("md/a.cpp", 1)])

    def test_passes_what_is_no_function(self):
        tree = {
            "md/a.hpp": f"struct A {{\n{'  int a;' * 1}\n" + "  int b;\n" * 60 + "};\n",
            "md/b.cpp": "const int table[] = {\n" + "  f(1),\n" * 60 + "};\n",
            "md/c.cpp": "namespace a {\n" + "void f();\n" * 60 + "}\n",
            "md/d.cpp": 'const char* s = R"(\nvoid f() {\n' + "\n" * 60 + '})";\n',
        }
        self.assertEqual(findings(sizes, tree), [])


class Words(unittest.TestCase):
    def test_finds_them(self):
        for line in (
            "see /" + "home/alice/x",
            "// TODO: more",
            "# as issue #3 says",
            "as acceptance 4 asks",
            "see ../shared/design/x",
            "as behaviour.md says",
            "from pypi.org",
        ):
            with self.subTest(line):
                self.assertEqual(findings(words, {"docs/a.md": "good\n" + line + "\n"}), [("docs/a.md", 2)])

    def test_passes_ordinary_text(self):
        text = "In brief: an issue of style, /usr/include, $HOME/.cache, stubborn, ../shared/data.\n"
        self.assertEqual(findings(words, {"docs/a.md": text}), [])


class Blanking(unittest.TestCase):
    def test_keeps_lines_and_blanks_braces_in_text(self):
        text = "int a = 1'000; // {\nchar c = '{';\nauto s = \"\\\"{\";\n/* {\n{ */ int b;\n"
        bare = sources.blanked(text)
        self.assertEqual(bare.count("\n"), text.count("\n"))
        self.assertNotIn("{", bare)
        self.assertIn("int b;", bare)


if __name__ == "__main__":
    unittest.main()
