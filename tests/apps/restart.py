"""Stops and goes on: r1md is stopped by signals, killed, run out of time, its checkpoints damaged, its input changed; what is left in
the end is what a run without a stop leaves, byte by byte.

Usage: restart.py r1md mpiexec
SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import signal
import subprocess
import time

from cli import Scratch, check, program_of_arguments, run_tests

r1md = program_of_arguments()

INPUT = """r1md: 1
units: lj
system:
  lattice: {type: fcc, density: 0.8442, repeat: [7, 7, 7], species: Ar}
  species: [{name: Ar, mass: 1.0}]
  velocities: {temperature: 1.44}
potential:
  - lennard_jones: {cutoff: 2.5, pairs: [{species: [Ar, Ar], epsilon: 1.0, sigma: 1.0}]}
run:
  - minimize: {force_tolerance: 1e-3, max_steps: 100}
  - dynamics: {steps: 400, timestep: 0.005, thermostat: {langevin: {temperature: 1.0, friction: 1.0}}}
  - dynamics: {steps: STEPS, timestep: 0.005, thermostat: {nose_hoover: {temperature: 1.0, time_constant: 0.2}}}
output:
  thermo: {every: 10}
  trajectory: {every: 40, format: [h5md, extxyz], fields: [position, image, velocity, force]}
  observables: [rdf: {every: 20, cutoff: 3.0}, msd: {every: 10}]
checkpoint: {every: 150}
"""
STOPPED = 75


def write_input(folder, steps=2000):
    (folder / "a.yaml").write_text(INPUT.replace("STEPS", str(steps)))


def start(folder, ranks, *arguments):
    """A job in a process group of its own."""
    command = [r1md.launcher, "-n", str(ranks), r1md.path] if ranks > 1 else [r1md.path]
    return subprocess.Popen([*command, "a.yaml", "--log-level", "warning", *arguments], cwd=folder, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, start_new_session=True)


def ranks_of(job, ranks):
    """Process ids of its ranks, once they are all there."""
    if ranks == 1:
        return [job.pid]
    for _ in range(200):
        found = subprocess.run(["pgrep", "-P", str(job.pid), "-x", "r1md"], capture_output=True, text=True, check=False).stdout.split()
        if len(found) == ranks:
            return [int(pid) for pid in found]
        time.sleep(0.02)
    raise AssertionError("the ranks did not start")


def wait_for(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        check(time.monotonic() < end, f"waited in vain for {what}")
        time.sleep(0.01)


def rows(folder):
    file = folder / "a" / "thermo.csv"
    return file.read_text().count("\n") if file.exists() else 0


def last_steps(folder):
    """Steps of the trajectory's frames and of thermo's rows."""
    thermo = [int(line.split(",")[0]) for line in (folder / "a" / "thermo.csv").read_text().splitlines()[1:]]
    frames = [int(word[5:]) for line in (folder / "a" / "trajectory.xyz").read_text().splitlines() if line.startswith("Lattice")
              for word in line.split() if word.startswith("step=")]
    return frames, thermo


def finish(folder, ranks, *arguments):
    job = start(folder, ranks, *arguments)
    out, err = job.communicate(timeout=200)
    check(job.returncode == 0, job.returncode, out, err)
    return err


def whole_run(ranks, steps=2000):
    """What is compared of a run without a stop."""
    with Scratch() as folder:
        write_input(folder, steps)
        finish(folder, ranks)
        return results(folder)


def results(folder):
    return {name: (folder / "a" / name).read_bytes() for name in ("thermo.csv", "trajectory.xyz")}


def check_same(folder, expected):
    for name, text in results(folder).items():
        check(text == expected[name], f"{name} differs")


def test_signals_stop_all_ranks_with_a_checkpoint():
    for ranks in (1, 3):
        expected = whole_run(ranks)
        with Scratch() as folder:
            write_input(folder)
            for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT, signal.SIGUSR2):
                before = rows(folder)
                job = start(folder, ranks)
                wait_for(lambda: rows(folder) > before + 2 or job.poll() is not None, "rows")
                check(job.poll() is None, "it ended before it could be stopped")
                os.kill(ranks_of(job, ranks)[-1], number)
                out, err = job.communicate(timeout=20)
                check(job.returncode == STOPPED and "the same command goes on" in err, number, job.returncode, out, err)
            finish(folder, ranks)
            check_same(folder, expected)
            kinds = [json.loads(line)["event"] for line in (folder / "a" / "run.jsonl").read_text().splitlines()]
            check(kinds.count("restart") == 4 and kinds[-1] == "end", kinds)


def test_a_kill_loses_nothing():
    for ranks in (1, 4):
        expected = whole_run(ranks)
        with Scratch() as folder:
            write_input(folder)
            for k in range(5):
                before = rows(folder)
                job = start(folder, ranks)
                if k > 0:
                    wait_for(lambda: rows(folder) != before or job.poll() is not None, "rows")
                time.sleep(0.05 + 0.04 * k)
                os.killpg(job.pid, signal.SIGKILL)
                job.communicate()
            finish(folder, ranks)
            check_same(folder, expected)


def test_time_that_is_up_is_a_stop():
    with Scratch() as folder:
        write_input(folder, 100000000)
        job = start(folder, 1, "--walltime", "00:00:06")
        out, err = job.communicate(timeout=20)
        check(job.returncode == STOPPED, job.returncode, out, err)
        result = r1md("a.yaml", "--walltime", "soon", folder=folder)
        check(result.code == 2 and "HH:MM:SS" in result.err, result)


def test_a_damaged_checkpoint_is_passed_over_and_named():
    expected = whole_run(1)
    with Scratch() as folder:
        write_input(folder)
        job = start(folder, 1)
        wait_for(lambda: rows(folder) > 50, "rows")
        job.send_signal(signal.SIGTERM)
        job.communicate(timeout=20)
        file = folder / "a" / "checkpoint.h5"
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 16
        file.write_bytes(data)
        err = finish(folder, 1)
        check("checkpoint.h5' is damaged" in err, err)
        check_same(folder, expected)
        for name in ("checkpoint.h5", "checkpoint_prev.h5"):
            (folder / "a" / name).write_bytes(b"nothing")
        os.remove(folder / "a" / "summary.json")
        result = r1md("a.yaml", folder=folder)
        check(result.code == 6 and "checkpoint_prev.h5" in result.err, result)


def test_more_steps_go_on_from_a_finished_run():
    expected = whole_run(1, 877)
    with Scratch() as folder:
        write_input(folder, 433)  # its last row is off the grid of outputs, and has no place in the longer run
        finish(folder, 1)
        check(last_steps(folder)[1][-2:] == [830, 833], last_steps(folder))
        write_input(folder, 877)
        err = finish(folder, 1)
        check("'run[2].dynamics.steps' was 433, is 877" in err, err)
        check_same(folder, expected)


def test_changes_that_matter_are_refused():
    with Scratch() as folder:
        write_input(folder)
        job = start(folder, 1)
        wait_for(lambda: rows(folder) > 50, "rows")
        job.send_signal(signal.SIGTERM)
        job.communicate(timeout=20)
        for change, words in (("seed=43", "'seed' was 42, is 43"), ("run[1].dynamics.timestep=0.004", "timestep"),
                              ("potential[0].lennard_jones.cutoff=2.4", "cutoff"), ("output.trajectory.fields=position", "fields")):
            result = r1md("a.yaml", "--set", change, folder=folder)
            check(result.code == 3 and words in result.err, change, result)
        result = r1md("a.yaml", "--set", "seed=43", "--set", "run[1].dynamics.timestep=0.004", folder=folder)
        check(result.err.count(": error: ") == 2, result)
        check(r1md("a.yaml", "--restart", "none", folder=folder).code == 2)
        # How often a checkpoint is written is nobody's business but the user's.
        check(r1md("a.yaml", "--set", "checkpoint=1 min", folder=folder).code == 0)


def test_another_number_of_ranks_goes_on():
    with Scratch() as folder:
        write_input(folder)
        job = start(folder, 3)
        wait_for(lambda: rows(folder) > 50, "rows")
        os.kill(ranks_of(job, 3)[0], signal.SIGTERM)
        job.communicate(timeout=20)
        finish(folder, 2)
        frames, thermo = last_steps(folder)
        check(frames == list(range(0, 2401, 40)), frames)
        check(thermo == list(range(0, 2401, 10)), thermo)


def test_a_checkpoint_starts_another_folder():
    with Scratch() as folder:
        write_input(folder)
        finish(folder, 1)
        write_input(folder, 2050)
        result = r1md("a.yaml", "-o", "b", "--restart", "a", folder=folder)
        check(result.code == 0 and (folder / "b" / "thermo.csv").exists(), result)
        check(r1md("a.yaml", "-o", "c", "--restart", "nowhere.h5", folder=folder).code != 0)


run_tests(globals())
