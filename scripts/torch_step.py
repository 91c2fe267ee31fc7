"""The PyTorch side of scripts/bench ml: the same model, the same parameters, the same batch; loss and gradients first, then steps.

Usage: torch_step.py cnn|gpt|resnet FOLDER TUNING SECONDS [DEVICE]     FOLDER: what bench_training has written
TUNING: stock; tuned (channels last for convolutions); fp32 (without TF32); graph (that, and the step as one CUDA graph). DEVICE: cpu, cuda
Prints one JSON line: relative differences of loss and gradients, seconds of a step, peak memory of the process and of the device.
SPDX-License-Identifier: Apache-2.0
"""

import json
import math
import os
import resource
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


class Cnn(nn.Module):
    """PyTorch's own example for MNIST."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3)
        self.linear1, self.linear2 = nn.Linear(9216, 128), nn.Linear(128, 10)
        self.dropout1, self.dropout2 = nn.Dropout(0.25), nn.Dropout(0.5)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv2(F.relu(self.conv1(x)))), 2)
        x = self.dropout2(F.relu(self.linear1(torch.flatten(self.dropout1(x), 1))))
        return self.linear2(x)

    NAMES = {"conv1": 0, "conv2": 2, "linear1": 7, "linear2": 10}

    def place_of(self, name):
        """(our name, whether ours is the transposed one)"""
        layer, kind = name.split(".")
        return f"{self.NAMES[layer]}.{kind}", layer.startswith("linear") and kind == "weight"

    def batch(self, folder, samples):
        pixels = np.fromfile(folder / "x.bin", np.uint8).astype(np.float32).reshape(samples, 1, 28, 28)
        x = torch.from_numpy((pixels / 255 - 0.1307) / 0.3081)
        return x, torch.from_numpy(np.fromfile(folder / "y.bin", np.int32).astype(np.int64))

    CLIP = None
    CHECKED = "eval"   # no dropout
    OPTIMIZER = staticmethod(lambda parameters: torch.optim.AdamW(parameters, lr=1e-4, weight_decay=0.01))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width, bias=False), nn.LayerNorm(width, bias=False)
        self.qkv, self.projection = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.up, self.down = nn.Linear(width, 4 * width, bias=False), nn.Linear(4 * width, width, bias=False)

    def forward(self, x):
        samples, tokens, width = x.shape
        q, k, v = (part.view(samples, tokens, self.heads, -1).transpose(1, 2)
                   for part in self.qkv(self.norm1(x)).split(width, 2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.projection(y.transpose(1, 2).reshape(samples, tokens, width))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Gpt(nn.Module):
    def __init__(self, layers=4, heads=4, width=128, context=64, vocabulary=65):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        self.blocks = nn.ModuleList([Block(width, heads) for _ in range(layers)])
        self.norm = nn.LayerNorm(width, bias=False)

    def forward(self, tokens):
        x = self.tokens(tokens) + self.positions.weight
        for block in self.blocks:
            x = block(x)
        return self.norm(x) @ self.tokens.weight.T

    PLACES = {"qkv": "attention.qkv.weight", "projection": "attention.projection.weight", "up": "mlp.up.weight",
              "down": "mlp.down.weight", "norm1": "norm1.scale", "norm2": "norm2.scale"}

    def place_of(self, name):
        parts = name.split(".")
        if parts[0] == "blocks":
            return f"{parts[1]}.{self.PLACES[parts[2]]}", not parts[2].startswith("norm")
        return {"tokens": "tokens", "positions": "positions", "norm": "norm.scale"}[parts[0]], False

    def batch(self, folder, samples):
        read = lambda name: torch.from_numpy(np.fromfile(folder / name, np.int32).astype(np.int64).reshape(samples, -1))
        return read("x.bin"), read("y.bin")

    CLIP = 1.0
    CHECKED = "eval"
    OPTIMIZER = staticmethod(lambda parameters: torch.optim.AdamW(parameters, lr=1e-4, weight_decay=0.1, betas=(0.9, 0.99)))


class ConvNorm(nn.Module):
    def __init__(self, channels_in, channels, kernel, stride):
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x):
        return self.norm(self.conv(x))


class ResidualBlock(nn.Module):
    def __init__(self, channels_in, channels, stride):
        super().__init__()
        self.first, self.second = ConvNorm(channels_in, channels, 3, stride), ConvNorm(channels, channels, 3, 1)
        self.projection = ConvNorm(channels_in, channels, 1, stride) if channels_in != channels else nn.Identity()

    def forward(self, x):
        return F.relu(self.second(F.relu(self.first(x))) + self.projection(x))


class Resnet(nn.Module):
    """ResNet-18 (He et al., arXiv:1512.03385)."""

    def __init__(self, channels_in=3, classes=10, side=112):
        super().__init__()
        self.image = (channels_in, side, side)
        self.stem, before = ConvNorm(channels_in, 64, 7, 2), 64
        for stage, channels in enumerate((64, 128, 256, 512), 1):
            blocks = ResidualBlock(before, channels, 2 if stage > 1 else 1), ResidualBlock(channels, channels, 1)
            self.add_module(f"stage{stage}", nn.Sequential(*blocks))
            before = channels
        self.head = nn.Linear(before, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.stem(x)), 3, 2, 1)
        for stage in (self.stage1, self.stage2, self.stage3, self.stage4):
            x = stage(x)
        return self.head(x.mean((2, 3)))

    NAMES = {"norm.weight": "norm.scale", "norm.bias": "norm.shift", "first.conv": "conv1", "first.norm": "norm1",
             "second.conv": "conv2", "second.norm": "norm2"}

    def place_of(self, name):
        if name.startswith("head"):
            return name, name.endswith("weight")
        for theirs, ours in self.NAMES.items():
            name = name.replace(theirs, ours)
        return name, False

    def batch(self, folder, samples):
        pixels = np.fromfile(folder / "x.bin", np.uint8).astype(np.float32).reshape(samples, *self.image)
        return torch.from_numpy(pixels / 255), torch.from_numpy(np.fromfile(folder / "y.bin", np.int32).astype(np.int64))

    CLIP = None
    CHECKED = "train"   # normalised by the batch
    OPTIMIZER = staticmethod(lambda parameters: torch.optim.SGD(parameters, lr=1e-4, momentum=0.9))


def reference(folder, manifest, file):
    """Name -> array, of a file of all parameters one after the other."""
    values, begin, arrays = np.fromfile(folder / file, np.float32), 0, {}
    for entry in manifest["parameters"]:
        size = math.prod(entry["shape"])
        arrays[entry["name"]] = values[begin:begin + size].reshape(entry["shape"])
        begin += size
    return arrays


def loss_of(model, x, y):
    prediction = model(x)
    return F.cross_entropy(prediction.reshape(-1, prediction.shape[-1]), y.reshape(-1))


def compare(model, folder, manifest, x, y):
    """Sets our parameters; relative differences of the loss and, by the norm of each, of the gradients: the largest and the median."""
    ours = reference(folder, manifest, "parameters.f32")
    gradients = reference(folder, manifest, "gradients.f32")
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            place, transposed = model.place_of(name)
            parameter.copy_(torch.from_numpy((ours[place].T if transposed else ours[place]).copy()))
    model.train(model.CHECKED == "train")
    loss = loss_of(model, x, y)
    loss.backward()
    differences = []
    for name, parameter in model.named_parameters():
        place, transposed = model.place_of(name)
        theirs = parameter.grad.cpu().numpy()
        theirs = theirs.T if transposed else theirs
        norm = np.linalg.norm(theirs.astype(np.float64))
        differences.append(float(np.linalg.norm((gradients[place] - theirs).astype(np.float64)) / norm))
    return abs(loss.item() - manifest["loss"]) / abs(loss.item()), max(differences), statistics.median(differences)


def nothing():
    pass


def median_seconds(step, seconds, wait=nothing):
    """Of a call, over groups of calls; the first group does not count. As bench_training does it. `wait`: for the device."""
    def group():
        begin = time.perf_counter()
        for _ in range(5):
            step()
            wait()
        return (time.perf_counter() - begin) / 5

    group()
    times, start = [], time.perf_counter()
    while len(times) < 3 or time.perf_counter() - start < seconds:
        times.append(group())
    return statistics.median(times)


def as_graph(step):
    """The step as a CUDA graph, after a few of them on a stream of their own, as PyTorch's manual says."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def time_steps(model, x, y, seconds, tuning, device):
    model.train()
    optimizer = model.OPTIMIZER(model.parameters())
    if tuning == "graph" and "capturable" in optimizer.defaults:
        for group in optimizer.param_groups:
            group["capturable"] = True

    def step():
        optimizer.zero_grad()
        loss_of(model, x, y).backward()
        if model.CLIP:
            nn.utils.clip_grad_norm_(model.parameters(), model.CLIP)
        optimizer.step()

    call = as_graph(step) if tuning == "graph" else step
    return median_seconds(call, seconds, torch.cuda.synchronize if device == "cuda" else nothing)


def main():
    kind, folder, tuning, seconds = sys.argv[1], Path(sys.argv[2]), sys.argv[3], float(sys.argv[4])
    device = sys.argv[5] if len(sys.argv) > 5 else "cpu"
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    torch.backends.cudnn.allow_tf32 = False
    manifest = json.loads((folder / "manifest.json").read_text())
    model = {"cnn": Cnn, "gpt": Gpt, "resnet": Resnet}[kind]().to(device)
    x, y = (tensor.to(device) for tensor in model.batch(folder, manifest["batch"]))
    loss, worst, median = compare(model, folder, manifest, x, y)
    torch.backends.cudnn.allow_tf32 = tuning in ("stock", "tuned")   # as PyTorch has it
    if tuning == "tuned" and kind != "gpt":
        model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    result = {"loss_difference": loss, "gradient_difference": worst, "median_difference": median,
              "seconds_per_step": time_steps(model, x, y, seconds, tuning, device),
              "peak_kilobytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}
    if device == "cuda":
        result["device_bytes"] = torch.cuda.max_memory_allocated()
    print(json.dumps(result))


if __name__ == "__main__":
    main()
