"""Lint: words that have no place in a finished tree: absolute paths of a machine, marks of unfinished work, talk of the
place where the project is made instead of the project.

Usage: words.py [root]
SPDX-License-Identifier: Apache-2.0
"""

import re

import sources

EXEMPT = {"LICENSE", "tests/lint/words.py", "tests/lint/self_test.py"}
FORBIDDEN = [
    (r"(^|[^A-Za-z0-9_.~$}])/(work|root|farm|home|Users|scratch|mnt)/[A-Za-z]", "absolute path of a machine"),
    (r"/tmp/w\b", "absolute path of a machine"),
    (r"(?i)\b(todo|fixme|xxx|hack|stub|not (yet )?implemented|for now)\b", "mark of unfinished work"),
    (r"(?i)\bissues? (#|nr|no\.|number)? ?\d", "number of an issue; say the reason itself"),
    (r"(?i)\bacceptance (criteri\w+|\d)", "talk of how the work was ordered"),
    (r"(?i)\b(this|the|next|last|previous) (brief|work ?session|coding session)\b", "talk of how the work was ordered"),
    (r"(?i)\bshared/(design|recipes|hooks)\b", "path outside the project"),
    (r"\b(house|behaviour|contracts|machine|dynamics|formats_facts|inputs)\.md\b", "document outside the project"),
    (r"(?i)\b(chatgpt|openai|anthropic|claude|copilot|ai assistant|language model)\b", "talk of tools"),
    (r"(?i)\b(pypi\.org|pythonhosted\.org|deb\.debian\.org|artifactory|proxy\.golang)\b", "host name of a registry"),
]
PATTERNS = [(re.compile(pattern), reason) for pattern, reason in FORBIDDEN]


def check(root):
    for file in sources.files(root, sources.TEXT):
        if file.as_posix() in EXEMPT or file.parts[0] == ".git":
            continue
        for number, line in enumerate(sources.read(root, file).splitlines(), 1):
            for pattern, reason in PATTERNS:
                match = pattern.search(line)
                if match:
                    yield file, number, f"'{match.group().strip()}': {reason}"


if __name__ == "__main__":
    sources.main(check)
