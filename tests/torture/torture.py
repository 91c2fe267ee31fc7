"""Disturbs runs of r1md in every way that a cluster knows, and checks that nothing is lost.

    kill     kill -9 of one rank or of the whole job at random moments, a quarter of them while a checkpoint is being written;
             the same command goes on each time, and what it leaves in the end is compared byte by byte with a run without a kill
    signal   TERM, USR1, INT, USR2 to one random rank: a checkpoint at one step on all ranks, exit code 75, within 10 s
    fault    every call that writes (open, write, truncate, fsync, rename, close) fails once with ENOSPC and once with EIO: exit code 5
             with the path, and the same command goes on to the same results
    flip     random bit flips and truncations of the newest checkpoint: each is found, named, and the previous one is used
    full     a disk that fills up (64 MB)

SPDX-License-Identifier: Apache-2.0
"""

import argparse
import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "apps"))

from cli import Scratch, check  # noqa: E402
from jobs import STOPPED, Jobs, check_same, input_text, kill_group, kill_one, results, wait_for  # noqa: E402

TEMPORARY = ".checkpoint.h5.tmp"


class Report:
    def __init__(self):
        self.lines = []

    def add(self, name, count, text):
        self.lines.append((name, count, text))
        print(f"{name:>8} {count:>6}  {text}", flush=True)


def kill(jobs, count, rng, report):
    text = input_text(repeat=5, steps=800, checkpoint=10)
    expected, seconds = jobs.whole(text)
    kills = in_write = before_first = completed = 0
    folder = None
    try:
        while kills < count or folder is not None:
            if folder is None:
                scratch = Scratch()
                folder = scratch.__enter__()
                (folder / "a.yaml").write_text(text)
            job = jobs.start(folder)
            wants_write = in_write < count // 4 and rng.random() < 0.6
            end = time.monotonic() + rng.uniform(0.05, 1.1 * seconds)
            while time.monotonic() < end and job.poll() is None:
                time.sleep(0.001)
            if wants_write:
                while job.poll() is None and not (folder / "a" / TEMPORARY).exists():
                    pass
            if kills < count and job.poll() is None:
                first = not (folder / "a" / "checkpoint.h5").exists() and not (folder / "a" / "checkpoint_prev.h5").exists()
                victims = jobs.ranks_of(job) if rng.random() < 0.5 else []
                if victims:
                    kill_one(rng.choice(victims))
                    job.communicate(timeout=60)
                else:
                    kill_group(job)
                if job.returncode != 0:
                    kills += 1
                    before_first += first
                    in_write += (folder / "a" / TEMPORARY).exists()
                    continue
            out, err = job.communicate(timeout=300)
            check(job.returncode == 0, f"after {kills} kills: exit code {job.returncode}", out, err)
            check_same(results(folder), expected)
            completed += 1
            scratch.__exit__()
            folder = None
    finally:
        if folder is not None:
            print(f"left for a look: {folder}", file=sys.stderr)
    report.add("kill", kills, f"{in_write} inside a checkpoint's write, {before_first} before the first one; {completed} runs ended, "
               "each with the bytes of an undisturbed one")


def signals(jobs, count, rng, report):
    text = input_text(repeat=5, steps=1600, checkpoint=1000000)
    expected, seconds = jobs.whole(text)
    slowest, stopped, completed = 0.0, 0, 0
    numbers = [signal.SIGTERM, signal.SIGUSR1, signal.SIGINT, signal.SIGUSR2] * count
    rng.shuffle(numbers)
    while numbers:
        with Scratch() as folder:
            (folder / "a.yaml").write_text(text)
            while True:
                before = events(folder)
                job = jobs.start(folder)
                pids = jobs.ranks_of(job)
                # Before main() a signal is an end like any other.
                wait_for(lambda: events(folder) > before or job.poll() is not None, "the start")
                time.sleep(rng.uniform(0, 0.5 * seconds))
                if not numbers or not pids or not kill_one(rng.choice(pids), numbers[-1]):
                    break
                start = time.monotonic()
                out, err = job.communicate(timeout=60)
                if job.returncode == 0:
                    break
                check(job.returncode == STOPPED, f"exit code {job.returncode}", out, err)
                slowest = max(slowest, time.monotonic() - start)
                check(slowest < 10, f"{slowest:.1f} s from the signal to the end")
                numbers.pop()
                stopped += 1
            out, err = job.communicate(timeout=300)
            check(job.returncode == 0, job.returncode, out, err)
            check_same(results(folder), expected)
            completed += 1
    report.add("signal", stopped, f"exit code {STOPPED} each time, the slowest after {slowest:.2f} s; {completed} runs ended with the bytes "
               "of an undisturbed one")


def events(folder):
    file = folder / "a" / "run.jsonl"
    return file.read_text().count("\n") if file.exists() else 0


def fault(jobs, interposer, count, rng, report):
    alone = Jobs(jobs.r1md, jobs.mpiexec, 1)
    # Signs of life are written by the clock, and a run goes on without them: not calls to count.
    text = input_text(repeat=4, steps=100, checkpoint=200).replace("steps: 400", "steps: 300") + "watchdog: none\n"
    expected, _ = alone.whole(text)
    calls = calls_of(alone, interposer, text)
    cases = [(at, number) for at in range(1, len(calls) + 1) for number in (errno.ENOSPC, errno.EIO)]
    if count < len(cases):
        cases = rng.sample(cases, count)
    kinds = {}
    for at, number in cases:
        with Scratch() as folder:
            (folder / "a.yaml").write_text(text)
            environment = {"LD_PRELOAD": interposer, "R1_FAULT_FOLDER": str(folder / "a"), "R1_FAULT_AT": str(at),
                           "R1_FAULT_ERRNO": str(number)}
            job = alone.start(folder, environment=environment)
            out, err = job.communicate(timeout=120)
            where = f"call {at} ({calls[at - 1]}) with {errno.errorcode[number]}"
            check(job.returncode == 5, f"{where}: exit code {job.returncode}", out, err)
            check(str(folder / "a") in err or "'a" in err, f"{where}: no path", err)
            check(os.strerror(number) in err, f"{where}: no reason", err)
            if calls[at - 1].startswith("write"):
                check(" bytes to " in err, f"{where}: no bytes", err)
            alone.finish(folder)
            check_same(results(folder), expected)
            kind = calls[at - 1].split()[0]
            kinds[kind] = kinds.get(kind, 0) + 1
    report.add("fault", len(cases), "exit code 5 with path and reason, then the same results: " +
               ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items())) + f" (of {2 * len(calls)})")


def calls_of(jobs, interposer, text):
    with Scratch() as folder:
        (folder / "a.yaml").write_text(text)
        log = folder / "calls"
        job = jobs.start(folder, environment={"LD_PRELOAD": interposer, "R1_FAULT_FOLDER": str(folder / "a"), "R1_FAULT_LOG": str(log)})
        out, err = job.communicate(timeout=120)
        check(job.returncode == 0, job.returncode, out, err)
        return [line.split(" ", 1)[1].replace(str(folder), "") for line in log.read_text().splitlines()]


def flip(jobs, count, rng, report):
    alone = Jobs(jobs.r1md, jobs.mpiexec, 1)
    text = input_text(repeat=3, steps=100, checkpoint=100)
    expected, _ = alone.whole(text)
    flips = cuts = 0
    with Scratch() as origin:
        (origin / "a.yaml").write_text(text)
        alone.finish(origin)
        os.remove(origin / "a" / "summary.json")
        whole = (origin / "a" / "checkpoint.h5").read_bytes()
        for k in range(count):
            with Scratch() as folder:
                shutil.copytree(origin, folder, dirs_exist_ok=True)
                data = bytearray(whole)
                if k % 3 < 2:
                    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
                    flips += 1
                else:
                    data = data[:rng.randrange(len(data))]
                    cuts += 1
                (folder / "a" / "checkpoint.h5").write_bytes(data)
                err = alone.finish(folder)
                check("checkpoint.h5' is damaged" in err, f"damage {k} was not named", err)
                check_same(results(folder), expected)
    report.add("flip", flips + cuts, f"{flips} flips and {cuts} cuts, all found and named; the previous checkpoint led to the same bytes")


def full(jobs, count, rng, report):
    """Needs the right to mount."""
    del count, rng
    alone = Jobs(jobs.r1md, jobs.mpiexec, 1)
    text = input_text(repeat=16, steps=4000, checkpoint=100)
    with Scratch() as folder:
        disk = folder / "disk"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(disk)], check=False, capture_output=True).returncode != 0:
            report.add("full", 0, "skipped: no right to mount a small disk")
            return
        try:
            (disk / "a.yaml").write_text(text)
            job = alone.start(disk)
            out, err = job.communicate(timeout=300)
            check(job.returncode == 5, f"exit code {job.returncode}", out, err)
            check(os.strerror(errno.ENOSPC) in err, err)
            # With room again it goes on: to a stop, not to the end.
            subprocess.run(["mount", "-o", "remount,size=1g", str(disk)], check=True)
            job = alone.start(disk, "--walltime", "00:00:08")
            out, err = job.communicate(timeout=300)
            check(job.returncode == STOPPED, f"exit code {job.returncode}", out, err)
        finally:
            subprocess.run(["umount", "-l", str(disk)], check=False)
    report.add("full", 1, "exit code 5 with the path; with room again the same command goes on")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", nargs="?", default="all", choices=["all", "kill", "signal", "fault", "flip", "full"])
    parser.add_argument("--count", type=int, help="disturbances (signal: of each kind; fault: at most)")
    parser.add_argument("--ranks", type=int, default=4)
    parser.add_argument("--seed", type=int, default=None, help="default: the time")
    parser.add_argument("--program", default=str(SOURCE / "build" / "release" / "bin" / "r1md"))
    parser.add_argument("--interposer", default=str(SOURCE / "build" / "release" / "tests" / "torture" / "libr1_interposer.so"))
    parser.add_argument("--mpiexec", default="mpiexec")
    chosen = parser.parse_args()
    seed = chosen.seed if chosen.seed is not None else time.time_ns() % 1000000
    print(f"seed {seed}, {chosen.ranks} ranks", flush=True)
    jobs = Jobs(chosen.program, chosen.mpiexec, chosen.ranks)
    report = Report()
    usual = {"kill": 200, "signal": 25, "fault": 10**6, "flip": 1500, "full": 1}
    for kind, default in usual.items():
        if chosen.kind not in ("all", kind):
            continue
        count = chosen.count if chosen.count is not None else default
        rng = random.Random(f"{seed} {kind}")
        start = time.monotonic()
        if kind == "fault":
            fault(jobs, chosen.interposer, count, rng, report)
        else:
            {"kill": kill, "signal": signals, "flip": flip, "full": full}[kind](jobs, count, rng, report)
        print(f"{'':>16} {time.monotonic() - start:.0f} s", flush=True)


try:
    main()
except AssertionError as error:
    print(f"FAILED: {error}")
    sys.exit(1)
