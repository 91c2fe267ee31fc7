"""The part of scripts/bench that compares training with PyTorch; see there.

For each case and number of threads, both programs run in turn, several times, on the same batch: ours first without dropout, to
compare loss and gradients from the same parameters, then as the input says. PyTorch comes from PyPI into
${R1_CACHE:-~/.cache/r1}/torch, is run stock and tuned (a library that lets MKL take its fast path on any processor, an allocator that
gives nothing back to the system, channels last for convolutions); environment variables that slow down OpenBLAS are taken away from both.
SPDX-License-Identifier: Apache-2.0
"""

import json
import math
import os
import random
import re
import statistics
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("R1_CACHE", Path.home() / ".cache" / "r1"))
PROGRAM = SOURCE / "build" / "release" / "tests" / "bench" / "bench_training"
EXAMPLES = {"cnn": "mnist_cnn.yaml", "gpt": "char_lm.yaml"}
RESNET = """r1train: 1
data: {train: {idx: {images: images.idx, labels: labels.idx}}}
model: {resnet: {depth: 18, classes: 10}}
optimizer: {sgd: {momentum: 0.9}}
training: {steps: 1, batch_size: 16}
"""
RESNET_IMAGES = (16, 3, 112, 112)
CASES = (*EXAMPLES, "resnet")
MOST_LOSS_DIFFERENCE = 1e-5
# Of gradients, by their norm: sums of thousands of products in another order. Among the ten million activations of the residual network
# are some so close to 0 that rounding decides whether ReLU lets them through; each changes the gradients ahead of it by some thousandths.
MOST_DIFFERENCE = {"cnn": 1e-4, "gpt": 1e-4, "resnet": 2e-2}
SECONDS = 4.0  # of one run


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


def idx(extents, values):
    """An IDX file of bytes: two zero bytes, the element type, the number of axes, extents, elements."""
    return bytes([0, 0, 8, len(extents)]) + struct.pack(f">{len(extents)}I", *extents) + bytes(values)


def input_of(case, folder):
    """The text of the input, whose paths are absolute or of files in `folder`."""
    if case in EXAMPLES:
        text = (SOURCE / "inputs" / EXAMPLES[case]).read_text(encoding="utf-8")
        return text.replace("data/", f"{SOURCE}/inputs/data/")
    samples = RESNET_IMAGES[0]
    (folder / "images.idx").write_bytes(idx(RESNET_IMAGES, random.Random(1).randbytes(math.prod(RESNET_IMAGES))))
    (folder / "labels.idx").write_bytes(idx((samples,), [k % 10 for k in range(samples)]))
    return RESNET


def without_dropout(text):
    return re.sub(r"dropout: [0-9.]+", "dropout: 0", text)


def compare(case, threads, pairs, folder):
    timed, check = folder / f"{case}.yaml", folder / f"{case}_check.yaml"
    timed.write_text(input_of(case, folder), encoding="utf-8")
    check.write_text(without_dropout(timed.read_text(encoding="utf-8")), encoding="utf-8")
    reference = folder / f"{case}_{threads}"
    reference.mkdir()
    run([PROGRAM, check, reference, 0], environment(threads))
    python, peer = torch(), SOURCE / "scripts" / "torch_step.py"
    library = shim(folder)
    ours, theirs = [], {"stock": [], "tuned": []}
    scratch = folder / f"{case}_{threads}_timed"
    scratch.mkdir()
    for _ in range(pairs):
        ours.append(run([PROGRAM, timed, scratch, SECONDS], environment(threads)))
        for tuning in theirs:
            values = environment(threads, library if tuning == "tuned" else None)
            theirs[tuning].append(run([python, peer, case, reference, tuning, SECONDS], values))
    report(case, threads, ours, theirs)


def report(case, threads, ours, theirs):
    first = theirs["stock"][0]
    print(f"{case}, {threads} thread(s): loss differs by {first['loss_difference']:.1e}, "
          f"gradients by {first['gradient_difference']:.1e}, half of them by less than {first['median_difference']:.1e}")
    if first["loss_difference"] > MOST_LOSS_DIFFERENCE or first["gradient_difference"] > MOST_DIFFERENCE[case]:
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
            if case not in CASES:
                sys.exit(f"unknown case '{case}'; there are {', '.join(CASES)}")
            for threads in (1, 2):
                compare(case, threads, pairs, Path(scratch))
