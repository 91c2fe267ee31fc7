"""The PyTorch side of the case `force` of scripts/bench ml: a potential's training step on forces, from the same atoms and parameters.

Usage: torch_forces.py FOLDER plain|segment_first SECONDS [DEVICE]     FOLDER: what bench_forces has written; DEVICE: cpu, cuda
segment_first: the sum over edges before the matrix that is the same for all of them, which is the same to rounding and less work.
Prints one JSON line: relative differences of loss and gradients (by the norm of each), seconds of a step, peak memory.
SPDX-License-Identifier: Apache-2.0
"""

import json
import math
import os
import resource
import sys
from pathlib import Path

import numpy as np
import torch

from torch_step import median_seconds


class Step:
    def __init__(self, folder, manifest, order, device):
        def read(name, shape, kind=np.float32):
            return torch.from_numpy(np.fromfile(folder / f"{name}.bin", kind).reshape(shape)).to(device)

        atoms, edges = manifest["atoms"], manifest["edges"]
        self.positions, self.forces = read("positions", (atoms, 3)), read("forces", (atoms, 3))
        self.first, self.second = (read(name, (edges,), np.int32).long() for name in ("first", "second"))
        self.shift, self.cutoff, self.segment_first = read("shift", (edges, 3)), manifest["cutoff"], order == "segment_first"
        self.parameters = {name: read(name, shape).requires_grad_() for name, shape in manifest["parameters"].items()}
        basis = manifest["parameters"]["w0"][0]
        self.width, self.centres = self.cutoff / basis, self.cutoff / basis * (torch.arange(basis, device=device) + 0.5)

    def energy(self, positions):
        between = positions[self.second] - positions[self.first] + self.shift
        r = between.square().sum(1).sqrt()[:, None]
        basis = torch.exp((r - self.centres).square() * (-0.5 / self.width**2)) * (0.5 * torch.cos(r * (math.pi / self.cutoff)) + 0.5)
        w0, w1, w2 = self.parameters.values()
        sums = lambda rows: rows.new_zeros(len(positions), rows.shape[1]).index_add(0, self.first, rows)
        q = sums(basis) @ w0 if self.segment_first else sums(basis @ w0)
        return (torch.tanh(q @ w1) @ w2).sum()

    def __call__(self):
        for parameter in self.parameters.values():
            parameter.grad = None
        positions = self.positions.clone().requires_grad_()
        slope = torch.autograd.grad(self.energy(positions), positions, create_graph=True)[0]
        loss = (-slope - self.forces).square().mean()
        loss.backward()
        return loss.item()


def compare(step, folder, manifest):
    """Relative differences of the loss, and of the gradients: the largest."""
    loss, worst = step(), 0.0
    for name, parameter in step.parameters.items():
        theirs = parameter.grad.double().cpu().numpy()
        ours = np.fromfile(folder / f"gradient_{name}.bin", np.float32).reshape(theirs.shape)
        worst = max(worst, float(np.linalg.norm(ours - theirs) / np.linalg.norm(theirs)))
    return abs(loss - manifest["loss"]) / abs(loss), worst


def main():
    folder, order, seconds = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    device = sys.argv[4] if len(sys.argv) > 4 else "cpu"
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    manifest = json.loads((folder / "manifest.json").read_text())
    step = Step(folder, manifest, order, device)
    loss, gradient = compare(step, folder, manifest)
    print(json.dumps({"loss_difference": loss, "gradient_difference": gradient,
                      "seconds_per_step": median_seconds(step, seconds),
                      "peak_kilobytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


main()
