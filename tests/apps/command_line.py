"""The command line of r1md: texts, mistakes, exit codes, and what becomes of results that are there already.

Usage: command_line.py r1md
SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import re

from cli import INPUTS, SMALL, Scratch, check, near, program_of_arguments, run_tests, summary, thermo

r1md = program_of_arguments()

# A program under a sanitizer, or on a machine that is busy with other tests, is slower: the best of several starts counts.
HELP_SECONDS = 0.1
VALIDATE_SECONDS = 1.0
STARTS = 10


def fastest(*arguments):
    return min(r1md(*arguments).seconds for _ in range(STARTS))


def test_help_is_short_quick_and_complete():
    result = r1md("--help")
    check(result.code == 0, result)
    check(len(result.out.splitlines()) < 60, "--help has too many lines")
    check(result.out.index("r1md melt.yaml") < result.out.index("Usage"), "examples come first")
    for option in ("validate", "dry-run", "print-config", "template", "schema", "version", "output", "overwrite",
                   "set", "threads", "share-gpu", "log-level", "color"):
        check("--" + option in result.out, f"--help does not name --{option}")
    seconds = fastest("--help")
    print(f"      --help: {seconds:.3f} s")
    check(seconds < HELP_SECONDS, f"--help took {seconds:.3f} s")


def test_version_is_text_or_json():
    text, data = r1md("--version"), r1md("--version", "--json")
    check(text.code == 0 and text.out.startswith("r1md "), text)
    facts = json.loads(data.out)
    for key in ("version", "commit", "compiler", "flags", "kokkos", "mpi", "hdf5", "nccl", "gloo", "input_language"):
        check(key in facts, f"{key} is missing in {data.out}")
    check(isinstance(facts["hdf5"]["parallel"], bool) and facts["kokkos"]["devices"], data.out)


def test_mistakes_on_the_command_line_have_exit_code_2():
    cases = [((), "no input file"), (("--overwite", "a.yaml"), "did you mean '--overwrite'"),
             (("--over", "a.yaml"), "unknown option '--over'"), (("-q", "a.yaml"), "unknown option '-q'"),
             (("a.yaml", "b.yaml"), "more than one input"), (("--set", "seed", "a.yaml"), "path=value"),
             (("--threads", "0", "a.yaml"), "--threads"), (("--threads", "two", "a.yaml"), "found 'two'"),
             (("--color", "sometimes", "a.yaml"), "expected auto | always | never"),
             (("--log-level", "inf", "a.yaml"), "did you mean 'info'"), (("--template", "ljj"), "did you mean 'lj'"),
             (("--schema=xml",), "expected json | markdown"), (("--json",), "--version --json"),
             (("--validate", "--dry-run", "a.yaml"), "exclude each other"), (("-o",), "argument"),
             (("--restart", "", "a.yaml"), "expected auto, none or a file")]
    for arguments, text in cases:
        result = r1md(*arguments)
        check(result.code == 2, arguments, result)
        check(text in result.err and not result.out, arguments, f"expected: {text}", result)


def test_what_switches_missing_features_off_is_taken():
    with Scratch() as folder:
        (folder / "a.yaml").write_text(SMALL)
        result = r1md("--restart", "none", "--walltime", "none", "--validate", folder / "a.yaml")
        check(result.code == 0, result)


def test_validate_is_quick_and_reads_no_atoms():
    with Scratch() as folder:
        atoms = 200000
        lines = [f"{i} 1 {i % 100} {i // 100 % 100} {i // 10000}" for i in range(1, atoms + 1)]
        (folder / "big.data").write_text(
            f"big\n\n{atoms} atoms\n1 atom types\n0 100 xlo xhi\n0 100 ylo yhi\n0 100 zlo zhi\n\nMasses\n\n1 1.0\n\n"
            "Atoms # atomic\n\n" + "\n".join(lines) + "\nnonsense at the end\n")
        text = re.sub(r"lattice: .*", "structure: big.data", SMALL)
        (folder / "big.yaml").write_text(text)
        result = r1md("--validate", "big.yaml", folder=folder)
        check(result.code == 0 and "valid" in result.out, result)
        seconds = fastest("--validate", folder / "big.yaml")
        print(f"      --validate: {seconds:.3f} s")
        check(seconds < VALIDATE_SECONDS, f"--validate took {seconds:.3f} s")
        # A run reads the atoms, finds the fault at its line, and leaves nothing.
        result = r1md("big.yaml", folder=folder)
        check(result.code == 3 and "big.data:" in result.err, result)
        check(sorted(os.listdir(folder)) == ["big.data", "big.yaml"], os.listdir(folder))


def test_every_example_and_template_is_valid():
    for path in sorted(INPUTS.glob("*.yaml")):
        if not re.search(r"^r1md:", path.read_text(), re.MULTILINE):   # an example of another program
            continue
        result = r1md("--validate", path)
        check(result.code == 0, path, result)
    with Scratch() as folder:
        os.symlink(INPUTS / "Cu_demo.eam.alloy", folder / "Cu_demo.eam.alloy")
        for name in ("lj", "eam"):
            text = r1md("--template", name).out
            check(text.startswith("# yaml-language-server: $schema="), text)
            (folder / f"{name}.yaml").write_text(text)
            result = r1md("--validate", folder / f"{name}.yaml")
            check(result.code == 0, name, result)


def test_all_faults_of_an_input_come_together_and_nothing_is_written():
    with Scratch() as folder:
        text = SMALL.replace("timestep", "time_step").replace("fcc", "fcx").replace("repeat: [5, 5, 5]", "repeat: [5, 5]")
        text = text.replace("cutoff: 2.5", "cutoff: -2.5").replace("{every: 10}", "{evry: 10}")
        (folder / "five.yaml").write_text(text)
        for arguments in (["five.yaml"], ["--validate", "five.yaml"], ["--dry-run", "five.yaml"]):
            result = r1md(*arguments, folder=folder)
            check(result.code == 3, result)
            places = re.findall(r"^five\.yaml:\d+:\d+: error: ", result.err, re.MULTILINE)
            check(len(places) >= 5, f"{len(places)} faults", result)
            check("did you mean 'timestep'" in result.err and not result.out, result)
            check(os.listdir(folder) == ["five.yaml"], os.listdir(folder))


def test_values_can_be_set_and_shown_with_their_origin():
    with Scratch() as folder:
        (folder / "a.yaml").write_text(SMALL)
        result = r1md("--print-config", "--set", "run[0].dynamics.steps=7", "--set", "seed=9", folder / "a.yaml")
        check(result.code == 0, result)
        check(re.search(r"^seed: 9 +# --set$", result.out, re.MULTILINE), result)
        check(re.search(r"steps: 7 +# --set", result.out), result)
        check(re.search(r"^constants: codata +# default$", result.out, re.MULTILINE), result)
        check(re.search(r"^units: lj +# file$", result.out, re.MULTILINE), result)
        result = r1md("--validate", "--set", "run[3].dynamics.steps=7", folder / "a.yaml")
        check(result.code == 3 and "run[3]" in result.err, result)


def test_a_run_leaves_its_files_and_is_not_repeated():
    with Scratch() as folder:
        (folder / "a.yaml").write_text(SMALL)
        first = r1md("a.yaml", folder=folder)
        check(first.code == 0, first)
        check(sorted(os.listdir(folder / "a")) == ["checkpoint.h5", "checkpoint_prev.h5", "config.yaml", "lock", "run.jsonl",
                                                   "summary.json", "thermo.csv"], os.listdir(folder / "a"))
        check("temperature" in first.out and "atom-steps/s" in first.out and "thermo.csv" in first.out, first)
        check("rank 0: host" in first.err, first)
        before = {path.name: path.stat().st_mtime_ns for path in (folder / "a").iterdir()}
        again = r1md("a.yaml", folder=folder)
        check(again.code == 0 and "finished" in again.out, again)
        check(before == {path.name: path.stat().st_mtime_ns for path in (folder / "a").iterdir()}, "files were touched")
        other = r1md("a.yaml", "--set", "seed=7", folder=folder)
        check(other.code == 3 and "'seed' was 42, is 7" in other.err and "--overwrite" in other.err, other)
        after = {path.name: path.stat().st_mtime_ns for path in (folder / "a").iterdir()}
        check({**before, "lock": 0} == {**after, "lock": 0}, "files were touched")
        for name in ("checkpoint.h5", "checkpoint_prev.h5", "summary.json"):
            os.remove(folder / "a" / name)
        unfinished = r1md("a.yaml", folder=folder)
        check(unfinished.code == 2 and "has no checkpoint" in unfinished.err, unfinished)
        replaced = r1md("a.yaml", "--set", "seed=7", "--overwrite", folder=folder)
        check(replaced.code == 0 and (folder / "a" / "summary.json").exists(), replaced)


def test_foreign_files_are_left_alone():
    with Scratch() as folder:
        (folder / "a.yaml").write_text(SMALL)
        (folder / "out").mkdir()
        (folder / "out" / "notes.txt").write_text("mine")
        check(r1md("a.yaml", "-o", "out", folder=folder).code == 0)
        check(r1md("a.yaml", "-o", "out", "--overwrite", folder=folder).code == 0)
        check((folder / "out" / "notes.txt").read_text() == "mine")
        (folder / "file").write_text("mine")
        result = r1md("a.yaml", "-o", "file", folder=folder)
        check(result.code == 2 and (folder / "file").read_text() == "mine", result)


def test_the_values_used_give_the_same_run():
    with Scratch() as folder:
        (folder / "a.yaml").write_text(SMALL)
        check(r1md("a.yaml", "--threads", "1", folder=folder).code == 0)
        check(r1md("a/config.yaml", "-o", "b", "--threads", "1", folder=folder).code == 0)
        check((folder / "a/thermo.csv").read_text() == (folder / "b/thermo.csv").read_text())
        check((folder / "a/config.yaml").read_text() == (folder / "b/config.yaml").read_text())


def test_results_stay_below_the_working_directory_unless_the_command_line_says_so():
    with Scratch() as folder:
        for place in ("/var/r1_outside", "../outside", "a/../../outside"):
            (folder / "a.yaml").write_text(SMALL + f"  directory: {place}\n")
            result = r1md("--validate", "a.yaml", folder=folder)
            check(result.code == 3 and "below the working directory" in result.err, result)


def test_a_run_counts_its_threads_and_steps():
    with Scratch() as folder:
        (folder / "a.yaml").write_text(SMALL)
        result = r1md("a.yaml", "--threads", "2", "--log-level", "warning", folder=folder)
        check(result.code == 0 and "rank 0" not in result.err, result)
        facts = summary(folder / "a")
        check(facts["steps"] == 20 and facts["atoms"] == 500, facts)
        check(facts["threads"] in (1, 2), facts)   # 1 where the build has no threads
        rows = thermo(folder / "a")
        check([row["step"] for row in rows] == [0, 10, 20], rows)
        near(rows[0]["temperature"], 1.44, 1e-12, "temperature at the start")


def test_energies_that_are_no_numbers_have_exit_code_4():
    with Scratch() as folder:
        (folder / "a.yaml").write_text(SMALL.replace("timestep: 0.005", "timestep: 5"))
        result = r1md("a.yaml", folder=folder)
        check(result.code == 4, result)
        end = json.loads((folder / "a/run.jsonl").read_text().splitlines()[-1])
        check(end["event"] == "end" and end["exit_code"] == 4, end)
        check(not (folder / "a/summary.json").exists(), "a failed run has no summary")
        check("nan" not in (folder / "a/thermo.csv").read_text(), "a row of no numbers was written")


def test_files_that_cannot_be_written_have_exit_code_5():
    with Scratch() as folder:
        (folder / "a.yaml").write_text(SMALL)
        result = r1md("a.yaml", "-o", "/proc/r1_results", folder=folder)
        check(result.code == 5 and "/proc/r1_results" in result.err, result)


def test_one_rank_of_several_is_refused():
    with Scratch() as folder:
        (folder / "a.yaml").write_text(SMALL)
        result = r1md("a.yaml", folder=folder, environment={"SLURM_STEP_NUM_TASKS": "4"})
        check(result.code == 7 and "srun" in result.err, result)
        check(os.listdir(folder) == ["a.yaml"], os.listdir(folder))


def test_a_dry_run_predicts_and_writes_nothing():
    with Scratch() as folder:
        (folder / "a.yaml").write_text(SMALL)
        result = r1md("a.yaml", "--dry-run", folder=folder)
        check(result.code == 0, result)
        for text in ("memory per rank", "bricks", "steps/s", "nothing was written"):
            check(text in result.out, result)
        check(os.listdir(folder) == ["a.yaml"], os.listdir(folder))


run_tests(globals())
