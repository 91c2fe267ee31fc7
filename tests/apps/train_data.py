"""Small data sets and inputs for the tests of r1train, made with Python's standard library.

SPDX-License-Identifier: Apache-2.0
"""

import random
import struct

SIDE, CLASSES = 8, 3

IMAGES = """r1train: 1
seed: 1
data:
  train: {idx: {images: images.idx, labels: labels.idx}}
  validation: {split: 0.2}
model:
  - conv2d: {out_channels: 4, kernel_size: 3}
  - relu
  - flatten
  - linear: 3
loss: cross_entropy
schedule: {constant: 1e-2}
training:
  epochs: 4
  batch_size: 16
output:
  metrics: {every: 5}
"""

REAL = """r1train: 1
seed: 1
data:
  train: {csv: {file: table.csv, target: sum, kind: real, features: [a, b]}}
model:
  - linear: 8
  - tanh
  - linear: 1
loss: mse
schedule: {constant: 1e-2}
training:
  epochs: 4
  batch_size: 16
"""

TABLE = """r1train: 1
seed: 1
data:
  train: {csv: {file: table.csv, target: kind}}
model:
  - linear: 8
  - tanh
  - linear: 3
loss: cross_entropy
schedule: {constant: 1e-2}
training:
  epochs: 4
  batch_size: 16
"""

TEXT = """r1train: 1
seed: 1
data:
  train: {text: {file: words.txt, context: 8}}
model: {gpt: {layers: 1, heads: 2, d_model: 16}}
loss: cross_entropy
schedule: {constant: 1e-2}
training:
  steps: 20
  batch_size: 8
"""


def idx(extents, elements, element=8, code="B"):
    """An IDX file: two zero bytes, element type, number of axes, extents and elements, big-endian."""
    header = bytes([0, 0, element, len(extents)]) + struct.pack(f">{len(extents)}I", *extents)
    return header + struct.pack(f">{len(elements)}{code}", *elements)


def images_and_labels(samples=200, classes=CLASSES, side=SIDE, seed=1):
    """Noise, and a bright band of rows at a height that says the class."""
    source = random.Random(seed)
    labels = [k % classes for k in range(samples)]
    pixels = []
    for label in labels:
        band = range(label * side // classes, (label + 1) * side // classes)
        pixels += [source.randrange(60) + 160 * (row in band) for row in range(side) for _ in range(side)]
    return idx((samples, side, side), pixels), idx((samples,), labels)


def table(rows=150, seed=1):
    """Two features, a class of three, and a sum that is real."""
    source = random.Random(seed)
    lines = ["a,b,kind,sum"]
    for row in range(rows):
        kind = row % 3
        a, b = source.gauss(2 * kind, 0.3), source.gauss(-kind, 0.3)
        lines.append(f"{a:.6f},{b:.6f},{('ant', 'bee', 'cat')[kind]},{a + b:.6f}")
    return "\n".join(lines) + "\n"


def words(count=200, seed=1):
    source = random.Random(seed)
    return " ".join(source.choice(("one", "two", "three", "four")) for _ in range(count)) + "\n"


def data_files():
    """What the inputs above read: names and bytes."""
    images, labels = images_and_labels()
    return {"images.idx": images, "labels.idx": labels, "table.csv": table().encode(), "words.txt": words().encode()}


def write(folder, text, files=None):
    """An input a.yaml and the files beside it."""
    for name, content in {**(files or data_files()), "a.yaml": text.encode()}.items():
        (folder / name).write_bytes(content)
