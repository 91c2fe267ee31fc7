"""Lint: includes follow the arrows core <- comm <- io <- {md, ml} <- apps; apps/bridge alone may join md and ml.

Usage: arrows.py [root]
SPDX-License-Identifier: Apache-2.0
"""

import re

import sources

ALLOWED = {
    "core": {"core"},
    "comm": {"core", "comm"},
    "io": {"core", "comm", "io"},
    "md": {"core", "comm", "io", "md"},
    "ml": {"core", "comm", "io", "ml"},
    "apps": {"core", "comm", "io", "md", "ml", "apps"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def check(root):
    for file in sources.code(root):
        folder = file.parts[0]
        if folder not in ALLOWED:
            continue
        text = sources.read(root, file)
        used = set()
        for match in INCLUDE.finditer(text):
            line = text.count("\n", 0, match.start(2)) + 1
            quote, path = match.groups()
            target = path.split("/")[0]
            if quote == '"' and (target not in ALLOWED or "/" not in path or ".." in path):
                yield file, line, f'"{path}" is not written from the root, e.g. "core/error.hpp"'
            elif target in ALLOWED and target not in ALLOWED[folder]:
                yield file, line, f"{folder}/ must not include {target}/ ({path})"
            used.add(target)
        joins = {"md", "ml"} <= used
        if folder == "apps" and joins and file.parts[:2] != ("apps", "bridge"):
            yield file, 1, "includes md/ and ml/ together; only apps/bridge/ may"


if __name__ == "__main__":
    sources.main(check)
