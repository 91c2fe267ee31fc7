"""The runnable examples in inputs/ end with the numbers that physics, or a trusted program, says they must have.

Usage: examples.py r1md NAME
SPDX-License-Identifier: Apache-2.0
"""

import sys

from cli import INPUTS, Program, Scratch, check, near, summary, thermo


def mean(rows, key, first_step=0):
    values = [row[key] for row in rows if row["step"] >= first_step]
    return sum(values) / len(values)


def lj_melt(folder, _):
    rows = thermo(folder)
    # The perfect lattice: LAMMPS prints -6.7733681 for this density and cutoff (bench/in.lj).
    near(rows[0]["potential_energy"] / 4000, -6.7733681, 5e-8, "potential energy of the lattice")
    near(rows[0]["temperature"], 1.44, 1e-12, "temperature at the start")
    # Melted: half of the heat is gone. The cut potential jumps at 2.5, so the energy wanders by some 1e-3 of itself.
    near(mean(rows, "temperature", 200), 0.75, 0.03, "temperature of the liquid")
    near(rows[-1]["total_energy"] / rows[0]["total_energy"], 1, 5e-3, "total energy")
    check(rows[-1]["step"] == 400 and len(rows) == 41, rows[-1])


def lj_langevin(folder, _):
    rows = thermo(folder)
    # From half of it, the temperature comes back at the rate 2 x friction, held up by the heat of melting.
    near(mean(rows, "temperature", 600), 1.0, 0.08, "temperature of the bath")
    start = rows[0]["conserved_energy"]
    near(rows[-1]["conserved_energy"] / start, 1, 1e-3, "total energy less the heat of the bath")


def lj_nose_hoover(folder, _):
    rows = thermo(folder)
    near(mean(rows, "temperature", 700), 1.5, 0.05, "temperature of the second stage")
    second = [row["conserved_energy"] for row in rows if row["step"] >= 520]
    near(max(second) - min(second), 0, 3e-4 * abs(second[0]), "spread of the conserved energy")
    check(rows[-1]["step"] == 1000, rows[-1])


def eam_copper(folder, _):
    rows = thermo(folder)
    atoms = summary(folder)["atoms"]
    check(atoms == 2048, atoms)
    near(rows[0]["temperature"], 600, 1e-9, "temperature at the start")
    near(mean(rows, "temperature", 100), 305, 15, "temperature after equipartition")
    # From the first steps on, in which the integrator's own energy settles.
    later = [row["total_energy"] / atoms for row in rows if row["step"] >= 20]
    near(max(later) - min(later), 0, 1e-4, "spread of the energy per atom [eV]")


def minimize(folder, result):
    # The icosahedron of 13 atoms: Hoare & Pal, Adv. Phys. 20, 161 (1971).
    frame = (folder / "evaluate.xyz").read_text(encoding="utf-8").splitlines()
    energy = next(word for word in frame[1].split() if word.startswith("energy="))
    near(float(energy.removeprefix("energy=")), -44.326801, 1e-6, "energy of the icosahedron")
    check("minimum after" in result.out, result)


def main():
    r1md, name = Program(sys.argv[1]), sys.argv[2]
    with Scratch() as folder:
        result = r1md(INPUTS / f"{name}.yaml", folder=folder)
        check(result.code == 0, result)
        globals()[name](folder / name, result)
        print(result.out)


main()
