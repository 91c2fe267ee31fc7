"""`--reproducible`: the same bytes of results on any number of ranks and threads, with restarts between them.

Usage: reproducible.py r1md mpiexec
SPDX-License-Identifier: Apache-2.0
"""

import re
import shutil

from cli import INPUTS, Scratch, check, program_of_arguments, run_tests, summary
from jobs import STOPPED, Jobs, check_same, input_text, results

r1md = program_of_arguments()
LAYOUTS = [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (4, 1)]   # ranks, threads

# A fluid of two species in a skewed cell, hot enough that atoms change ranks.
MIXTURE = """r1md: 1
units: lj
system:
  structure: atoms.xyz
  species: [{name: A, mass: 1.0}, {name: B, mass: 2.0}]
  velocities: {temperature: 2.0}
potential:
  - lennard_jones:
      cutoff: 2.5
      shift: force
      mixing: lorentz_berthelot
      pairs: [{species: [A, A], epsilon: 1.0, sigma: 1.0}, {species: [B, B], epsilon: 0.7, sigma: 0.9}]
run:
  - minimize: {force_tolerance: 1e-2, max_steps: 60}
  - dynamics: {steps: 1000, timestep: 0.003, thermostat: {langevin: {temperature: 2.0, friction: 0.5}}}
output:
  thermo: {every: 50}
  trajectory: {every: 200, format: extxyz, fields: [position, image, velocity, force]}
  observables: [msd: {every: 100, remove_drift: true}]
checkpoint: {every: 300}
"""


def crystal(n=5, constant=1.7):
    edge = n * constant
    basis = [(0, 0, 0), (0.5, 0.5, 0), (0.5, 0, 0.5), (0, 0.5, 0.5)]
    sites = [(a + at[0], b + at[1], c + at[2]) for a in range(n) for b in range(n) for c in range(n) for at in basis]
    tilt = 0.3 * constant
    lines = [str(len(sites)), f'Lattice="{edge} 0 0 {tilt * n} {edge} 0 0 {tilt * n} {edge}" Properties=species:S:1:pos:R:3 pbc="T T T"']
    for k, (a, b, c) in enumerate(sites):
        lines.append(f"{'AB'[k % 3 == 0]} {constant * a + tilt * b!r} {constant * b + tilt * c!r} {constant * c!r}")
    return "\n".join(lines) + "\n"


def copper():
    """The example, longer and with a bath."""
    text = (INPUTS / "eam_copper.yaml").read_text()
    text = re.sub(r"repeat: \[8, 8, 8\]", "repeat: [6, 6, 6]", text)
    return re.sub(r"duration: 1 ps\n(\s*)timestep: 5 fs", r"duration: 2 ps\n\1timestep: 2 fs\n\1thermostat: {langevin: {temperature: 900 K, friction: 1 ps-1}}", text)


def write(folder, text):
    (folder / "atoms.xyz").write_text(crystal())
    for table in INPUTS.glob("*.eam*"):
        shutil.copy(table, folder)
    (folder / "a.yaml").write_text(text)


def run_on(text, ranks, threads):
    with Scratch() as folder:
        write(folder, text)
        jobs = Jobs(r1md.path, r1md.launcher, ranks)
        jobs.finish(folder, "--reproducible", "--threads", str(threads))
        return results(folder), summary(folder / "a")


def check_all_layouts(text, name):
    expected = None
    for ranks, threads in LAYOUTS:
        found, facts = run_on(text, ranks, threads)
        check(facts["ranks"] == ranks and facts["threads"] == (1 if facts["device"] == "Serial" else threads), facts)
        check(found["thermo.csv"].count(b"\n") > 5)
        expected = expected or found
        check_same(found, expected)
    print(f"{name}: the same bytes of {', '.join(expected)} on {LAYOUTS} ranks and threads")


def test_a_melt_with_a_chain():
    # A minimisation, Langevin, then a Nose-Hoover chain.
    check_all_layouts(input_text(repeat=6, steps=1000), "Lennard-Jones melt")


def test_a_mixture_in_a_skewed_cell():
    check_all_layouts(MIXTURE, "mixture")


def test_a_metal():
    check_all_layouts(copper(), "copper")


def test_a_run_goes_on_with_another_number_of_ranks():
    text = MIXTURE
    expected, _ = run_on(text, 1, 1)
    with Scratch() as folder:
        write(folder, text)
        for ranks in (3, 1, 4):
            job = Jobs(r1md.path, r1md.launcher, ranks).start(folder, "--reproducible", "--walltime", "00:00:01")
            out, err = job.communicate(timeout=60)
            check(job.returncode in (0, STOPPED), job.returncode, out, err)
        Jobs(r1md.path, r1md.launcher, 2).finish(folder, "--reproducible")
        check_same(results(folder), expected)


def test_a_minimum_is_found_as_closely_as_without():
    for options in ((), ("--reproducible",)):
        with Scratch() as folder:
            for file in INPUTS.glob("minimize.*"):
                shutil.copy(file, folder)
            result = r1md("minimize.yaml", *options, folder=folder)
            check(result.code == 0 and "not found" not in result.err, options, result)
            largest = float(re.search(r"largest force ([0-9.e+-]+)", result.out)[1])
            check(largest < 1e-7, options, result)


def test_a_cell_at_the_edge_of_a_power_of_two_restarts():
    text = MIXTURE.replace("structure: atoms.xyz", "lattice: {type: fcc, constant: 1.5999999999999999, repeat: [5, 5, 5], species: A}")
    text = text.replace("checkpoint: {every: 300}", "parallel: {}").replace("steps: 1000", "steps: STEPS")
    with Scratch() as folder:
        jobs = Jobs(r1md.path, r1md.launcher, 1)
        write(folder, text.replace("STEPS", "100"))
        jobs.finish(folder, "--reproducible")
        expected = results(folder)
        shutil.rmtree(folder / "a")
        for steps in ("50", "100"):
            write(folder, text.replace("STEPS", steps))
            jobs.finish(folder, "--reproducible")
        check_same(results(folder), expected)


def test_without_it_ranks_differ():
    """Or the tests above would prove nothing."""
    with Scratch() as folder:
        write(folder, MIXTURE)
        found = []
        for ranks in (1, 4):
            Jobs(r1md.path, r1md.launcher, ranks).finish(folder, "--overwrite")
            found.append(results(folder)["trajectory.xyz"])
        check(found[0] != found[1], "the same bits without being asked for them")


def test_forces_beyond_its_range_are_said():
    with Scratch() as folder:
        lines = crystal().splitlines()
        where = lines[2].split()
        lines[3] = f"{lines[3].split()[0]} {float(where[1]) + 0.2} {where[2]} {where[3]}"
        write(folder, MIXTURE)
        (folder / "atoms.xyz").write_text("\n".join(lines) + "\n")
        job = Jobs(r1md.path, r1md.launcher, 2).start(folder, "--reproducible")
        out, err = job.communicate(timeout=60)
        check(job.returncode == 4 and "reproducible arithmetic bears" in err, job.returncode, out, err)


run_tests(globals())
