"""Stops and goes on: r1md is stopped by signals, killed, run out of time, its checkpoints damaged, its input changed; what is left in
the end is what a run without a stop leaves, byte by byte.

Usage: restart.py r1md mpiexec
SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import signal
import time

from cli import Scratch, check, program_of_arguments, run_tests
from jobs import STOPPED, Jobs, check_same, input_text, kill_group, results, rows, wait_for

r1md = program_of_arguments()


def jobs_on(ranks):
    return Jobs(r1md.path, r1md.launcher, ranks)


def write_input(folder, steps=2000):
    (folder / "a.yaml").write_text(input_text(repeat=7, steps=steps))


def stopped_after_rows(folder, ranks, count):
    """A job that is asked to end once thermo.csv has some rows."""
    jobs = jobs_on(ranks)
    job = jobs.start(folder)
    wait_for(lambda: rows(folder) > count or job.poll() is not None, "rows")
    check(job.poll() is None, "it ended before it could be stopped")
    os.kill(jobs.ranks_of(job)[0], signal.SIGTERM)
    out, err = job.communicate(timeout=20)
    check(job.returncode == STOPPED, job.returncode, out, err)


def last_steps(folder):
    """Steps of the trajectory's frames and of thermo's rows."""
    thermo = [int(line.split(",")[0]) for line in (folder / "a" / "thermo.csv").read_text().splitlines()[1:]]
    frames = [int(word[5:]) for line in (folder / "a" / "trajectory.xyz").read_text().splitlines() if line.startswith("Lattice")
              for word in line.split() if word.startswith("step=")]
    return frames, thermo


def whole_run(ranks, steps=2000):
    return jobs_on(ranks).whole(input_text(repeat=7, steps=steps))[0]


def test_signals_stop_all_ranks_with_a_checkpoint():
    for ranks in (1, 3):
        jobs, expected = jobs_on(ranks), whole_run(ranks)
        with Scratch() as folder:
            write_input(folder)
            for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT, signal.SIGUSR2):
                before = rows(folder)
                job = jobs.start(folder)
                wait_for(lambda: rows(folder) > before + 2 or job.poll() is not None, "rows")
                check(job.poll() is None, "it ended before it could be stopped")
                check(": running" in r1md("--status", folder / "a").out)
                os.kill(jobs.ranks_of(job)[-1], number)
                out, err = job.communicate(timeout=20)
                check(job.returncode == STOPPED and "the same command goes on" in err, number, job.returncode, out, err)
                check(": stopped" in r1md("--status", folder / "a").out)
            jobs.finish(folder)
            check_same(results(folder), expected)
            status = r1md("--status", folder / "a")
            check("finished" in status.out and f"1372 atoms, {ranks} ranks" in status.out and "restarts    4" in status.out, status)
            kinds = [json.loads(line)["event"] for line in (folder / "a" / "run.jsonl").read_text().splitlines()]
            check(kinds.count("restart") == 4 and kinds[-1] == "end", kinds)


def test_a_kill_loses_nothing():
    for ranks in (1, 4):
        jobs, expected = jobs_on(ranks), whole_run(ranks)
        with Scratch() as folder:
            write_input(folder)
            for k in range(5):
                before = rows(folder)
                job = jobs.start(folder)
                if k > 0:
                    wait_for(lambda: rows(folder) != before or job.poll() is not None, "rows")
                time.sleep(0.05 + 0.04 * k)
                kill_group(job)
            jobs.finish(folder)
            check_same(results(folder), expected)


def test_time_that_is_up_is_a_stop():
    with Scratch() as folder:
        write_input(folder, 100000000)
        job = jobs_on(1).start(folder, "--walltime", "00:00:06")
        out, err = job.communicate(timeout=20)
        check(job.returncode == STOPPED, job.returncode, out, err)
        result = r1md("a.yaml", "--walltime", "soon", folder=folder)
        check(result.code == 2 and "HH:MM:SS" in result.err, result)


def test_a_damaged_checkpoint_is_passed_over_and_named():
    expected = whole_run(1)
    with Scratch() as folder:
        write_input(folder)
        stopped_after_rows(folder, 1, 50)
        file = folder / "a" / "checkpoint.h5"
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 16
        file.write_bytes(data)
        err = jobs_on(1).finish(folder)
        check("checkpoint.h5' is damaged" in err, err)
        check_same(results(folder), expected)
        for name in ("checkpoint.h5", "checkpoint_prev.h5"):
            (folder / "a" / name).write_bytes(b"nothing")
        os.remove(folder / "a" / "summary.json")
        result = r1md("a.yaml", folder=folder)
        check(result.code == 6 and "checkpoint_prev.h5" in result.err, result)


def test_more_steps_go_on_from_a_finished_run():
    expected = whole_run(1, 877)
    with Scratch() as folder:
        write_input(folder, 433)  # its last row is off the grid of outputs, and has no place in the longer run
        jobs_on(1).finish(folder)
        check(last_steps(folder)[1][-2:] == [830, 833], last_steps(folder))
        write_input(folder, 877)
        err = jobs_on(1).finish(folder)
        check("'run[2].dynamics.steps' was 433, is 877" in err, err)
        check_same(results(folder), expected)


def test_changes_that_matter_are_refused():
    with Scratch() as folder:
        write_input(folder)
        stopped_after_rows(folder, 1, 50)
        for change, words in (("seed=43", "'seed' was 42, is 43"), ("run[1].dynamics.timestep=0.004", "timestep"),
                              ("potential[0].lennard_jones.cutoff=2.4", "cutoff"), ("output.trajectory.fields=position", "fields")):
            result = r1md("a.yaml", "--set", change, folder=folder)
            check(result.code == 3 and words in result.err, change, result)
        result = r1md("a.yaml", "--set", "seed=43", "--set", "run[1].dynamics.timestep=0.004", folder=folder)
        check(result.err.count(": error: ") == 2, result)
        check(r1md("a.yaml", "--restart", "none", folder=folder).code == 2)
        # How often a checkpoint is written is nobody's business but the user's.
        check(r1md("a.yaml", "--set", "checkpoint=1 min", folder=folder).code == 0)


def test_without_checkpoints_a_signal_still_saves_the_state():
    expected = whole_run(1)
    with Scratch() as folder:
        (folder / "a.yaml").write_text(input_text(repeat=7, steps=2000, checkpoint="none"))
        stopped_after_rows(folder, 1, 50)
        check(not (folder / "a" / "checkpoint_prev.h5").exists(), os.listdir(folder / "a"))
        jobs_on(1).finish(folder)
        check_same(results(folder), expected)


def test_another_number_of_ranks_goes_on():
    with Scratch() as folder:
        write_input(folder)
        stopped_after_rows(folder, 3, 50)
        jobs_on(2).finish(folder)
        frames, thermo = last_steps(folder)
        check(frames == list(range(0, 2401, 40)), frames)
        check(thermo == list(range(0, 2401, 10)), thermo)


def test_a_checkpoint_starts_another_folder():
    with Scratch() as folder:
        write_input(folder)
        jobs_on(1).finish(folder)
        write_input(folder, 2050)
        result = r1md("a.yaml", "-o", "b", "--restart", "a", folder=folder)
        check(result.code == 0 and (folder / "b" / "thermo.csv").exists(), result)
        missing = r1md("a.yaml", "-o", "c", "--restart", "nowhere.h5", folder=folder)
        check(missing.code == 5 and "nowhere.h5" in missing.err, missing)


run_tests(globals())
