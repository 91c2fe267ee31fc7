"""The examples of r1train in inputs/ are valid with real and with stand-in data, and shortened runs of them learn.

Usage: train_examples.py r1train NAME
SPDX-License-Identifier: Apache-2.0
"""

import math
import os
import shutil
import subprocess
import sys

from cli import INPUTS, SOURCE, Program, Scratch, check, metrics, near, summary

REAL = SOURCE.parent / "shared" / "data"


def example_data(folder, *options):
    """Runs scripts/example_data for a folder; what it says."""
    done = subprocess.run([SOURCE / "scripts" / "example_data", *options, folder], capture_output=True, text=True,
                          timeout=300, check=False)
    check(done.returncode == 0, done.stdout, done.stderr)
    return done.stdout


def input_beside(data, name):
    """A copy of the example that reads the folder `data`, which is called data."""
    return shutil.copy(INPUTS / f"{name}.yaml", data.parent)


def shortened(training, warmup, steps, rate):
    return ["--set", f"training={{steps: {steps}, validate_every: none, {training}}}",
            "--set", f"schedule={{cosine_warmup: {{warmup_steps: {warmup}, total_steps: {steps}, max_lr: {rate}}}}}",
            "--set", "output.metrics.every=1"]


def mnist_cnn(run):
    rows, result = run(shortened("batch_size: 64", 10, 40, "2e-3"))
    # Before it has learnt anything, each of ten digits is as likely.
    near(rows[0]["loss"], math.log(10), 0.15, "loss at the start")
    last = result["last"]["validation"]
    check(last["loss"] < 0.5 and last["accuracy"] > 0.85, last)   # 0.23 and 0.94 where this was written
    check(result["parameters"] == 1199882, result["parameters"])


def char_lm(run):
    rows, result = run(shortened("batch_size: 12, gradient_clip: 1.0", 10, 50, "2e-3"))
    # All but the token table, 128 wide; its rows are the characters of the text, which are as likely at the start.
    alphabet = (result["parameters"] - 795776) / 128
    near(rows[0]["loss"], math.log(alphabet), 0.1, f"loss at the start, {alphabet} characters")
    check(result["last"]["validation"]["loss"] < 3.3, result["last"])   # 2.87 where this was written


def check_real_data(r1train, name, folder):
    """Links to the real data are valid, and take the place of stand-ins."""
    if not (REAL / "mnist").is_dir() or not (REAL / "tinyshakespeare").is_dir():
        print("no real data beside the project: only stand-ins are looked at")
        return
    said = example_data(folder / "data")
    check(said.count("links to") == 2, said)
    result = r1train("--validate", input_beside(folder / "data", name))
    check(result.code == 0, result)
    said = example_data(folder / "data")
    check(said.count("kept") == 2 and "STAND-IN" not in said, said)


def main():
    r1train, name = Program(os.path.abspath(sys.argv[1])), sys.argv[2]
    with Scratch() as folder:
        said = example_data(folder / "data", "--stand-ins")
        check(said.count("STAND-IN") == 2, said)
        example = input_beside(folder / "data", name)
        result = r1train("--validate", example)
        check(result.code == 0, result)

        def run(options):
            result = r1train(example, *options, folder=folder)
            check(result.code == 0, result)
            print(result.out)
            return metrics(folder / name), summary(folder / name)

        globals()[name](run)
        check_real_data(r1train, name, folder)


main()
