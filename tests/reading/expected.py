# SPDX-License-Identifier: Apache-2.0
"""The numbers of the sample results folder (as make_sample.cpp makes them), and its files that are plain text."""
import csv
import json
import math
from pathlib import Path

import numpy as np

KJ_PER_MOL = 96.48533212331   # of 1 eV
ATOMS, FRAMES = 5, 6
SPECIES = ["Cu", "Cu", "Zr", "Zr", "Cu"]
EDGES = np.array([[10, 0, 0], [1, 11, 0], [0.5, 0.25, 12]])
THERMO = ("step,time,temperature,potential_energy,kinetic_energy,total_energy,pressure,pressure_xx,pressure_yy,"
          "pressure_zz,pressure_xy,pressure_xz,pressure_yz,volume,conserved_energy").split(",")
UNITS = {  # of the run's style: Å, ps or fs; then the factors to H5MD's ps, Å/ps, kJ/mol/Å
    "metal": {"time": 1.0, "velocity": 1.0, "force": KJ_PER_MOL},
    "real": {"time": 1e-3, "velocity": 1e3, "force": 4.184},
    "lj": {"time": 1.0, "velocity": 1.0, "force": 1.0},
}


def numbers(scale):
    """(frames, atoms, 3) in the run's units, by the same operations in the same order as in C++."""
    return np.array([[[scale * (i / 3.0 + f / 7.0 + k / 11.0) for k in range(3)] for i in range(ATOMS)]
                     for f in range(FRAMES)])


def scalars(indices, scale):
    """(step, value) of the event files, which keep single precision."""
    return [(10 * i, float(np.float32(scale / (1 + i / 10.0)))) for i in indices]


def write_text_files(folder, style):
    folder = Path(folder)
    to_h5md = UNITS[style]   # extended XYZ differs from H5MD in the energy's unit alone
    energy = 1.0 if style == "lj" else KJ_PER_MOL
    position, velocity = numbers(1.0), numbers(-0.5) * to_h5md["velocity"]
    force = numbers(0.25) * to_h5md["force"] / energy
    cell = " ".join(repr(float(x)) for x in EDGES.ravel())
    columns = "species:S:1:pos:R:3:vel:R:3:forces:R:3"
    with open(folder / "trajectory.xyz", "w") as out:
        for f in range(FRAMES):
            out.write(f'{ATOMS}\nLattice="{cell}" Properties={columns} pbc="T T T" step={100 * f} time={0.1 * f * to_h5md["time"]}\n')
            for i in range(ATOMS):
                row = [*position[f, i], *velocity[f, i], *force[f, i]]
                out.write(f"{SPECIES[i]} " + " ".join(f"{x:.17g}" for x in row) + "\n")
    with open(folder / "thermo.csv", "w", newline="") as out:
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(THERMO)
        for i in range(61):
            t, e = 300 + 40 * math.exp(-i / 8) * math.cos(i), -17.7 + 0.3 * math.exp(-i / 8) * math.sin(i)
            p = 2000 * math.exp(-i / 20) * math.cos(i / 3)
            rows.writerow([100 * i, repr(0.1 * i), t, e, 0.04 * t / 300, e + 0.04 * t / 300, p, p, p, p, 0, 0, 0,
                           1320.0, e + 0.04 * t / 300])
    (folder / "summary.json").write_text(json.dumps({"units": style, "atoms": ATOMS, "steps": 6000, "version": "0.1.0"}))
    (folder / "run.jsonl").write_text('{"event": "start", "seconds": 0.0}\n{"event": "end", "seconds": 1.5}\n')
