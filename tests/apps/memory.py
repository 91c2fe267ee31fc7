"""The memory that --dry-run predicts is what a run takes: within 20 % for 108,000 atoms on a rank, with and without outputs.

Usage: memory.py r1md
SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import re
import subprocess
import sys

from cli import INPUTS, SKIPPED, Scratch, check, program_of_arguments, run_tests

TOLERANCE = 0.2
SIZE = ("--set", "system.lattice.repeat=[30, 30, 30]", "--set", "run[0].dynamics.steps=20", "--threads", "1")
PLAIN = ("--set", "output.trajectory=none", "--set", "output.observables=[]")
BYTES = {"kB": 1e3, "MB": 1e6, "GB": 1e9}

r1md = program_of_arguments()
facts = json.loads(r1md("--version", "--json").out)
if r1md.is_sanitized():
    print("skipped: a sanitizer takes memory of its own")
    sys.exit(SKIPPED)
if not {"OPENMP", "SERIAL"} >= set(facts["kokkos"]["devices"].split(",")):
    print("skipped: atoms are in the memory of the device")
    sys.exit(SKIPPED)


def resident_peak(folder, arguments):
    """Largest resident memory of one run [bytes]: os.wait4 tells it for this child alone."""
    process = subprocess.Popen([r1md.path, *arguments], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    check(process.returncode == 0, f"exit code {process.returncode}")
    return usage.ru_maxrss * 1024


def compare(name, *changes):
    with Scratch() as folder:
        arguments = [str(INPUTS / "lj_melt.yaml"), *SIZE, *changes]
        dry = r1md(*arguments, "--dry-run", folder=folder)
        found = re.search(r"memory per rank +([\d.]+) ([kMG]B)", dry.out)
        check(dry.code == 0 and found, dry)
        predicted = float(found.group(1)) * BYTES[found.group(2)]
        measured = resident_peak(folder, arguments)
        print(f"      {name}: predicted {predicted / 1e6:.1f} MB, measured {measured / 1e6:.1f} MB")
        check(abs(predicted / measured - 1) <= TOLERANCE, f"{name}: {predicted:.4g} against {measured:.4g} bytes")


def test_without_outputs():
    compare("without outputs", *PLAIN)


def test_with_observables():
    compare("with observables", *PLAIN[:2])


def test_with_all_outputs():
    compare("with all outputs")


run_tests(globals())
