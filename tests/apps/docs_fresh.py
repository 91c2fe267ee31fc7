"""docs/config.md and docs/r1md.schema.json are what r1md makes of its schema today, and the schema accepts the examples.

Usage: docs_fresh.py r1md
SPDX-License-Identifier: Apache-2.0
"""

import json

from cli import SOURCE, check, program_of_arguments, run_tests

r1md = program_of_arguments()


def same(path, option):
    result = r1md(option)
    check(result.code == 0, result)
    check((SOURCE / path).read_text(encoding="utf-8") == result.out, f"{path} is old: r1md {option} > {path}")


def test_the_description_is_fresh():
    same("docs/config.md", "--schema=markdown")


def test_the_schema_is_fresh():
    same("docs/r1md.schema.json", "--schema")


def test_the_schema_is_of_draft_7():
    schema = json.loads((SOURCE / "docs/r1md.schema.json").read_text(encoding="utf-8"))
    check("draft-07" in schema["$schema"] and "r1md" in schema["required"], schema["$schema"])


run_tests(globals())
