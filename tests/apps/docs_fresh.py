"""The description of a program's input and its schema in docs/ are what the program makes of its schema today, and the schema
accepts the examples and templates.

Usage: docs_fresh.py program
SPDX-License-Identifier: Apache-2.0
"""

import json
import re
from pathlib import Path

from cli import INPUTS, SOURCE, check, program_of_arguments, run_tests

program = program_of_arguments()
NAME = Path(program.path).stem
DESCRIPTION = {"r1md": "docs/config.md", "r1train": "docs/train_config.md"}[NAME]
SCHEMA = f"docs/{NAME}.schema.json"
TEMPLATES = {"r1md": ("lj", "eam"), "r1train": ("cnn", "gpt", "table")}[NAME]


def same(path, option):
    result = program(option)
    check(result.code == 0, result)
    check((SOURCE / path).read_text(encoding="utf-8") == result.out, f"{path} is old: {NAME} {option} > {path}")


def yaml_reader():
    """PyYAML, told that 1e-3 is a number, as YAML 1.2 has it."""
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    number = re.compile(r"^[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$")
    Loader.add_implicit_resolver("tag:yaml.org,2002:float", number, list("-+.0123456789"))
    return lambda text: yaml.load(text, Loader)


def test_the_description_is_fresh():
    same(DESCRIPTION, "--schema=markdown")


def test_the_schema_is_fresh():
    same(SCHEMA, "--schema")


def test_the_schema_is_of_draft_7():
    schema = json.loads((SOURCE / SCHEMA).read_text(encoding="utf-8"))
    check("draft-07" in schema["$schema"] and NAME in schema["required"], schema["$schema"])


def test_the_schema_accepts_examples_and_templates_and_no_unknown_key():
    try:
        from jsonschema import Draft7Validator
        read = yaml_reader()
    except ImportError as error:
        print(f"      left out: {error}")
        return
    schema = json.loads((SOURCE / SCHEMA).read_text(encoding="utf-8"))
    Draft7Validator.check_schema(schema)
    validator = Draft7Validator(schema)
    texts = {name: program("--template", name).out for name in TEMPLATES}
    texts.update((path.name, path.read_text(encoding="utf-8")) for path in sorted(INPUTS.glob("*.yaml")))
    for name, text in texts.items():
        document = read(text)
        if NAME not in document:   # an example of another program
            continue
        faults = [fault.message for fault in validator.iter_errors(document)]
        check(not faults, name, *faults)
        check(not validator.is_valid({**document, "nonsense": 1}), f"{name}: an unknown key is accepted")


run_tests(globals())
