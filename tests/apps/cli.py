"""What the tests of the programs' command lines share: running one, scratch folders, tables of results, a small input of r1md.

SPDX-License-Identifier: Apache-2.0
"""

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
INPUTS = SOURCE / "inputs"
SKIPPED = 77

SMALL = """r1md: 1
units: lj
system:
  lattice: {type: fcc, density: 0.8442, repeat: [5, 5, 5], species: A}
  species: [{name: A, mass: 1.0}]
  velocities: {temperature: 1.44}
potential:
  - lennard_jones:
      cutoff: 2.5
      pairs: [{species: [A, A], epsilon: 1.0, sigma: 1.0}]
run:
  - dynamics: {steps: 20, timestep: 0.005}
output:
  thermo: {every: 10}
"""


class Result:
    def __init__(self, done, seconds):
        self.code, self.out, self.err, self.seconds = done.returncode, done.stdout, done.stderr, seconds

    def __repr__(self):
        return f"exit code {self.code}\nstdout:\n{self.out}\nstderr:\n{self.err}"


class Program:
    """r1md or r1train as the tests start it: Program(path_of_program, mpirun_or_None)."""

    def __init__(self, path, launcher=None):
        self.path, self.launcher = path, launcher

    def __call__(self, *arguments, ranks=1, folder=None, environment=None):
        command = [self.path, *map(str, arguments)]
        if ranks > 1:
            command = [self.launcher, "-n", str(ranks), *command]
        start = time.monotonic()
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300,
                              env={**os.environ, **(environment or {})}, check=False)
        return Result(done, time.monotonic() - start)

    def is_sanitized(self):
        """Built with a sanitizer, which takes memory and time of its own."""
        return "sanitize" in json.loads(self("--version", "--json").out)["flags"]


def program_of_arguments():
    """The program under test, from the command line: program [mpirun]."""
    return Program(os.path.abspath(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)


class Scratch:
    """A folder that is gone afterwards."""

    def __enter__(self):
        self.path = Path(tempfile.mkdtemp(prefix="r1_cli_"))
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def numbers(path):
    """Rows of a CSV file as dictionaries of numbers."""
    with open(path, newline="", encoding="utf-8") as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]


def thermo(folder):
    return numbers(Path(folder) / "thermo.csv")


def metrics(folder):
    return numbers(Path(folder) / "metrics.csv")


def events(folder):
    """The lines of run.jsonl."""
    return [json.loads(line) for line in (Path(folder) / "run.jsonl").read_text(encoding="utf-8").splitlines()]


def summary(folder):
    return json.loads((Path(folder) / "summary.json").read_text(encoding="utf-8"))


def check(condition, *facts):
    if not condition:
        raise AssertionError("\n".join(str(fact) for fact in facts) or "check failed")


def near(found, expected, tolerance, what=""):
    check(abs(found - expected) <= tolerance, f"{what}: found {found!r}, expected {expected!r} +- {tolerance}")


def run_mistakes(mistakes):
    """Tries each of (name, what to try, which returns the program's message) and reports those that fail."""
    failed = count = 0
    for name, attempt in mistakes:
        count += 1
        try:
            print(f"{name}: {attempt()}")
        except AssertionError as error:
            failed += 1
            print(f"FAILED {error}\n")
    print(f"{count} mistakes, {failed} not reported well")
    sys.exit(1 if failed else 0)


def run_tests(namespace):
    """Runs every function named test_* and reports all failures."""
    failed = 0
    for name, test in list(namespace.items()):
        if not name.startswith("test_"):
            continue
        try:
            test()
            print(f"ok    {name}")
        except AssertionError as error:
            failed += 1
            print(f"FAILED {name}\n{error}\n")
    sys.exit(1 if failed else 0)
