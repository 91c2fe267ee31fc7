#!/usr/bin/env python3
# Draws the digits 0 to 9 as grey images, 28 x 28, white on black: a stand-in for handwritten ones where there are none.
#   scripts/make_digits.py FOLDER [--seed 1] [--training 6000] [--test 1000]
# Writes {train,t10k}-{images-idx3,labels-idx1}-ubyte.gz, the names and the format (IDX) of the MNIST files; the same bytes for
# the same seed. Each digit is a few strokes, which are bent, sheared, turned, scaled, shifted and drawn with a pen of random width.
# SPDX-License-Identifier: Apache-2.0
import argparse
import gzip
import math
import random
import struct
from pathlib import Path

SIZE = 28
FAINT = [int(8 * (grain / 256) ** 4) for grain in range(256)]   # noise of the black around the strokes


def arc(x, y, rx, ry, begin, end, points=12):
    """Points of an ellipse from angle `begin` to `end` [degrees], counted from the right, clockwise as y points down."""
    angles = (math.radians(begin + (end - begin) * k / (points - 1)) for k in range(points))
    return [(x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles]


# Forms of each digit, of which one is drawn: lists of strokes, of points (x, y) with 0 <= x <= 0.6, 0 <= y <= 1.
DIGITS = [
    [[arc(.30, .50, .27, .48, -90, 270, 20)], [arc(.30, .50, .20, .48, -60, 300, 20)]],
    [[[(.30, .02), (.30, .98)]], [[(.12, .25), (.33, .02), (.33, .98)]],
     [[(.12, .25), (.33, .02), (.33, .98)], [(.10, .98), (.55, .98)]]],
    [[arc(.30, .27, .25, .25, -170, 30) + [(.04, .97), (.58, .97)]],
     [arc(.29, .26, .24, .24, -160, 40) + [(.20, .80)] + arc(.16, .87, .10, .10, -90, -330, 8) + [(.58, .93)]]],
    [[arc(.27, .26, .24, .24, -150, 80) + arc(.27, .73, .29, .25, -80, 150)],
     [[(.06, .03), (.52, .03), (.26, .40)] + arc(.26, .69, .30, .29, -85, 150)]],
    [[[(.40, .02), (.03, .65), (.58, .65)], [(.42, .35), (.42, .98)]],
     [[(.08, .05), (.06, .52), (.50, .52)], [(.50, .05), (.48, .98)]]],
    [[[(.54, .03), (.12, .03), (.08, .44)] + arc(.27, .69, .29, .29, -125, 140)],
     [[(.12, .05), (.10, .46)] + arc(.26, .70, .28, .27, -120, 150), [(.12, .05), (.56, .03)]]],
    [[[(.46, .03), (.20, .28)] + arc(.29, .71, .25, .26, 190, -170, 16)],
     [arc(.42, .45, .36, .43, -80, -180) + arc(.30, .73, .24, .24, 180, 540, 16)]],
    [[[(.03, .03), (.57, .03), (.20, .98)]], [[(.03, .12), (.05, .03), (.57, .05), (.28, .50), (.22, .98)]],
     [[(.03, .03), (.57, .03), (.20, .98)], [(.16, .50), (.52, .50)]]],
    [[arc(.30, .25, .21, .22, -90, 270, 16), arc(.30, .73, .27, .25, -90, 270, 16)],
     [arc(.30, .25, .23, .23, -30, -270, 12) + arc(.30, .73, .25, .25, -90, 180, 12) + [(.50, .14)]]],
    [[arc(.30, .28, .25, .26, 0, -360, 16) + [(.53, .60), (.42, .98)]],
     [arc(.29, .27, .24, .24, -20, -380, 16) + arc(.20, .66, .33, .31, -10, 120, 10)]],
]


def placed(strokes, draw):
    """The strokes as somebody might write them, in pixels."""
    uniform = draw.uniform
    turn, shear = math.radians(uniform(-12, 12)), uniform(-.05, .30)
    height, width = uniform(17, 21), uniform(16, 23)
    bend, phase = uniform(-.05, .05), uniform(0, 2 * math.pi)
    across, down = SIZE / 2 + uniform(-2, 2), SIZE / 2 + uniform(-2, 2)
    cosine, sine = math.cos(turn), math.sin(turn)

    def place(point):
        x = point[0] - .3 + uniform(-.015, .015)
        y = point[1] - .5 + uniform(-.015, .015)
        x += bend * math.sin(6 * y + phase) - shear * y
        x, y = x * width, y * height
        return across + cosine * x - sine * y, down + sine * x + cosine * y

    return [[place(point) for point in stroke] for stroke in strokes]


def draw_line(pixels, begin, end, radius):
    """A line with round ends and a soft edge of one pixel; where lines cross, the brighter one is seen."""
    (x0, y0), (x1, y1) = begin, end
    dx, dy = x1 - x0, y1 - y0
    length2 = dx * dx + dy * dy or 1e-12
    reach = radius + .5
    left, right = max(0, math.ceil(min(x0, x1) - reach)), min(SIZE - 1, math.floor(max(x0, x1) + reach))
    for row in range(max(0, math.ceil(min(y0, y1) - reach)), min(SIZE - 1, math.floor(max(y0, y1) + reach)) + 1):
        down = row - y0
        for column in range(left, right + 1):
            across = column - x0
            share = (across * dx + down * dy) / length2
            share = 0 if share < 0 else 1 if share > 1 else share
            light = reach - math.hypot(across - share * dx, down - share * dy)
            at = row * SIZE + column
            if light > pixels[at]:
                pixels[at] = light if light < 1 else 1


def image(digit, draw):
    """The bytes of one image, row by row."""
    pixels = [0.0] * (SIZE * SIZE)
    radius, ink = draw.uniform(.7, 1.5), draw.uniform(200, 255)
    for stroke in placed(draw.choice(DIGITS[digit]), draw):
        for begin, end in zip(stroke, stroke[1:]):
            draw_line(pixels, begin, end, radius)
    noise = draw.randbytes(SIZE * SIZE)
    return bytes(min(255, max(0, int(ink * light) + grain // 4 - 32)) if light > 0 else FAINT[grain]
                 for light, grain in zip(pixels, noise))


def write(path, magic, extents, data):
    header = struct.pack(f">{1 + len(extents)}I", magic, *extents)
    # No name and no time in the header: the same bytes every time.
    with open(path, "wb") as file, gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
        packed.write(header + data)


def main():
    parser = argparse.ArgumentParser(description="Draws digits 0 to 9 into IDX files.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--training", type=int, default=6000, help="how many images; default: 6000")
    parser.add_argument("--test", type=int, default=1000, help="how many images; default: 1000")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for name, count in (("train", chosen.training), ("t10k", chosen.test)):
        draw = random.Random(f"{chosen.seed} {name}")
        labels = bytes(draw.randrange(10) for _ in range(count))
        images = b"".join(image(label, draw) for label in labels)
        write(chosen.folder / f"{name}-images-idx3-ubyte.gz", 0x0803, (count, SIZE, SIZE), images)
        write(chosen.folder / f"{name}-labels-idx1-ubyte.gz", 0x0801, (count,), labels)


if __name__ == "__main__":
    main()
