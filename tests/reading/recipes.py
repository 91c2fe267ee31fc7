# SPDX-License-Identifier: Apache-2.0
"""Runs the recipes of docs/reading_outputs.md in a results folder, with warnings as errors, and checks what they give.

    recipes.py FOLDER UNITS [--sample]

UNITS: metal, real or lj. With --sample the folder is that of make_sample, whose numbers are known; without, it is that of a
run and the numbers are checked against each other.
"""
import argparse
import os
import re
import sys
import traceback
import warnings
from pathlib import Path

import h5py
import numpy as np

import expected

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "reading_outputs.md"
RECIPE = re.compile(r"<!-- recipe: (\S+) -->\n```python\n(.*?)```", re.DOTALL)
MDANALYSIS_UNITS = {"time": "ps", "length": "Angstrom", "velocity": "Angstrom/ps", "force": "kJ/(mol*Angstrom)"}
SAMPLE_ONLY = {"tensorboard"}   # no run of r1md writes event files
ONLY = {"mdanalysis": ("metal", "real"), "mdanalysis-h5md": ("metal", "real"), "mdanalysis-lj": ("lj",)}


def require(holds, what):
    if not holds:
        raise AssertionError(what)


def same_bits(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


class Truth:
    """The folder's trajectory as plain arrays in H5MD's units: known for the sample, read with h5py for a run."""

    def __init__(self, style, is_sample):
        self.style, self.is_sample = style, is_sample
        with h5py.File("trajectory.h5md") as file:
            atoms = file["particles/trajectory"]
            self.arrays = {name: atoms[f"{name}/value"][:] for name in ("position", "velocity", "force") if name in atoms}
            self.time, self.step = atoms["position/time"][:], atoms["position/step"][:]
            self.edges = atoms["box/edges/value"][:]
            self.names = [atoms["species"].attrs["names"][s] for s in atoms["species"][:]]
            self.check_units(atoms)
        if is_sample:
            self.check_known()

    def check_units(self, atoms):
        units = {name: atoms[f"{name}/value"].attrs.get("unit") for name in self.arrays}
        known = {"position": "Angstrom", "velocity": "Angstrom ps-1", "force": "kJ mol-1 Angstrom-1"}
        for name, unit in units.items():
            require(unit == (None if self.style == "lj" else known[name]), f"unit of {name} is {unit!r}")
        require(atoms["position/time"].attrs.get("unit") == (None if self.style == "lj" else "ps"), "unit of time")

    def check_known(self):
        factor = expected.UNITS[self.style]
        require(same_bits(self.arrays["position"], expected.numbers(1.0)), "positions differ from the run's bits")
        velocity, force = expected.numbers(-0.5) * factor["velocity"], expected.numbers(0.25) * factor["force"]
        np.testing.assert_allclose(self.arrays["velocity"], velocity, rtol=1e-12)
        np.testing.assert_allclose(self.arrays["force"], force, rtol=1e-9)   # CODATA's last digits
        np.testing.assert_allclose(self.time, 0.1 * np.arange(expected.FRAMES) * factor["time"], rtol=1e-12)
        require(list(self.step) == [100 * f for f in range(expected.FRAMES)], "steps")
        require((self.edges == expected.EDGES).all(), "box edges")
        require(self.names == expected.SPECIES, "species")


def check_h5py(space, truth):
    require(same_bits(space["positions"], truth.arrays["position"]), "positions")


def check_frames(universe, truth, has_forces):
    require(len(universe.trajectory) == len(truth.time), "number of frames")
    for f, frame in enumerate(universe.trajectory):
        require(frame.time == truth.time[f] and frame.data["step"] == truth.step[f], f"time of frame {f}")
        require(same_bits(frame.positions, truth.arrays["position"][f].astype("f4")), f"positions of frame {f}")
        np.testing.assert_allclose(frame.dimensions[:3], np.linalg.norm(truth.edges[f], axis=1), rtol=1e-6)
        if has_forces:
            require(same_bits(frame.forces, truth.arrays["force"][f].astype("f4")), f"forces of frame {f}")
            require(same_bits(frame.velocities, truth.arrays["velocity"][f].astype("f4")), f"velocities of frame {f}")


def check_mdanalysis(space, truth):
    universe = space["universe"]
    require(universe.trajectory.units == MDANALYSIS_UNITS, f"units {universe.trajectory.units}")
    require(list(universe.atoms.names) == truth.names, "names")
    require(len(space["frames"]) == len(truth.time), "frames of the recipe")
    check_frames(universe, truth, "force" in truth.arrays and "velocity" in truth.arrays)


def check_mdanalysis_without_names(space, truth):
    require(list(space["times"]) == list(truth.time), "times")
    check_frames(space["universe"], truth, "force" in truth.arrays and "velocity" in truth.arrays)


def check_ase(space, truth):
    frames = space["frames"]
    energy = 1.0 if truth.style == "lj" else expected.KJ_PER_MOL
    require(len(frames) == len(truth.time), "number of frames")
    for f, frame in enumerate(frames):
        np.testing.assert_allclose(frame.positions, truth.arrays["position"][f], rtol=0, atol=1e-12)
        np.testing.assert_allclose(frame.cell.array, truth.edges[f], rtol=1e-15)
        require(frame.info["step"] == truth.step[f], f"step of frame {f}")
    require(frames[0].get_chemical_symbols() == truth.names, "species")
    if "force" in truth.arrays:
        np.testing.assert_allclose(space["forces"] * energy, truth.arrays["force"][-1], rtol=1e-8, atol=1e-9)
    if "velocity" in truth.arrays:
        np.testing.assert_allclose(frames[-1].arrays["vel"], truth.arrays["velocity"][-1], rtol=1e-12, atol=1e-15)


def check_thermo(space, truth):
    thermo = space["thermo"]
    require(list(thermo.columns) == expected.THERMO, f"columns {list(thermo.columns)}")
    require(all(str(kind) in ("int64", "float64") for kind in thermo.dtypes), f"types {thermo.dtypes}")
    require(len(thermo) > 1 and thermo["step"].is_monotonic_increasing, "rows")


def check_msd(space, truth):
    msd = space["msd"]
    require(list(msd.columns) == ["step", "time", "total"] and len(msd) > 1, "columns")
    require(msd["total"][0] == 0 and (msd["total"] >= 0).all(), "values")


def check_rdf(space, truth):
    require(len(space["rdf"]) > 0, "pairs")
    for pair, (r, g) in space["rdf"].items():
        require(r.shape == g.shape and (g >= 0).all() and (np.diff(r) > 0).all(), pair)


def check_events(space, truth):
    require(len(space["kinds"]) > 1, "events")


def check_tensorboard(space, truth):
    require(sorted(space["events"].Tags()["scalars"]) == ["loss/train", "loss/validation"], "tags")
    require(space["loss"] == expected.scalars(range(100), 1), "steps and values")
    validation = [(event.step, event.value) for event in space["events"].Scalars("loss/validation")]
    require(validation == expected.scalars(range(9, 100, 10), 2), "steps and values of the second curve")
    times = [event.wall_time for event in space["events"].Scalars("loss/train")]
    require((times[0], times[-1]) == (1.75e9 + 0.25, 1.75e9 + 1012.5), "times")


CHECKS = {
    "h5py": check_h5py, "mdanalysis": check_mdanalysis, "mdanalysis-h5md": check_mdanalysis_without_names,
    "mdanalysis-lj": check_mdanalysis_without_names, "ase": check_ase, "pandas": check_thermo, "pandas-msd": check_msd,
    "h5py-rdf": check_rdf, "pandas-events": check_events, "tensorboard": check_tensorboard,
}


def run(name, code, truth):
    lines = code.strip().count("\n") + 1
    require(lines <= 3, f"a recipe has at most 3 lines, this one {lines}")
    space = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(compile(code, f"{DOCUMENT.name}:{name}", "exec"), space)
    CHECKS[name](space, truth)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("units", choices=sorted(expected.UNITS))
    parser.add_argument("--sample", action="store_true")
    chosen = parser.parse_args()
    recipes = dict(RECIPE.findall(DOCUMENT.read_text()))
    require(set(recipes) == set(CHECKS), f"{DOCUMENT.name} and the checks differ: {set(recipes) ^ set(CHECKS)}")
    os.chdir(chosen.folder)
    truth = Truth(chosen.units, chosen.sample)
    failed = 0
    for name, code in recipes.items():
        if chosen.units not in ONLY.get(name, expected.UNITS) or (name in SAMPLE_ONLY and not chosen.sample):
            continue
        try:
            run(name, code, truth)
            print(f"ok      {name}")
        except Exception:
            failed += 1
            print(f"FAILED  {name}\n{code}")
            traceback.print_exc(file=sys.stdout)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
