"""r1md on several ranks: the same thermodynamics and the same exit code on every number of them, one voice for all.

Usage: ranks.py r1md mpirun
SPDX-License-Identifier: Apache-2.0
"""

import os
import re

from cli import INPUTS, SMALL, Scratch, check, near, program_of_arguments, run_tests, summary, thermo

r1md = program_of_arguments()
RANKS = (2, 3, 4)

# Rounding grows by the chaos of the dynamics: about a factor of 10 in every 30 steps of a liquid; sums differ in the last bits.
RELATIVE = 1e-11


def test_every_number_of_ranks_gives_the_same_thermo():
    with Scratch() as folder:
        (folder / "a.yaml").write_text(SMALL)
        check(r1md("a.yaml", "-o", "n1", folder=folder).code == 0)
        expected = thermo(folder / "n1")
        for ranks in RANKS:
            result = r1md("a.yaml", "-o", f"n{ranks}", ranks=ranks, folder=folder)
            check(result.code == 0, result)
            check(result.out.count("atom-steps/s") == 1, result)   # said once
            check(summary(folder / f"n{ranks}")["ranks"] == ranks)
            found = thermo(folder / f"n{ranks}")
            check(len(found) == len(expected))
            for left, right in zip(found, expected):
                for key, value in right.items():
                    scale = max(1.0, abs(value))
                    near(left[key], value, RELATIVE * scale, f"{key} on {ranks} ranks")


def test_faults_of_the_input_are_said_once_and_end_all_ranks():
    with Scratch() as folder:
        (folder / "a.yaml").write_text(SMALL.replace("timestep", "time_step"))
        (folder / "grid.yaml").write_text(SMALL + "parallel: {grid: [3, 1, 1]}\n")
        for name, text in (("a.yaml", "did you mean 'timestep'"), ("missing.yaml", "missing.yaml"),
                           ("grid.yaml", "3 bricks, this run has 2 ranks")):
            result = r1md(name, ranks=2, folder=folder)
            check(result.code == 3 and result.err.count(text) >= 1, name, result)
            check(result.err.count("nothing was run") == 1, name, result)
        check(sorted(os.listdir(folder)) == ["a.yaml", "grid.yaml"], os.listdir(folder))


def test_a_stop_in_mid_run_ends_all_ranks_with_its_code():
    with Scratch() as folder:
        (folder / "a.yaml").write_text(SMALL.replace("timestep: 0.005", "timestep: 5"))
        result = r1md("a.yaml", ranks=2, folder=folder)
        check(result.code == 4 and result.err.count("more than half of the cutoff") == 1, result)
        frames = [line for line in (folder / "a" / "panic.xyz").read_text().splitlines() if "Lattice" in line]
        check(len(frames) == 2, frames)


def test_files_that_rank_0_cannot_write_end_all_ranks():
    with Scratch() as folder:
        (folder / "a.yaml").write_text(SMALL)
        result = r1md("a.yaml", "-o", "/proc/r1_results", ranks=2, folder=folder)
        check(result.code == 5 and result.err.count("/proc/r1_results") == 1, result)


def test_results_that_are_there_are_refused_on_all_ranks():
    with Scratch() as folder:
        (folder / "a.yaml").write_text(SMALL)
        check(r1md("a.yaml", ranks=2, folder=folder).code == 0)
        again = r1md("a.yaml", ranks=2, folder=folder)
        check(again.code == 0 and again.out.count("finished") == 1, again)
        other = r1md("a.yaml", "--set", "seed=7", ranks=2, folder=folder)
        check(other.code == 3 and other.err.count("--overwrite") == 1, other)


def test_a_file_is_read_evaluated_and_minimised_on_ranks_without_atoms():
    with Scratch() as folder:
        result = r1md(INPUTS / "minimize.yaml", ranks=4, folder=folder)
        check(result.code == 0 and "-44.3268014" in result.out, result)
        frame = (folder / "minimize/evaluate.xyz").read_text().splitlines()
        check(frame[0] == "13" and len(frame) == 15, frame)


def test_frames_of_a_run_have_the_energies_that_it_had():
    with Scratch() as folder:
        (folder / "a.yaml").write_text(SMALL + "  trajectory: {every: 10, format: extxyz, fields: [position, velocity]}\n")
        check(r1md("a.yaml", folder=folder).code == 0)
        (folder / "b.yaml").write_text(re.sub(r"  - dynamics.*", "  - evaluate: {frames: a/trajectory.xyz}", SMALL))
        expected = thermo(folder / "a")
        for ranks in (1, 2):
            result = r1md("b.yaml", "-o", f"b{ranks}", ranks=ranks, folder=folder)
            check(result.code == 0 and result.out.count("potential energy") == 3, result)
            text = (folder / f"b{ranks}/evaluate.xyz").read_text()
            energies = [float(value) for value in re.findall(r" energy=(\S+)", text)]
            stresses = [value.split() for value in re.findall(r' stress="([^"]*)"', text)]
            check(len(energies) == len(stresses) == len(expected) == 3, text[:1000])
            for energy, stress, row in zip(energies, stresses, expected):
                near(energy, row["potential_energy"], 1e-11 * abs(energy), "potential energy")
                near(-float(stress[0]), row["pressure_xx"], 1e-11, "pressure")
                near(-float(stress[5]), row["pressure_yz"], 1e-11, "pressure")


def test_a_dry_run_knows_the_bricks():
    with Scratch() as folder:
        (folder / "a.yaml").write_text(SMALL)
        result = r1md("a.yaml", "--dry-run", ranks=2, folder=folder)
        check(result.code == 0 and "bricks" in result.out and "2 ranks" in result.out, result)


run_tests(globals())
