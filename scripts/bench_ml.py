"""The part of scripts/bench that compares training with PyTorch; see there.

For each case and number of threads, both programs run in turn, several times, on the same batch: ours first without dropout, to
compare loss and gradients from the same parameters, then as the input says. PyTorch comes from PyPI into
${R1_CACHE:-~/.cache/r1}/torch, is run stock and tuned (a library that lets MKL take its fast path on any processor, an allocator that
gives nothing back to the system, channels last for convolutions); environment variables that slow down OpenBLAS are taken away from both.
SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("R1_CACHE", Path.home() / ".cache" / "r1"))
PROGRAM = SOURCE / "build" / "release" / "tests" / "bench" / "bench_training"
INPUTS = {"cnn": ("mnist_cnn.yaml", ["0.25", "0.5"]), "gpt": ("char_lm.yaml", [])}
MOST_DIFFERENCE = 1e-4  # of gradients, by their norm: sums of thousands of products in another order
SECONDS = 4.0           # of one run


def torch():
    """Python of a virtual environment with PyTorch, made once."""
    venv = CACHE / "torch"
    if not (venv / "complete").exists():
        print("installing PyTorch from PyPI (some GB) ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
        subprocess.run([venv / "bin" / "pip", "install", "-q", "torch", "numpy"], check=True)
        (venv / "complete").touch()
    return venv / "bin" / "python"


def shim(folder):
    """A library whose answer lets MKL choose its code by what the processor can do, not by who made it."""
    source, library = folder / "shim.c", folder / "shim.so"
    source.write_text("int mkl_serv_intel_cpu_true(void) { return 1; }\n")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    return library


def environment(threads, tuned=None):
    values = {**os.environ, "OMP_NUM_THREADS": str(threads), "OMP_PROC_BIND": "false"}
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        values.pop(name, None)
    if tuned:
        values |= {"LD_PRELOAD": str(tuned), "MALLOC_MMAP_THRESHOLD_": "1000000000",
                   "MALLOC_TRIM_THRESHOLD_": "10000000000"}
    return values


def run(command, values):
    done = subprocess.run([str(word) for word in command], env=values, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{done.stderr}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def without_dropout(case, folder):
    """The input with dropout 0, beside the data that it names."""
    name, rates = INPUTS[case]
    text = (SOURCE / "inputs" / name).read_text(encoding="utf-8")
    for rate in rates:
        text = text.replace(f"dropout: {rate}", "dropout: 0")
    return text.replace("data/", f"{SOURCE}/inputs/data/"), folder / f"{case}_check.yaml"


def compare(case, threads, pairs, folder):
    text, check = without_dropout(case, folder)
    check.write_text(text, encoding="utf-8")
    reference = folder / f"{case}_{threads}"
    reference.mkdir()
    run([PROGRAM, check, reference, 0], environment(threads))
    python, peer = torch(), SOURCE / "scripts" / "torch_step.py"
    library = shim(folder)
    ours, theirs = [], {"stock": [], "tuned": []}
    scratch = folder / f"{case}_{threads}_timed"
    scratch.mkdir()
    for _ in range(pairs):
        ours.append(run([PROGRAM, SOURCE / "inputs" / INPUTS[case][0], scratch, SECONDS], environment(threads)))
        for tuning in theirs:
            values = environment(threads, library if tuning == "tuned" else None)
            theirs[tuning].append(run([python, peer, case, reference, tuning, SECONDS], values))
    report(case, threads, ours, theirs)


def report(case, threads, ours, theirs):
    first = theirs["stock"][0]
    print(f"{case}, {threads} thread(s): loss differs by {first['loss_difference']:.1e}, "
          f"gradients by {first['gradient_difference']:.1e}")
    if first["gradient_difference"] > MOST_DIFFERENCE:
        sys.exit("the two programs do not compute the same")
    milliseconds = lambda runs: [1e3 * r["seconds_per_step"] for r in runs]
    mine = milliseconds(ours)
    print(f"  r1            {statistics.median(mine):8.2f} ms   ({min(mine):.2f} to {max(mine):.2f}), "
          f"peak {ours[0]['peak_kilobytes'] / 1024:.0f} MiB, arena {ours[0]['arena_bytes'] / 2**20:.1f} MiB")
    for tuning, runs in theirs.items():
        times = milliseconds(runs)
        ratio = statistics.median(t / m for t, m in zip(times, mine))
        print(f"  torch {tuning}   {statistics.median(times):8.2f} ms   ({min(times):.2f} to {max(times):.2f}), "
              f"peak {runs[0]['peak_kilobytes'] / 1024:.0f} MiB   ratio {ratio:.2f}")


def main(cases, pairs):
    if not PROGRAM.exists():
        sys.exit(f"{PROGRAM} is not there; run scripts/build first")
    subprocess.run([SOURCE / "scripts" / "example_data"], check=True)
    with tempfile.TemporaryDirectory() as scratch:
        for case in cases:
            if case not in INPUTS:
                sys.exit(f"unknown case '{case}'; there are {', '.join(INPUTS)}")
            for threads in (1, 2):
                compare(case, threads, pairs, Path(scratch))
