"""Jobs of r1md that are stopped, killed and started again, and what a run without a stop leaves.

SPDX-License-Identifier: Apache-2.0
"""

import os
import signal
import subprocess
import time

from cli import Scratch, check

STOPPED = 75
# A melt with all outputs: small, so that most of its time goes into files.
INPUT = """r1md: 1
units: lj
system:
  lattice: {type: fcc, density: 0.8442, repeat: [REPEAT, REPEAT, REPEAT], species: Ar}
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
checkpoint: {every: CHECKPOINT}
"""
# trajectory.xyz has positions and velocities with 17 digits: equal bytes are equal bits.
RESULTS = ("thermo.csv", "trajectory.xyz", "evaluate.xyz")


class Jobs:
    """Starts r1md on `ranks` ranks in a folder; results go to its folder `a`."""

    def __init__(self, r1md, mpiexec, ranks):
        self.r1md, self.mpiexec, self.ranks = os.path.abspath(r1md), mpiexec, ranks

    def start(self, folder, *arguments, environment=None):
        """A job in a process group of its own."""
        launcher = [self.mpiexec, "-n", str(self.ranks)] if self.ranks > 1 else []
        return subprocess.Popen([*launcher, self.r1md, "a.yaml", "--log-level", "warning", *arguments], cwd=folder, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
                                env={**os.environ, **(environment or {})})

    def finish(self, folder, *arguments):
        """To the end; the standard error."""
        job = self.start(folder, *arguments)
        out, err = job.communicate(timeout=300)
        check(job.returncode == 0, f"exit code {job.returncode}", out, err)
        return err

    def ranks_of(self, job):
        """Process ids of its ranks, once all are there; none if it has ended."""
        if self.ranks == 1:
            return [job.pid]
        while job.poll() is None:
            children = subprocess.run(["pgrep", "-P", str(job.pid), "-x", "r1md"], capture_output=True, text=True, check=False)
            found = children.stdout.split()
            if len(found) == self.ranks:
                return [int(pid) for pid in found]
            time.sleep(0.01)
        return []

    def whole(self, text):
        """Results of a run of the input `text` that nobody disturbs."""
        with Scratch() as folder:
            (folder / "a.yaml").write_text(text)
            start = time.monotonic()
            self.finish(folder)
            return results(folder), time.monotonic() - start


def input_text(repeat=5, steps=800, checkpoint=150):
    return INPUT.replace("REPEAT", str(repeat)).replace("STEPS", str(steps)).replace("CHECKPOINT", str(checkpoint))


def results(folder):
    files = {name: folder / "a" / name for name in RESULTS}
    return {name: file.read_bytes() for name, file in files.items() if file.exists()}


def check_same(found, expected):
    check(found.keys() == expected.keys(), found.keys())
    for name, text in found.items():
        check(text == expected[name], f"{name} differs from that of the run without a stop")


def rows(folder):
    """Lines of thermo.csv so far."""
    file = folder / "a" / "thermo.csv"
    return file.read_text().count("\n") if file.exists() else 0


def kill_group(job):
    try:
        os.killpg(job.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    return job.communicate()


def kill_one(pid, number=signal.SIGKILL):
    """False if it is gone."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def wait_for(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        check(time.monotonic() < end, f"waited in vain for {what}")
        time.sleep(0.005)
