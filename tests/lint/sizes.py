"""Lint: files of at most 400 lines, functions of at most 40, an app's main of at most 60.

A file whose first lines say '// Longer than 400 lines: <reason>' may have 600. A function that needs more carries
'// Long: <reason>' in the comment directly above it. A function is counted from the line of its opening brace to that of
its closing brace.

Usage: sizes.py [root]
SPDX-License-Identifier: Apache-2.0
"""

import re

import sources

FILE_LINES, LONG_FILE_LINES = 400, 600
FUNCTION_LINES, MAIN_LINES = 40, 60
SCRIPTS = {".py", ".sh", ""}
LONG_FILE = re.compile(r"(//|#) Longer than 400 lines: \S")
LONG_FUNCTION = re.compile(r"// Long: \S")
NOT_FUNCTIONS = re.compile(r"^(if|for|while|switch|catch|else|do|try|return|namespace|class|struct|union|enum|extern)\b")


def check_file(root, file):
    text = sources.read(root, file)
    lines = text.count("\n")
    if lines <= FILE_LINES:
        return
    has_reason = LONG_FILE.search("\n".join(text.splitlines()[:14]))
    if not has_reason:
        yield file, 1, f"{lines} lines, at most {FILE_LINES} (or a reason: '// Longer than 400 lines: ...')"
    elif lines > LONG_FILE_LINES:
        yield file, 1, f"{lines} lines, at most {LONG_FILE_LINES} even with a reason"


def heads(text):
    """(start of head, opening brace, closing brace) of every braced block in order; offsets into text."""
    stack, blocks, head_start, depth = [], [], 0, 0
    for match in re.finditer(r"[{}();]", text):
        offset, character = match.start(), match.group()
        if character == "(":
            depth += 1
        elif character == ")":
            depth = max(0, depth - 1)
        elif character == ";" and depth == 0:
            head_start = offset + 1
        elif character == "{":
            # In this style a body's brace follows a space; T{...} and a brace within parentheses are values.
            is_value = depth > 0 or (offset > 0 and re.match(r"[\w>]", text[offset - 1]) is not None)
            stack.append((head_start, offset, depth, is_value))
            head_start, depth = offset + 1, 0
        elif character == "}" and stack:
            start, opening, depth, is_value = stack.pop()
            if is_value:
                head_start = start
            else:
                blocks.append((start, opening, offset))
                head_start = offset + 1
    return sorted(blocks, key=lambda block: block[1])


def is_function(head):
    """Does the text before a brace look like a function's head?"""
    head = re.sub(r"^\s*#.*$", "", head, flags=re.MULTILINE)
    head = re.sub(r"\b(public|private|protected)\s*:", "", head).strip()
    head = re.sub(r"^(template\s*<[^{}]*?>\s*(requires[^{}]*?)?)+(?=\w)", "", head)
    head = re.sub(r"\boperator\s*[^\w\s(]+", "operator_", head)
    if "(" not in head or NOT_FUNCTIONS.match(head) or head.endswith((",", "(", "=", "return")):
        return False
    return "=" not in head.split("(")[0]


def comment_above(text, line):
    """The comment lines directly above a line (1-based)."""
    lines = text.splitlines()[: line - 1]
    above = []
    while lines and lines[-1].lstrip().startswith(("//", "template", "[[")):
        above.append(lines.pop())
    return "\n".join(above)


def check_functions(root, file):
    text = sources.read(root, file)
    bare = re.sub(r"^[ \t]*#.*(\\\n.*)*$", lambda m: re.sub(r"[^\n]", " ", m.group()), sources.blanked(text), flags=re.MULTILINE)
    inside_until = -1
    for start, opening, closing in heads(bare):
        head = bare[start:opening]
        if opening < inside_until or not is_function(head):
            continue
        inside_until = closing
        length = text.count("\n", opening, closing) + 1
        name = re.search(r"([~\w:]+)\s*\(", head)
        limit = MAIN_LINES if name and name.group(1) == "main" and file.parts[0] == "apps" else FUNCTION_LINES
        line = text.count("\n", 0, start + len(head) - len(head.lstrip())) + 1
        if length > limit and not LONG_FUNCTION.search(comment_above(text, line)):
            shown = name.group(1) if name else "function"
            yield file, line, f"{shown} has {length} lines, at most {limit} (or a reason: '// Long: ...' above it)"


def check(root):
    for file in sources.code(root):
        yield from check_file(root, file)
        yield from check_functions(root, file)
    for file in sources.files(root, SCRIPTS, ("scripts", "tests")):
        yield from check_file(root, file)


if __name__ == "__main__":
    sources.main(check)
