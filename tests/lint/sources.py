"""What the lints share: the files of the tree, comments and strings blanked out, and the loop that prints findings.

SPDX-License-Identifier: Apache-2.0
"""

import pathlib
import re
import sys

FOLDERS = ("core", "comm", "io", "md", "ml", "apps", "examples", "tests")
SKIPPED = {".git", "build", "third_party", "results", "__pycache__", ".venv", "node_modules"}
CODE = {".cpp", ".hpp", ".h", ".cu"}
TEXT = {".cpp", ".hpp", ".h", ".in", ".py", ".sh", ".cmake", ".md", ".yaml", ".yml", ".txt", ".json", ""}


def files(root, suffixes, folders=("",)):
    """Files below root/folder with one of the suffixes, sorted, relative to root."""
    root = pathlib.Path(root)
    found = set()
    for folder in folders:
        for path in (root / folder).rglob("*"):
            relative = path.relative_to(root)
            if SKIPPED & set(relative.parts[:-1]) or not path.is_file() or path.is_symlink():
                continue
            if path.suffix in suffixes:
                found.add(relative)
    return sorted(found)


def code(root):
    """Our C++ files."""
    return files(root, CODE, FOLDERS)


def read(root, relative):
    return (pathlib.Path(root) / relative).read_text(encoding="utf-8", errors="replace")


_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])+\'',
    re.DOTALL,
)


def blanked(text):
    """The same text with comments, strings and characters blank; lines stay where they are."""

    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())

    return _TOKEN.sub(blank, text)


def main(check):
    """Runs check(root), which yields (file, line, message); exit status 1 if it found anything."""
    root = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    findings = list(check(root))
    for file, line, message in findings:
        print(f"{file}:{line}: error: {message}")
    sys.exit(1 if findings else 0)
