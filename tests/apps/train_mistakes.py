"""Seeded mistakes in inputs of r1train, in its data files and on its command line: each is named with its place, what was found
and what was expected; exit code 3 (2: command line); nothing is written.

Usage: train_mistakes.py r1train [mpirun]
SPDX-License-Identifier: Apache-2.0
"""

import gzip
import os
import re

from cli import Scratch, check, program_of_arguments, run_mistakes
from train_data import IMAGES, REAL, TABLE, TEXT, data_files, idx, images_and_labels, table, write

LAYERS = IMAGES[IMAGES.index("  - conv2d"):IMAGES.index("\nloss")]
GPT = TEXT[TEXT.index("{gpt"):TEXT.index("\nloss")]

# name, what is replaced, by what, the place ("line" or "line:column"), words of the message.
IN_IMAGES = [
    ("unknown layer", "- relu", "- rellu", "8:5", "did you mean 'relu'"),
    ("unknown key of a layer", "kernel_size", "kernelsize", "7:31", "did you mean 'kernel_size'"),
    ("unknown section", "schedule:", "shedule:", "12:1", "did you mean 'schedule'"),
    ("unknown optimizer", "loss:", "optimizer: adamx\nloss:", "11:12", "did you mean 'adam'"),
    ("unknown loss", "cross_entropy", "crossentropy", "11:7", "did you mean 'cross_entropy'"),
    ("unknown schedule", "constant", "cosine", "12:12", "did you mean 'cosine_warmup'"),
    ("unknown kind of data", "{idx: {", "{idxx: {", "4:11", "did you mean 'idx'"),
    ("unknown transform", "  validation:", "  transform: {train: [normalise]}\n  validation:", "5:23", "'normalize'"),
    ("two kinds in one layer", "- relu", "- {linear: 3, dropout: 0.5}", "8:17", "beside 'linear'"),
    ("version of the language", "r1train: 1", "r1train: 2", "1:10", "found '2'"),
    ("input of another program", "r1train: 1", "r1md: 1", "1:1", "unknown key 'r1md' at the top level; allowed: r1train"),
    ("model of no layers", LAYERS, "  []",
     "7:3", "a list of 0"),
    ("linear on images", "  - flatten\n", "", "9:5",
     "gives f32(1, 4, 6, 3), expected logits (N, ..., classes) for labels i32(1,)"),
    ("conv2d after flatten", "- linear: 3", "- conv2d: {out_channels: 3, kernel_size: 1}", "10:5",
     "(N, C, H, W) are needed, not (1, 144)"),
    ("pool after flatten", "- linear: 3", "- max_pool2d: {kernel_size: 2}", "10:5",
     "(N, C, H, W) are needed, not (1, 144)"),
    ("kernel too large", "kernel_size: 3", "kernel_size: [3, 9]", "7:5", "3 by 9 does not fit into (1, 1, 8, 8)"),
    ("dilated kernel too large", "kernel_size: 3", "kernel_size: 3, dilation: 4", "7:5", "it covers 9, and there are 8"),
    ("window too large", "- relu", "- max_pool2d: {kernel_size: 7}", "8:5", "7 by 7 does not fit into (1, 4, 6, 6)"),
    ("window in the padding", "- relu", "- max_pool2d: {kernel_size: 2, padding: 2}", "8:5", "padding of 2"),
    ("groups and channels", "kernel_size: 3", "kernel_size: 3, groups: 2", "7:5",
     "must divide the 1 channels of f32(1, 1, 8, 8)"),
    ("groups and out_channels", "- relu", "- conv2d: {out_channels: 6, kernel_size: 1, groups: 4}", "8:5", "out_channels: 6"),
    ("groups of group_norm", "- relu", "- group_norm: 3", "8:5", "groups: 3 do not divide the 4 channels of f32(1, 4, 6, 6)"),
    ("group_norm without groups", "- relu", "- group_norm", "8:5", "required key 'groups'"),
    ("residual of another shape", "- relu", "- residual: [tanh, conv2d: {out_channels: 4, kernel_size: 3}]", "8:5",
     "adds its input f32(1, 4, 6, 6) to the result f32(1, 4, 4, 4) of its layers"),
    ("layer of a residual", "- relu", "- residual: [tanh, conv2d: {out_channels: 4, kernel_size: 7}]", "8:22",
     "7 by 7 does not fit into (1, 4, 6, 6)"),
    ("residual in a residual", "- relu", "- residual: [residual: [tanh]]", "8:16", "found 'residual', expected"),
    ("residual of nothing", "- relu", "- residual: []", "8:15", "a list of 0"),
    ("residual alone", "- relu", "- residual", "8:5", "needs a value"),
    ("average of rows", "- linear: 3", "- global_average_pool", "10:5", "(N, C, ...) are averaged, not f32(1, 144)"),
    ("last batch of one value a channel", IMAGES[IMAGES.index("  - linear: 3"):IMAGES.index("output")],
     "  - batch_norm\n  - linear: 3\nschedule: {constant: 1e-2}\ntraining: {epochs: 1, batch_size: 156}\n", "10:5",
     "f32(1, 144) has one value a channel"),
    ("part of one value a channel", IMAGES[IMAGES.index("  - linear: 3"):IMAGES.index("output")],
     "  - batch_norm\n  - linear: 3\nschedule: {constant: 1e-2}\ntraining: {steps: 1, batch_size: 5, accumulate: 3}\n", "10:5",
     "f32(1, 144) has one value a channel"),
    ("depth of a resnet", LAYERS, "  resnet: {depth: 19}", "7:19", "found 19, expected one of 18, 34, 50, 101, 152"),
    ("resnet of fewer classes", LAYERS, "  resnet: {depth: 18, classes: 2}", "7:3",
     "f32(1, 2), logits of 2 classes, and the data have 3"),
    ("attention on images", "- relu", "- attention: {heads: 1}", "8:5", "needs (N, T, C), not f32(1, 4, 6, 6)"),
    ("embedding of pixels", "- relu", "- embedding: {vocabulary: 256, features: 3}", "8:5", "not f32(1, 4, 6, 6)"),
    ("more classes than outputs", "- linear: 3", "- linear: 2", "10:5", "f32(1, 2), logits of 2 classes, and the data have 3"),
    ("layer of no features", "- linear: 3", "- linear: 0", "10:13", "found '0'"),
    ("more than can be", "- linear: 3", "- linear: 4000000000000000000", "10:5", "does not fit in memory"),
    ("probability", "- relu", "- dropout: 1.5", "8:14", "found '1.5'"),
    ("bf16", "  epochs", "  precision: bf16\n  epochs", "14:14", "'precision: bf16' is not available"),
    ("precision that is none", "  epochs", "  precision: fp46\n  epochs", "14:14", "found 'fp46', expected 'fp32'"),
    ("deterministic", "  epochs", "  deterministic: true\n  epochs", "14:18", "'deterministic: true' is not available"),
    ("moving average", "  epochs", "  ema: 0.999\n  epochs", "14:8", "'ema: 0.999' is not available"),
    ("early end", "  epochs", "  early_stop: {patience: 3}\n  epochs", "14:15", "not available"),
    ("checkpoint", "output:", "checkpoint: {every: 1 epoch}\noutput:", "16:13", "not available"),
    ("folder of images", "{idx: {images: images.idx, labels: labels.idx}}", "{images: {folder: a}}", "4:11",
     "not available"),
    ("HDF5 data", "{split: 0.2}", "{hdf5: {file: a.h5}}", "5:16", "not available"),
    ("epochs and steps", "epochs: 4", "epochs: 4\n  steps: 10", "15:3", "exclude each other"),
    ("neither epochs nor steps", "  epochs: 4\n", "", "14:3", "one of 'epochs', 'steps' is required"),
    ("no epochs", "epochs: 4", "epochs: 0", "14:11", "> 0"),
    ("negative batch", "batch_size: 16", "batch_size: -16", "15:15", "found '-16'"),
    ("more parts than samples", "batch_size: 16", "batch_size: 16\n  accumulate: 17", "16:15",
     "found 17 parts, expected at most"),
    ("batch of more than all, all or nothing", "batch_size: 16", "batch_size: 1000\n  drop_last: true", "15:15",
     "only 157 samples"),
    ("time of another unit", "  epochs", "  validate_every: 2 weeks\n  epochs", "14:19", "found '2 weeks'"),
    ("time without unit", "  epochs", "  validate_every: 5\n  epochs", "14:19", "such as '1 epoch' or '500 steps'"),
    ("half a step", "  epochs", "  validate_every: 0.5 steps\n  epochs", "14:19", "found '0.5 steps'"),
    ("clipping to nothing", "  epochs", "  gradient_clip: 0\n  epochs", "14:18", "found '0'"),
    ("two totals", "{constant: 1e-2}", "{cosine_warmup: {max_lr: 1, total_epochs: 4, total_steps: 9}}", "12:56",
     "exclude each other"),
    ("no total", "{constant: 1e-2}", "{cosine_warmup: {max_lr: 1}}", "12", "one of 'total_epochs', 'total_steps' is required"),
    ("warm-up without end", "{constant: 1e-2}", "{cosine_warmup: {max_lr: 1, total_epochs: 4, warmup_steps: 50}}", "12",
     "takes 50 steps, expected at most the 40"),
    ("rates upside down", "{constant: 1e-2}", "{cosine_warmup: {max_lr: 0.5, total_epochs: 4, min_lr: 1}}", "12:66",
     "found 1, expected at most max_lr: 0.5"),
    ("fall without interval", "{constant: 1e-2}", "{step: {lr: 1, every_epochs: 0}}", "12", "is 0"),
    ("negative rate", "1e-2", "-1e-2", "12:22", "> 0"),
    ("rate of words", "1e-2", "fast", "12:22", "found 'fast'"),
    ("momentum", "loss:", "optimizer: {adam: {betas: [0.9, 1.5]}}\nloss:", "11:33", "found '1.5'"),
    ("smoothing", "loss: cross_entropy", "loss: {cross_entropy: {label_smoothing: 2}}", "11:41", "found '2'"),
    ("mse on classes", "loss: cross_entropy", "loss: mse", "11:7", "use cross_entropy"),
    ("split of all", "split: 0.2", "split: 1.0", "5:23", "<= 0.9"),
    ("split of nothing", "split: 0.2", "split: 1e-6", "5:15", "200 samples are too few"),
    ("channels of normalize", "  validation:", "  transform: {train: [{normalize: {mean: [1, 2], std: 1}}]}\n  validation:", "5:23",
     "found 2 numbers, expected one, or one for each channel (axis 1) of f32(1, 1, 8, 8)"),
    ("channels of normalize in validation", "  validation:",
     "  transform: {validation: [{normalize: {mean: 1, std: [1, 2]}}]}\n  validation:", "5:28", "found 2 numbers"),
    ("deviation of nothing", "  validation:", "  transform: {train: [{normalize: {mean: 1, std: 0}}]}\n  validation:", "5:50",
     "found '0'"),
    ("gpt on images", LAYERS,
     "  gpt: {layers: 1, heads: 1, d_model: 4}", "7:3", "needs tokens (N, T), not f32(1, 1, 8, 8)"),
    ("results elsewhere", "output:", "output:\n  directory: ../x", "17:14", "below the working directory"),
    ("missing images", "images: images", "images: image", "4:25", "'image.idx': cannot open"),
    ("images as labels", "labels: labels", "labels: images", "4:45", "3 axes, expected one label for each image"),
]
IN_TABLE = [
    ("missing target", "target: kind", "target: kinds", "4:42", "did you mean 'kind'"),
    ("target like no column", "target: kind", "target: price", "4:42", "it has a, b, kind, sum"),
    ("missing feature", "target: kind", "target: kind, features: [a, summ]", "4:62", "did you mean 'sum'"),
    ("text among the features", "target: kind", "target: a, kind: real", "4:23", "column 'kind' holds text"),
    ("text as a feature", "target: kind", "target: a, kind: real, features: [b, kind]", "4:71", "column 'kind' holds text"),
    ("feature that is the target", "target: kind", "target: sum, kind: real, features: [a, sum]", "4:73",
     "what the model predicts"),
    ("feature twice", "target: kind", "target: kind, features: [a, a]", "4:62", "given twice"),
    ("class of fractions", "target: kind", "target: a, features: b", "4:42", "give 'kind: real'"),
    ("class of two columns", "target: kind", "target: [kind, a], features: b", "4:42", "one column"),
    ("text for a number", "target: kind", "target: kind, kind: real", "4:42", "give 'kind: class'"),
    ("cross entropy of numbers", "target: kind", "target: sum, kind: real, features: [a, b]", "9:7", "use mse"),
    ("missing table", "table.csv", "tables.csv", "4:23", "cannot open"),
    ("resnet on a table", "\n  - linear: 8\n  - tanh\n  - linear: 3", " {resnet: {depth: 18}}", "5:8",
     "needs images (N, C, H, W), not f32(1, 3)"),
    ("gpt on a table", "\n  - linear: 8\n  - tanh\n  - linear: 3", " {gpt: {layers: 1, heads: 1, d_model: 4}}", "5:8",
     "not f32(1, 3)"),
]
IN_REAL = [
    ("outputs and targets", "linear: 1", "linear: 3", "8:5", "gives f32(1, 3), and the targets are f32(1, 1)"),
    ("resnet of no classes", "\n  - linear: 8\n  - tanh\n  - linear: 1", " {resnet: {depth: 18}}", "5", "give 'classes'"),
    ("flattened to nothing fitting", "- tanh", "- conv2d: {out_channels: 1, kernel_size: 1}", "7:5", "not (1, 8)"),
]
IN_TEXT = [
    ("unknown model", "gpt:", "gtp:", "5:9", "did you mean 'gpt'"),
    ("heads and width", "heads: 2", "heads: 3", "5:33", "3 heads do not divide d_model: 16"),
    ("heads of a layer", GPT, "[embedding: {vocabulary: 11, features: 16}, attention: {heads: 3}]",
     "5:52", "3 heads do not divide the width 16 of f32(1, 8, 16)"),
    ("vocabulary of gpt", "d_model: 16", "d_model: 16, vocabulary: 5", "5:61", "found 5, but the data have 11"),
    ("vocabulary of an embedding", GPT, "[embedding: {vocabulary: 5, features: 16}, linear: 11]",
     "5:33", "found 5, but the data have 11"),
    ("linear on tokens", GPT, "[linear: 11]", "5:9", "i32(1, 8); embed them"),
    ("norm on tokens", GPT, "[layer_norm, linear: 11]", "5:9", "not i32(1, 8)"),
    ("normalize on tokens", "model:", "  transform: {train: [{normalize: {mean: 1, std: 1}}]}\nmodel:", "5:23", "not i32(1, 8)"),
    ("one prediction for many places", GPT,
     "[embedding: {vocabulary: 11, features: 16}, flatten, linear: 11]", "5:61",
     "gives f32(1, 11), expected logits (N, ..., classes) for labels i32(1, 8)"),
    ("context longer than the text", "context: 8", "context: 5000", "4:44", "found 5000, but the text has only 946 characters"),
    ("part of a context", "context: 8", "context: 8, part: [0.5, 0.505]", "4:44", "found 8, but the text has only"),
    ("part reversed", "context: 8", "context: 8, part: [0.9, 0.1]", "4:53", "found [0.9, 0.1]"),
    ("part of more than all", "context: 8", "context: 8, part: [0.9, 1.1]", "4:59", "found '1.1'"),
    ("level", "context: 8", "context: 8, level: word", "4:54", "expected 'character'"),
    ("split of a text", "model:", "  validation: {split: 0.2}\nmodel:", "5:15", "give 'text' with another 'part'"),
    ("validation of another context", "model:", "  validation: {text: {file: words.txt, context: 9}}\nmodel:", "5:15",
     "are i32(9,) and i32(9,), those of 'train' i32(8,) and i32(8,)"),
    ("validation of another kind", "model:", "  validation: {csv: {file: table.csv, target: kind}}\nmodel:", "5:15",
     "are f32(3,) and i32(), those of 'train' i32(8,)"),
    ("missing text", "words.txt", "word.txt", "4:24", "cannot open"),
]


def mistakes_of_inputs():
    for text, mistakes in ((IMAGES, IN_IMAGES), (TABLE, IN_TABLE), (REAL, IN_REAL), (TEXT, IN_TEXT)):
        for name, old, new, place, words in mistakes:
            check(text.count(old) >= 1, f"{name}: '{old}' is not in the input")
            yield name, text.replace(old, new, 1), {}, "a.yaml", place, words


def mistakes_of_idx():
    images, labels = images_and_labels()
    at_images, at_labels = "4:25", "4:45"
    for name, file, content, place, words in (
            ("cut short", "images.idx", images[:-10], at_images, "holds 12790 bytes of elements, and its extents say 12800"),
            ("too long", "images.idx", images + b"xx", at_images, "holds 12802 bytes"),
            ("of another kind", "images.idx", b"\x89PNG" + images[4:], at_images, "no IDX file"),
            ("empty", "images.idx", b"", at_images, "no IDX file"),
            ("unknown element type", "images.idx", b"\0\0\x0a" + images[3:], at_images, "element type 10, expected 8 (u8)"),
            ("huge extents", "images.idx", b"\0\0\x08\x03" + b"\xff" * 12, at_images, "larger than any file"),
            ("cut in the header", "images.idx", images[:7], at_images, "ends within its header"),
            ("no axes", "images.idx", b"\0\0\x08\0" + images[4:], at_images, "0 axes, expected 1 to 8"),
            ("no images", "images.idx", idx((200, 0, 8), []), at_images, "no images"),
            ("another count", "labels.idx", idx((199,), [0] * 199), at_labels, "199 labels, and there are 200 images"),
            ("negative label", "labels.idx", idx((200,), [-1] * 200, 9, "b"), at_labels, "label 0 is -1"),
            ("label that is no number", "labels.idx", idx((200,), [float("nan")] * 200, 13, "f"), at_labels, "label 0 is nan"),
    ):
        yield f"idx: {name}", IMAGES, {file: content}, "a.yaml", place, words
    packed = {"images.gz": gzip.compress(images)[:-20]}
    yield ("idx: packed and cut", IMAGES.replace("images.idx", "images.gz"), packed, "a.yaml", at_images,
           "'images.gz': damaged or truncated gzip data")
    other = IMAGES.replace("{split: 0.2}", "{idx: {images: i.idx, labels: labels.idx}}")
    yield ("idx: larger images in validation", other, {"i.idx": images_and_labels(side=9)[0]}, "a.yaml", "5:15",
           "u8(1, 9, 9) and i32(), those of 'train' u8(1, 8, 8) and i32()")
    more = IMAGES.replace("{split: 0.2}", "{idx: {images: images.idx, labels: l.idx}}")
    yield "idx: more classes in validation", more, {"l.idx": labels[:-1] + b"\7"}, "a.yaml", "5:15", "has 8 classes, 'train' only 3"


def mistakes_of_tables():
    good = table()
    for name, content, place, words in (
            ("ragged row", good.replace("\n", "\n1,2,ant\n", 1), "2", "has 3 cells, expected 4"),
            ("missing value", good.replace("ant", "", 1), "2:19", "missing value"),
            ("not a number", good + "nan,1,ant,2\n", "152:1", "found 'nan'"),
            ("open quote", good + '1,2,"ant,3\n', "152:5", "never closed"),
            ("semicolons", good.replace(",", ";"), "1:1", "semicolons"),
            ("no names", good.split("\n", 1)[1], "1:1", "in the header"),
            ("a name twice", good.replace("sum", "a", 1), "1:10", "columns 1 and 4 are both named 'a'"),
    ):
        yield f"csv: {name}", TABLE, {"table.csv": content.encode()}, "table.csv", place, words
    yield "csv: Latin-1", TABLE, {"table.csv": good.encode() + b"1,2,\xe4nt,2\n"}, "table.csv", "152:5", "not UTF-8"
    yield "csv: empty", TABLE, {"table.csv": b""}, "a.yaml", "4:23", "'table.csv': is empty"
    yield "csv: no rows", TABLE, {"table.csv": b"a,b,kind,sum\n"}, "a.yaml", "4:23", "no rows"
    other = TABLE.replace("model:", "  validation: {csv: {file: more.csv, target: kind}}\nmodel:")
    for name, content, place, words in (
            ("unknown class in validation", good.replace("bee", "bat"), "5:46", "no class 'bat'; they have ant, bee, cat"),
            ("numbers for names in validation", "a,b,kind,sum\n1,2,0,3\n", "5:46",
             "holds numbers, that of the training data names"),
            ("missing column in validation", good.replace(",b,", ",c,", 1), "5:28", "no column 'b', which the training data have"),
    ):
        yield f"csv: {name}", other, {"more.csv": content.encode()}, "a.yaml", place, words


def mistakes_of_texts():
    yield "text: empty", TEXT, {"words.txt": b""}, "a.yaml", "4:24", "'words.txt': is empty"
    yield "text: not UTF-8", TEXT, {"words.txt": b"hello\nwor\xffld\n"}, "words.txt", "2:4", "0xFF"
    other = TEXT.replace("\nmodel:", "\n  validation: {text: {file: other.txt, context: 8}}\nmodel:")
    unknown = "it has {} distinct characters and the training text 11, in which there is no '{}'"
    yield "text: larger vocabulary", other, {"other.txt": "one \u03a9mega\n".encode() * 5}, "a.yaml", "5:29", unknown.format(9, "a")
    exchanged = data_files()["words.txt"].replace(b"w", b"\xce\xa9")
    yield "text: as large a vocabulary", other, {"other.txt": exchanged}, "a.yaml", "5:29", unknown.format(11, "\u03a9")
    yield "text: smaller vocabulary", other, {"other.txt": b"one " * 20}, "a.yaml", "5:29", "it has 4 distinct characters"


# arguments beside the input's name, words of the message.
ON_THE_COMMAND_LINE = [
    (("--staus",), "did you mean '--status'"), (("--status",), "r1md's"), (("--restart", "a.h5"), "not available"),
    (("--walltime", "1:00:00"), "not available"), (("--template", "cnnn"), "did you mean 'cnn'"), (("--threads", "0"), "--threads"),
    (("--set", "seed"), "path=value, such as training.batch_size=32"), (("b.yaml",), "more than one input"),
    (("--validate", "--dry-run"), "exclude each other"), (("-o", "a.yaml"), "is a file"),
]


def examine(r1train, name, text, files, file, place, words):
    with Scratch() as folder:
        write(folder, text, {**data_files(), **files})
        before = sorted(os.listdir(folder))
        result = r1train("a.yaml", folder=folder)
        check(result.code == 3, name, result)
        check(sorted(os.listdir(folder)) == before, name, os.listdir(folder))
        places = re.findall(r"^\S+:\d+:\d+: error: ", result.err, re.MULTILINE)
        line = next((line for line in result.err.splitlines() if line.startswith(f"{file}:{place}:")), None)
        check(places and line, f"{name}: no fault at {file}:{place}", result)
        check(words in line, f"{name}: '{words}' is not said", result)
        return line


def examine_command(r1train, arguments, words, ranks=1):
    with Scratch() as folder:
        write(folder, TABLE)
        result = r1train("a.yaml", *arguments, ranks=ranks, folder=folder)
        line = next((line for line in result.err.splitlines() if words in line), None)
        check(result.code == 2 and line, f"{arguments}: '{words}' is not said", result)
        check(not (folder / "a").exists(), f"{arguments}: results were written")
        return line


def all_mistakes(r1train):
    """(name, what is to be tried) of each."""
    for source in (mistakes_of_inputs, mistakes_of_idx, mistakes_of_tables, mistakes_of_texts):
        for name, *rest in source():
            yield name, lambda name=name, rest=rest: examine(r1train, name, *rest)
    for arguments, words in ON_THE_COMMAND_LINE:
        yield " ".join(arguments), lambda a=arguments, w=words: examine_command(r1train, a, w)
    if r1train.launcher:
        yield "two ranks", lambda: examine_command(r1train, (), "runs on one rank in this version, and was started on 2", 2)


run_mistakes(all_mistakes(program_of_arguments()))
