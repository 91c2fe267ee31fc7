"""The part of scripts/bench that measures training, most of it beside PyTorch; see there.

cnn, gpt, resnet, force: for each number of threads, both programs run in turn, several times, on the same batch (atoms): ours first without
dropout, to compare loss and gradients from the same parameters, then as the input says. PyTorch comes from PyPI into
${R1_CACHE:-~/.cache/r1}/torch, is run stock and tuned (a library that lets MKL take its fast path on any processor, an allocator that
gives nothing back to the system, channels last for convolutions), of `force` stock and with the sum over edges before the matrix;
environment variables that slow down OpenBLAS are taken away from both.
cnn, gpt, resnet: the peak memory of both processes, and how much of it comes with the batch: beside that of a batch of one.
On a GPU (--device cuda): the programs of the preset cuda, once; PyTorch stock (TF32 in convolutions), without TF32, which is what we
compute, and that as one CUDA graph; the memory of the device.
chain: the bandwidth of a fused chain beside STREAM's triad.
dispatch: what a plan costs a node beside its kernels.
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
EXAMPLES = {"cnn": "mnist_cnn.yaml", "gpt": "char_lm.yaml"}
RESNET = """r1train: 1
data: {train: {idx: {images: images.idx, labels: labels.idx}}}
model: {resnet: {depth: 18, classes: 10}}
optimizer: {sgd: {momentum: 0.9}}
training: {steps: 1, batch_size: 16}
"""
RESNET_IMAGES = (16, 3, 112, 112)
CASES = ["cnn", "gpt", "resnet", "force", "chain", "dispatch"]
MOST_LOSS_DIFFERENCE = 1e-5
# Of gradients, by their norm: sums of thousands of products in another order. Among the ten million activations of the residual network
# are some so close to 0 that rounding decides whether ReLU lets them through; each changes the gradients ahead of it by some thousandths.
MOST_DIFFERENCE = {"cnn": 1e-4, "gpt": 1e-4, "resnet": 2e-2}
MOST_FORCE_DIFFERENCE = 1e-5
ATOMS, EDGES_OF_AN_ATOM = 2000, 40
SECONDS = 4.0           # of one run
CACHE_OF_A_GPU = 64 * 2**20   # bytes, no less than any has


class Device:
    def __init__(self, name):
        self.name = name
        self.programs = Path(os.environ.get("R1_BENCH_PROGRAMS", SOURCE / "build" / PRESETS[name] / "tests" / "bench"))
        self.threads = [1, 2] if name == "host" else [1]
        self.tunings = ["stock", "tuned"] if name == "host" else ["stock", "fp32", "graph"]
        self.argument = [] if name == "host" else [name]   # of the peer's programs

    def title(self, case, threads):
        return f"{case}, {threads} thread(s)" if self.name == "host" else f"{case}, {self.name}"


PRESETS = {"host": "release", "cuda": "cuda"}


def torch():
    """A Python with PyTorch: that of $R1_TORCH_PYTHON, else of a virtual environment made once."""
    if "R1_TORCH_PYTHON" in os.environ:
        return os.environ["R1_TORCH_PYTHON"]
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
    """The text of the input; its paths are absolute, or those of files that are written to `folder`."""
    if case in EXAMPLES:
        text = (SOURCE / "inputs" / EXAMPLES[case]).read_text(encoding="utf-8")
        return text.replace("data/", f"{SOURCE}/inputs/data/")
    samples = RESNET_IMAGES[0]
    (folder / "images.idx").write_bytes(idx(RESNET_IMAGES, random.Random(1).randbytes(math.prod(RESNET_IMAGES))))
    (folder / "labels.idx").write_bytes(idx((samples,), [k % 10 for k in range(samples)]))
    return RESNET


def changed_input(case, path, batch=None, dropout=True):
    """The input beside the data that it names, without dropout or with another batch size."""
    text = input_of(case, path.parent)
    if not dropout:
        text = re.sub(r"dropout: [0-9.]+", "dropout: 0", text)
    if batch:
        text = re.sub(r"batch_size: \d+", f"batch_size: {batch}", text)
    path.write_text(text, encoding="utf-8")
    return path


def write_reference(device, case, folder, batch=None):
    """A folder with parameters, a batch and what comes of it."""
    folder.mkdir()
    check = changed_input(case, folder / "check.yaml", batch, dropout=False)
    subprocess.run([device.programs / "bench_training", check, "write", folder], env=environment(1), check=True)
    return folder


def time_ours(device, case, threads, folder, batch=None):
    text = changed_input(case, folder / "timed.yaml", batch)
    return run([device.programs / "bench_training", text, "time", SECONDS], environment(threads))


def compare(device, case, threads, pairs, folder):
    python, peer, library = torch(), SOURCE / "scripts" / "torch_step.py", shim(folder)
    reference = write_reference(device, case, folder / f"{case}_{threads}")
    ours, theirs = [], {tuning: [] for tuning in device.tunings}
    for _ in range(pairs):
        ours.append(time_ours(device, case, threads, folder))
        for tuning in theirs:
            values = environment(threads, library if tuning == "tuned" else None)
            theirs[tuning].append(run([python, peer, case, reference, tuning, SECONDS, *device.argument], values))
    report(device.title(case, threads), ours, theirs, MOST_DIFFERENCE[case])
    if device.name == "host":
        memory(device, case, threads, folder, ours, theirs["stock"])


def memory(device, case, threads, folder, ours, theirs):
    """What the batch adds to a process of a batch of one."""
    one = write_reference(device, case, folder / f"{case}_{threads}_one", batch=1)
    peer = [torch(), SOURCE / "scripts" / "torch_step.py", case, one, "stock", SECONDS]
    small = {"r1": time_ours(device, case, threads, folder, batch=1), "torch": run(peer, environment(threads))}
    full = {"r1": ours[0], "torch": theirs[0]}
    peak = lambda result: result["peak_kilobytes"] / 1024
    growth = {name: peak(full[name]) - peak(small[name]) for name in full}
    for name in full:
        print(f"  {name:13} peak {peak(small[name]):.0f} MiB for a batch of one, {growth[name]:.1f} MiB more for a full one")
    # Where reading the data takes more memory than a step of one, a process' peak grows by less than the arena does: both are told.
    arena = (full["r1"]["arena_bytes"] - small["r1"]["arena_bytes"]) / 2**20
    print(f"  growth over torch's: of our process {growth['r1'] / growth['torch']:.2f}, of our arena {arena / growth['torch']:.2f}", flush=True)


def compare_force(device, threads, pairs, folder):
    python, peer = torch(), SOURCE / "scripts" / "torch_forces.py"
    reference = folder / f"force_{threads}"
    reference.mkdir()
    ours, theirs = [], {"plain": [], "segment_first": []}
    for _ in range(pairs):
        ours.append(run([device.programs / "bench_forces", ATOMS, EDGES_OF_AN_ATOM, SECONDS / 2, reference], environment(threads)))
        for order in theirs:
            theirs[order].append(run([python, peer, reference, order, SECONDS, *device.argument], environment(threads)))
    report(device.title(f"force, {ATOMS} atoms, {ATOMS * EDGES_OF_AN_ATOM} edges", threads), ours, theirs, MOST_FORCE_DIFFERENCE)
    for way in ours[0]["seconds_of_ways"]:
        times = [1e3 * r["seconds_of_ways"][way] for r in ours]
        print(f"  r1, {way:22} {statistics.median(times):8.2f} ms")


def report(title, ours, theirs, most_difference):
    first = next(iter(theirs.values()))[0]
    half = f", half of them by less than {first['median_difference']:.1e}" if "median_difference" in first else ""
    print(f"{title}: loss differs by {first['loss_difference']:.1e}, gradients by {first['gradient_difference']:.1e}{half}")
    for runs in theirs.values():
        if any(r["loss_difference"] > MOST_LOSS_DIFFERENCE or r["gradient_difference"] > most_difference for r in runs):
            sys.exit("the two programs do not compute the same")
    milliseconds = lambda runs: [1e3 * r["seconds_per_step"] for r in runs]
    mine = milliseconds(ours)
    arena = f", arena {ours[0]['arena_bytes'] / 2**20:.1f} MiB" if "arena_bytes" in ours[0] else ""
    print(f"  r1                  {statistics.median(mine):8.2f} ms   ({min(mine):.2f} to {max(mine):.2f}), "
          f"peak {ours[0]['peak_kilobytes'] / 1024:.0f} MiB{arena}")
    for kind, runs in theirs.items():
        times = milliseconds(runs)
        ratio = statistics.median(t / m for t, m in zip(times, mine))
        on_device = f", {runs[0]['device_bytes'] / 2**20:.1f} MiB of the device" if "device_bytes" in runs[0] else ""
        print(f"  torch {kind:13} {statistics.median(times):8.2f} ms   ({min(times):.2f} to {max(times):.2f}), "
              f"peak {runs[0]['peak_kilobytes'] / 1024:.0f} MiB{on_device}   ratio {ratio:.2f}", flush=True)


def chain(device, threads, pairs):
    cache = [] if device.name == "host" else [CACHE_OF_A_GPU]
    runs = [run([device.programs / "bench_bandwidth", SECONDS, *cache], environment(threads)) for _ in range(pairs)]
    middle = lambda key: statistics.median(r[key] for r in runs)
    ratio = statistics.median(r["chain"] / r["triad"] for r in runs)
    title = device.title(f"chain of {runs[0]['operations']} operations", threads)
    print(f"{title}: {middle('chain'):.1f} GB/s, STREAM triad {middle('triad'):.1f} GB/s: "
          f"{100 * ratio:.0f} %; in the cache {middle('chain_in_cache'):.1f} and {middle('triad_in_cache'):.1f} GB/s", flush=True)


def dispatch(device, pairs):
    runs = [run([device.programs / "bench_dispatch", SOURCE / "inputs" / "char_lm.yaml", SECONDS], environment(1)) for _ in range(pairs)]
    cost = statistics.median(r["microseconds_per_node"] for r in runs)
    print(f"dispatch: {runs[0]['nodes']} nodes of the training step of char_lm.yaml without their kernels: {cost:.4f} microseconds each", flush=True)


def main(cases, pairs, device_name):
    cases, device = cases or CASES, Device(device_name)
    for case in cases:
        if case not in CASES:
            sys.exit(f"unknown case '{case}'; there are {', '.join(CASES)}")
    if not (device.programs / "bench_training").exists():
        sys.exit(f"{device.programs}/bench_training is not there; run scripts/build {PRESETS[device_name]} first")
    subprocess.run([SOURCE / "scripts" / "example_data"], check=True)
    with tempfile.TemporaryDirectory() as scratch:
        for case in cases:
            if case == "dispatch":
                dispatch(device, pairs)
                continue
            for threads in device.threads:
                if case == "chain":
                    chain(device, threads, pairs)
                elif case == "force":
                    compare_force(device, threads, pairs, Path(scratch))
                else:
                    compare(device, case, threads, pairs, Path(scratch))
