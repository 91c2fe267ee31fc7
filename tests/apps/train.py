"""r1train trains: on images, tables and texts made here; what it leaves, what becomes of results that are there already, what
repeats to the last bit and what does not, and how it ends where numbers are none.

Usage: train.py r1train
SPDX-License-Identifier: Apache-2.0
"""

import gzip
import json
import os
import re

from cli import SOURCE, Scratch, check, events, metrics, near, program_of_arguments, run_tests, summary
from train_data import IMAGES, REAL, TABLE, TEXT, data_files, images_and_labels, table, write

r1train = program_of_arguments()

HELP_SECONDS = 0.2 if r1train.is_sanitized() else 0.1   # the best of several starts: machines are busy
STARTS = 10
COLUMNS = "step,epoch,loss,validation_loss,validation_accuracy,learning_rate,samples_per_second,seconds"
FILES = {"config.yaml", "lock", "metrics.csv", "run.jsonl", "summary.json"}


def trained(folder, *options, output="a"):
    result = r1train("a.yaml", "-o", output, *options, folder=folder)
    check(result.code == 0, options, result)
    return result


def losses(folder, *options, output="a"):
    """Of each step."""
    trained(folder, "--set", "output.metrics.every=1", *options, output=output)
    return [row["loss"] for row in metrics(folder / output)]


def times(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def farthest(a, b):
    """The largest relative difference."""
    check(len(a) == len(b), f"{len(a)} and {len(b)} losses")
    return max(abs(x - y) / abs(x) for x, y in zip(a, b))


def test_help_is_short_quick_and_complete():
    result = r1train("--help")
    check(result.code == 0 and len(result.out.splitlines()) < 60, result)
    check(result.out.index("r1train mnist.yaml") < result.out.index("Usage"), "examples come first")
    for option in ("validate", "dry-run", "print-config", "template", "schema", "version", "output", "overwrite", "set",
                   "threads", "log-level", "color"):
        check("--" + option in result.out, f"--help does not name --{option}")
    seconds = min(r1train("--help").seconds for _ in range(STARTS))
    print(f"      --help: {seconds:.3f} s")
    check(seconds < HELP_SECONDS, f"--help took {seconds:.3f} s")


def test_version_and_schema_are_json():
    check(json.loads(r1train("--version", "--json").out)["program"] == "r1train")
    check("model" in json.loads(r1train("--schema").out)["properties"])


def test_templates_lack_nothing_but_their_data():
    images, labels = (gzip.compress(file) for file in images_and_labels(samples=20, classes=10, side=28))
    data = {"train-images-idx3-ubyte.gz": images, "train-labels-idx1-ubyte.gz": labels, "input.txt": data_files()["words.txt"],
            "t10k-images-idx3-ubyte.gz": images, "t10k-labels-idx1-ubyte.gz": labels,
            "table.csv": table().replace("sum", "c").encode()}
    with Scratch() as folder:
        for name in ("cnn", "gpt", "table"):
            text = r1train("--template", name).out
            check(text.startswith("# yaml-language-server: $schema=r1train.schema.json"), text)
            (folder / f"{name}.yaml").write_text(text)
            result = r1train("--validate", f"{name}.yaml", folder=folder)
            check(result.code == 3 and "cannot open the file" in result.err, name, result)
        write(folder, IMAGES, data)
        for name in ("cnn", "gpt", "table"):
            result = r1train("--validate", f"{name}.yaml", folder=folder)
            check(result.code == 0 and "valid" in result.out, name, result)


def test_what_looks_at_an_input_writes_nothing():
    with Scratch() as folder:
        write(folder, IMAGES)
        before = sorted(os.listdir(folder))
        for option, words in (("--validate", "a.yaml: valid"), ("--print-config", "batch_size: 16  # file"),
                              ("--dry-run", "475 parameters, 40 steps (10 an epoch)")):
            result = r1train(option, "a.yaml", folder=folder)
            check(result.code == 0 and words in result.out, option, result)
            check(sorted(os.listdir(folder)) == before, option, os.listdir(folder))
        result = r1train("--print-config", "--set", "training.batch_size=8", "a.yaml", folder=folder)
        check(re.search(r"batch_size: 8 +# --set$", result.out, re.MULTILINE), result)
        check(re.search(r"precision: fp32 +# default$", result.out, re.MULTILINE), result)


def test_what_is_not_there_yet_is_refused_and_can_be_switched_off():
    with Scratch() as folder:
        write(folder, IMAGES)
        for arguments, words in ((("--status",), "progress is in metrics.csv"),
                                 (("--restart", "a.h5"), "cannot go on after a stop"),
                                 (("--walltime", "1:00:00"), "cannot go on after a stop")):
            result = r1train("a.yaml", *arguments, folder=folder)
            check(result.code == 2 and words in result.err and not result.out, arguments, result)
        check(not (folder / "a").exists(), os.listdir(folder))
        trained(folder, "--restart", "none", "--walltime", "none", "--set", "training.epochs=1")


def test_a_run_learns_and_leaves_its_files():
    with Scratch() as folder:
        write(folder, IMAGES)
        result = trained(folder)
        check("accuracy" in result.out and "metrics.csv" in result.out and "rank 0: host" in result.err, result)
        names = set(os.listdir(folder / "a"))
        curves = {name for name in names if name.startswith("events.out.tfevents.")}
        picture = names & {"loss.png"}   # where the build can plot
        check(len(curves) == 1 and names - curves - picture == FILES, names)
        check(all(name in result.out for name in curves), result)
        for name in picture:
            check((folder / "a" / name).read_bytes().startswith(b"\x89PNG"), "loss.png is no picture")
        check_rows(folder / "a")
        check_summary(summary(folder / "a"))
        check_events(events(folder / "a"))
        documented = (SOURCE / "docs/training.md").read_text(encoding="utf-8")
        for name in [COLUMNS, "events.out.tfevents.", *picture, *FILES - {"lock"}]:
            check(name in documented, f"docs/training.md does not tell of {name}")


def check_rows(folder):
    check((folder / "metrics.csv").read_text().splitlines()[0] == COLUMNS, "columns of metrics.csv")
    rows = metrics(folder)
    check([row["step"] for row in rows] == list(range(5, 41, 5)), rows)
    for row in rows:
        validated = row["step"] % 10 == 0   # an epoch
        check(all((row[f"validation_{key}"] == row[f"validation_{key}"]) == validated for key in ("loss", "accuracy")), row)
        check(row["epoch"] == row["step"] / 10 and row["learning_rate"] == 1e-2 and row["samples_per_second"] > 0, row)
    check(rows[-1]["loss"] < 0.1 < rows[0]["loss"] and rows[-1]["validation_accuracy"] > 0.95, rows)


def check_summary(facts):
    check(list(facts) == ["version", "commit", "parameters", "steps", "steps_per_epoch", "samples", "ranks", "threads", "device",
                          "wall_seconds", "seconds_per_step", "best", "last", "test", "memory"], list(facts))
    # (1 * 3 * 3 + 1) * 4 of the convolution, (4 * 6 * 6 + 1) * 3 of the affine map
    check(facts["parameters"] == 475 and facts["steps"] == 40 and facts["steps_per_epoch"] == 10, facts)
    check(facts["samples"] == {"train": 157, "validation": 43, "test": 0} and facts["test"] is None, facts)
    check(facts["best"]["validation"]["loss"] <= facts["last"]["validation"]["loss"], facts)
    check(all(facts["memory"][key] > 0 for key in ("planned_arena_bytes", "state_bytes", "other_bytes", "peak_bytes")), facts)


def check_events(lines):
    check([line["event"] for line in lines] == ["start", *["progress"] * 8, "end"], lines)
    check(lines[0]["program"] == "r1train" and lines[0]["parameters"] == 475, lines[0])
    check(lines[-1]["exit_code"] == 0 and lines[-1]["message"] == "", lines[-1])


def test_results_are_not_touched_unless_asked_for():
    with Scratch() as folder:
        write(folder, IMAGES)
        trained(folder)
        (folder / "a/notes.txt").write_text("mine")
        before = times(folder / "a")
        again = trained(folder)
        check("finished" in again.out and before == times(folder / "a"), again)
        other = r1train("a.yaml", "--set", "seed=7", folder=folder)
        check(other.code == 2 and "'seed: 1' there, 'seed: 7' now" in other.err and "--overwrite" in other.err, other)
        check(before == times(folder / "a"), "files were touched")
        replaced = trained(folder, "--set", "seed=7", "--overwrite")
        check("finished" not in replaced.out and "seed: 7\n" in (folder / "a/config.yaml").read_text(), replaced)
        check((folder / "a/notes.txt").read_text() == "mine", "a foreign file was touched")
        check(sum(name.startswith("events.") for name in os.listdir(folder / "a")) == 1, os.listdir(folder / "a"))
        os.remove(folder / "a/summary.json")
        unfinished = r1train("a.yaml", "--set", "seed=7", folder=folder)
        check(unfinished.code == 2 and "has no checkpoint" in unfinished.err, unfinished)


def test_foreign_curves_are_not_touched_unless_asked_for():
    with Scratch() as folder:
        write(folder, IMAGES)
        curve = folder / "a/events.out.tfevents.1"
        curve.parent.mkdir()
        curve.write_text("another program's")
        result = r1train("a.yaml", folder=folder)
        check(result.code == 2 and curve.name in result.err and "--overwrite" in result.err, result)
        check(os.listdir(folder / "a") == [curve.name], os.listdir(folder / "a"))
        trained(folder, "--overwrite")
        check(not curve.exists(), "the old curve is still there")


def test_the_values_used_give_the_same_run():
    with Scratch() as folder:
        write(folder, IMAGES)
        trained(folder)
        result = r1train("a/config.yaml", "-o", "b", folder=folder)
        check(result.code == 0, result)
        check((folder / "a/config.yaml").read_text() == (folder / "b/config.yaml").read_text(), "other values")
        check([row["loss"] for row in metrics(folder / "a")] == [row["loss"] for row in metrics(folder / "b")], "other losses")


def test_a_seed_and_a_number_of_threads_give_the_same_losses():
    with Scratch() as folder:
        write(folder, IMAGES.replace("- flatten", "- flatten\n  - dropout: 0.25"))
        one, again, two = (losses(folder, "--threads", threads, output=name)
                           for name, threads in (("one", 1), ("again", 1), ("two", 2)))
        check(one == again, "the same seed gave other losses")
        check(two == losses(folder, "--threads", "2", output="twice"), "two threads gave other losses when run again")
        # Sums in another order differ in the last bits, and steps make more of it.
        print(f"      1 and 2 threads: losses differ by {farthest(one, two):.1e} of themselves")
        check(farthest(one[:3], two[:3]) < 1e-5 and farthest(one, two) < 1e-2, one, two)
        check(one != losses(folder, "--threads", "1", "--set", "seed=2", output="other"), "another seed gave the same losses")


def test_parts_of_a_batch_give_the_same_losses():
    with Scratch() as folder:
        write(folder, IMAGES)
        short = ("--set", "training.epochs=2")   # later ones make more of the last bits
        whole = losses(folder, *short)
        for parts in (4, 3):   # of 4 samples, and of 6, 6 and 4
            difference = farthest(whole, losses(folder, *short, "--set", f"training.accumulate={parts}", output=f"in{parts}"))
            print(f"      {parts} parts: losses differ by {difference:.1e} of themselves")
            check(difference < 1e-4, f"{parts} parts: {difference}")


def test_normalised_residual_blocks_learn():
    blocks = "\n".join(["  - batch_norm", "  - residual:", "    - conv2d: {out_channels: 4, kernel_size: 3, padding: 1, bias: false}",
                        "    - batch_norm: {momentum: 0.3}", "    - relu", "  - global_average_pool", "  - linear: 3\n"])
    with Scratch() as folder:
        write(folder, IMAGES.replace(IMAGES[IMAGES.index("  - relu"):IMAGES.index("loss")], blocks))
        for output, options in (("a", ()), ("parts", ("--set", "training.accumulate=4"))):
            trained(folder, "--set", "training.epochs=20", "--set", "schedule.constant=3e-2", *options, output=output)
            right = metrics(folder / output)[-1]["validation_accuracy"]
            print(f"      {output}: {right:.2f} of validation")
            check(right > 0.9, output, right)


def test_the_last_batch_can_be_dropped():
    with Scratch() as folder:
        write(folder, IMAGES)
        trained(folder, "--set", "training.drop_last=true")
        facts = summary(folder / "a")
        check(facts["steps_per_epoch"] == 157 // 16 and facts["steps"] == 36, facts)


def test_a_table_is_learned_by_the_names_of_its_columns_and_classes():
    lines = table().splitlines()
    same = [f"{sum_},{kind},{b},{a}" for a, b, kind, sum_ in (line.split(",") for line in lines)]
    some = [line for line in lines if "ant" not in line]
    with Scratch() as folder:
        held_out = "  {}: {{csv: {{file: more.csv, target: kind}}}}\nmodel:"
        write(folder, TABLE.replace("model:", held_out.format("validation")).replace("model:", held_out.format("test"), 1),
              {**data_files(), "more.csv": "\n".join(same).encode()})
        trained(folder, "--set", "training.epochs=15")
        facts = summary(folder / "a")
        check(facts["last"]["validation"]["accuracy"] > 0.95 and facts["samples"]["test"] == 150, facts)
        near(facts["test"]["loss"], facts["last"]["validation"]["loss"], 1e-6, "loss of the same samples")
        (folder / "more.csv").write_text("\n".join(some))
        trained(folder, "--set", "training.epochs=15", output="some")
        near(summary(folder / "some")["test"]["accuracy"], 1, 0.05, "accuracy of two of three classes")


def test_real_numbers_are_learned():
    with Scratch() as folder:
        write(folder, REAL)
        trained(folder, "--set", "training.epochs=40", "--set", "output.metrics=10")
        rows = metrics(folder / "a")
        check(rows[-1]["loss"] < 0.1 * rows[0]["loss"], rows)
        check(summary(folder / "a")["best"] is None, "nothing was validated")


def test_a_text_is_learned():
    with Scratch() as folder:
        write(folder, TEXT)
        trained(folder, "--set", "training.steps=60", "--set", "output.metrics=10")
        rows = metrics(folder / "a")
        near(rows[0]["loss"], 2.2, 0.5, "loss at the start, of 11 characters")
        check(rows[-1]["loss"] < 1.3 and rows[-1]["step"] == 60, rows)


def check_numeric_stop(text, words, files=None, options=()):
    with Scratch() as folder:
        write(folder, text, files)
        result = r1train("a.yaml", *options, folder=folder)
        check(result.code == 4 and re.search(words, result.err), f"expected: {words}", result)
        end = events(folder / "a")[-1]
        check(end["event"] == "end" and end["exit_code"] == 4 and re.search(words, end["message"]), end)
        check(not (folder / "a/summary.json").exists() and not metrics(folder / "a"), "a failed run has results")


def test_a_rate_that_is_too_large_has_exit_code_4():
    place = r"step 2 \(epoch 0.1\) is not finite: .*f32\(.*\) of '\w+' in 3 \(linear\)"
    check_numeric_stop(IMAGES, place, options=("--set", "schedule.constant=1e30"))
    check_numeric_stop(IMAGES, place, options=("--set", "schedule.constant=1e30", "--set", "training.accumulate=4"))


def test_a_value_that_is_too_large_has_exit_code_4():
    first = table().splitlines()[1]
    huge = {"table.csv": table().replace(first, first[:first.rindex(",")] + ",1e38", 1).encode()}
    check_numeric_stop(REAL, r"step \d+ \(epoch 0\.?\d*\) is not finite: .*f32\(.*\) of '\w+' in loss", huge)


run_tests(globals())
