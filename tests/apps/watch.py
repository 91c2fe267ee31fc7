"""Runs that go wrong: a rank that stands still, atoms that overlap. Each ends with its exit code and says who it was.

Usage: watch.py r1md mpiexec
SPDX-License-Identifier: Apache-2.0
"""

import os
import random
import re
import signal
import time

from cli import Scratch, check, program_of_arguments, run_tests
from jobs import Jobs, input_text, rows, wait_for

r1md = program_of_arguments()
NO_PROGRESS, NUMERIC_STOP = 7, 4


def running_job(folder, ranks, steps, stall):
    (folder / "a.yaml").write_text(input_text(repeat=6, steps=steps) + f"watchdog: {{stall: {stall} s}}\n")
    job = Jobs(r1md.path, r1md.launcher, ranks).start(folder)
    wait_for(lambda: rows(folder) > 5 or job.poll() is not None, "rows")
    pids = Jobs(r1md.path, r1md.launcher, ranks).ranks_of(job)
    check(job.poll() is None, "it ended before it could be stopped")
    return job, pids


def test_a_rank_that_is_stopped_is_named():
    for victim in (0, 2):
        with Scratch() as folder:
            job, pids = running_job(folder, 4, 1000000, 2)
            os.kill(pids[victim], signal.SIGSTOP)
            start = time.monotonic()
            out, err = job.communicate(timeout=60)
            seconds = time.monotonic() - start
            check(job.returncode == NO_PROGRESS, f"exit code {job.returncode}", out, err)
            said = re.search(r"no progress for .* s: rank (\d) \(host \S+, process (\d+)\) gives no sign of life, last seen in step \d+", err)
            check(said is not None and int(said[2]) == pids[victim], err)
            check(len(re.findall("no progress for", err)) == 1, err)
            check(seconds < 15, f"{seconds:.1f} s until it was noticed")
            status = r1md("--status", folder / "a").out
            check("failed with exit code 7" in status and "no sign of life" in status, status)
            print(f"rank {said[1]} of 4 stopped: named and ended after {seconds:.1f} s with a limit of 2 s")


def test_a_long_evaluation_is_no_stall():
    with Scratch() as folder:
        atoms, _, _ = crystal_with_an_overlap(random.Random(1), n=2)
        (folder / "atoms.xyz").write_text(atoms)
        (folder / "frames.xyz").write_text(3000 * atoms)
        evaluation = OVERLAP.replace("dynamics: {steps: 100, timestep: 0.002}", "evaluate: {frames: frames.xyz}")
        (folder / "a.yaml").write_text(evaluation + "watchdog: {stall: 0.5 s}\n")
        start = time.monotonic()
        job = Jobs(r1md.path, r1md.launcher, 2).start(folder)
        out, err = job.communicate(timeout=120)
        check(job.returncode == 0, job.returncode, out[-500:], err[-2000:])
        check(time.monotonic() - start > 1, "too quick to prove anything")


def test_a_job_that_is_suspended_as_a_whole_goes_on():
    with Scratch() as folder:
        job, pids = running_job(folder, 2, 1500, 1)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(4)
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
        out, err = job.communicate(timeout=120)
        check(job.returncode == 0, job.returncode, out, err)
        check(not (folder / "a" / ".heartbeat").exists())


def test_status_says_who_is_alive():
    with Scratch() as folder:
        job, _ = running_job(folder, 3, 1000000, 60)
        wait_for(lambda: "3 of 3 alive, the hindmost in step" in r1md("--status", folder / "a").out, "signs of life")
        job.terminate()
        job.communicate(timeout=60)


OVERLAP = """r1md: 1
units: lj
system:
  structure: atoms.xyz
  species: [{name: Ar, mass: 1.0}]
  velocities: {temperature: 1.0}
potential:
  - lennard_jones: {cutoff: 2.5, pairs: [{species: [Ar, Ar], epsilon: 1.0, sigma: 1.0}]}
run:
  - dynamics: {steps: 100, timestep: 0.002}
"""


def crystal_with_an_overlap(rng, n=4, constant=1.68):
    """extxyz of an fcc crystal in which one atom has been put close to another; and the ids of the two."""
    basis = [(0, 0, 0), (0.5, 0.5, 0), (0.5, 0, 0.5), (0, 0.5, 0.5)]
    atoms = [[constant * (cell + site) for cell, site in zip((a, b, c), at)]
             for a in range(n) for b in range(n) for c in range(n) for at in basis]
    one, other = rng.sample(range(len(atoms)), 2)
    direction = [rng.gauss(0, 1) for _ in range(3)]
    length = sum(d * d for d in direction)**0.5
    distance = 10**rng.uniform(-3, -1)
    atoms[one] = [x + distance * d / length for x, d in zip(atoms[other], direction)]
    edge = n * constant
    lines = [str(len(atoms)), f'Lattice="{edge} 0 0 0 {edge} 0 0 0 {edge}" Properties=species:S:1:pos:R:3 pbc="T T T"']
    lines += [f"Ar {x!r} {y!r} {z!r}" for x, y, z in atoms]
    return "\n".join(lines) + "\n", {one + 1, other + 1}, distance


def test_atoms_that_overlap_anywhere_are_named():
    rng = random.Random(7)
    for k in range(20):
        with Scratch() as folder:
            atoms, ids, distance = crystal_with_an_overlap(rng)
            (folder / "atoms.xyz").write_text(atoms)
            (folder / "a.yaml").write_text(OVERLAP)
            job = Jobs(r1md.path, r1md.launcher, 1 + k % 4).start(folder)
            out, err = job.communicate(timeout=60)
            check(job.returncode == NUMERIC_STOP, f"{distance:.4f} apart: exit code {job.returncode}", out, err)
            pair = re.search(r"the closest pair is atoms (\d+) \(Ar\) and (\d+) \(Ar\), (\S+) apart", err)
            check(pair is not None and {int(pair[1]), int(pair[2])} == ids, ids, err)
            check(abs(float(pair[3]) - distance) < 1e-3 * distance, distance, err)
            frames = (folder / "a" / "panic.xyz").read_text()
            check(frames.count("Lattice=") == 2 and len(frames.splitlines()) == 2 * (256 + 2), frames[:200])


run_tests(globals())
