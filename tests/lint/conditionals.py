"""Lint: no conditional compilation outside core/device.hpp; a backend is chosen by the file that CMake links.

Usage: conditionals.py [root]
SPDX-License-Identifier: Apache-2.0
"""

import re

import sources

EXEMPT = {"core/device.hpp"}
CONDITIONAL = re.compile(r"^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|else)\b.*$", re.MULTILINE)


def is_include_guard(text, match):
    """#ifndef X directly followed by #define X."""
    guard = re.match(r"[ \t]*#[ \t]*ifndef[ \t]+(\w+)\s*\n[ \t]*#[ \t]*define[ \t]+(\w+)", text[match.start():])
    return guard is not None and guard.group(1) == guard.group(2)


def check(root):
    for file in sources.code(root):
        if file.as_posix() in EXEMPT:
            continue
        text = sources.blanked(sources.read(root, file))
        for match in CONDITIONAL.finditer(text):
            if is_include_guard(text, match):
                continue
            line = text.count("\n", 0, match.start()) + 1
            yield file, line, f"'{match.group().strip()}': choose the file in CMake instead"


if __name__ == "__main__":
    sources.main(check)
