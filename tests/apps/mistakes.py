"""Seeded mistakes in inputs, structure files and potential files: each is named with its place, what was found and what was
expected; exit code 3; nothing is written.

Usage: mistakes.py r1md
SPDX-License-Identifier: Apache-2.0
"""

import os
import re

from cli import INPUTS, Scratch, check, program_of_arguments, run_mistakes

BASE = """r1md: 1
units: lj
seed: 42
system:
  lattice: {type: fcc, density: 0.8442, repeat: [5, 5, 5], species: A}
  species:
    - {name: A, mass: 1.0}
  velocities: {temperature: 1.44}
potential:
  - lennard_jones:
      cutoff: 2.5
      pairs:
        - {species: [A, A], epsilon: 1.0, sigma: 1.0}
neighbor: {skin: 0.3}
run:
  - dynamics:
      steps: 20
      timestep: 0.005
      thermostat: none
output:
  thermo: {every: 10}
"""

DATA = """two atoms

2 atoms
1 atom types
0 10 xlo xhi
0 10 ylo yhi
0 10 zlo zhi

Masses

1 1.0

Atoms # atomic

1 1 1.0 1.0 1.0
2 1 3.0 1.0 1.0
"""

XYZ = """2
Lattice="10 0 0 0 10 0 0 0 10" Properties=species:S:1:pos:R:3
A 1.0 1.0 1.0
A 3.0 1.0 1.0
"""

STRUCTURE = ("lattice: {type: fcc, density: 0.8442, repeat: [5, 5, 5], species: A}", "structure: FILE")

# name, what is replaced, by what, the place ("line" or "line:column"), words of the message.
INPUT = [
    ("unknown key", "timestep", "time_step", "18:7", "did you mean 'timestep'"),
    ("unknown section", "neighbor:", "neighbour:", "14:1", "did you mean 'neighbor'"),
    ("key twice", "seed: 42", "seed: 42\nseed: 43", "4:1", "seed"),
    ("missing key", "      timestep: 0.005\n", "", "17:7", "timestep"),
    ("missing section", "potential:\n  - lennard_jones:\n      cutoff: 2.5\n      pairs:\n"
     "        - {species: [A, A], epsilon: 1.0, sigma: 1.0}\n", "", "1", "potential"),
    ("wrong word", "fcc", "fcx", "5:19", "did you mean 'fcc'"),
    ("text for a number", "steps: 20", "steps: many", "17:14", "many"),
    ("fraction for a count", "steps: 20", "steps: 20.5", "17:14", "20.5"),
    ("negative count", "steps: 20", "steps: -20", "17:14", "-20"),
    ("zero interval", "every: 10", "every: 0", "21:19", "0"),
    ("negative timestep", "timestep: 0.005", "timestep: -0.005", "18:17", "> 0"),
    ("timestep of nothing", "timestep: 0.005", "timestep:", "18:7", "found nothing"),
    ("not a number", "timestep: 0.005", "timestep: .nan", "18:17", "nan"),
    ("unit in lj", "cutoff: 2.5", "cutoff: 2.5 nm", "11:15", "nm"),
    ("unit of the wrong kind", "skin: 0.3}", "skin: 0.3 ps}", "14:18", "ps"),
    ("short list", "[5, 5, 5]", "[5, 5]", "5:49", "3"),
    ("long list", "[5, 5, 5]", "[5, 5, 5, 5]", "5:49", "3"),
    ("zero cells", "[5, 5, 5]", "[5, 0, 5]", "5:53", "0"),
    ("two that exclude each other", "density: 0.8442", "density: 0.8442, constant: 1.7", "5", "constant"),
    ("neither of two", "density: 0.8442, ", "", "5", "density"),
    ("lattice and structure", "  species:\n", "  structure: a.data\n  species:\n", "6:3", "structure"),
    ("species of the lattice", "species: A}", "species: B}", "5:69", "'B'"),
    ("species twice", "    - {name: A, mass: 1.0}\n", "    - {name: A, mass: 1.0}\n    - {name: A, mass: 2.0}\n", "8", "twice"),
    ("mass of nothing", "mass: 1.0", "mass: 0", "7:23", "> 0"),
    ("species of a pair", "species: [A, A], e", "species: [A, B], e", "13", "'B'"),
    ("unknown potential", "lennard_jones", "lenard_jones", "10:5", "did you mean 'lennard_jones'"),
    ("pair that nobody covers", "- {name: A, mass: 1.0}", "- {name: A, mass: 1.0}\n    - {name: B, mass: 1.0}", "11:3", "A-B"),
    ("negative cutoff", "cutoff: 2.5", "cutoff: -2.5", "11:15", "> 0"),
    ("unknown thermostat", "thermostat: none", "thermostat: langevn", "19:19", "did you mean 'langevin'"),
    ("bath without its temperature", "thermostat: none", "thermostat: {langevin: {friction: 1.0}}", "19", "temperature"),
    ("mixed precision", "seed: 42", "seed: 42\nprecision: mixed", "4:12", "mixed precision"),
    ("reproducible", "seed: 42", "seed: 42\nreproducible: yes", "4:15", "true"),
    ("a watch that is none", "output:", "watchdog: {stall: never}\noutput:", "20:19", "auto"),
    ("barostat", "thermostat: none", "barostat: berendsen", "19:17", "constant pressure"),
    ("checkpoints without end", "output:", "checkpoint: {every: 0}\noutput:", "20:21", "found '0'"),
    ("time that is none", "output:", "walltime: soon\noutput:", "20:11", "HH:MM:SS"),
    ("version of the language", "r1md: 1", "r1md: 2", "1:7", "2"),
    ("no version", "r1md: 1\n", "", "1", "r1md"),
    ("bad indentation", "      steps: 20", "     steps: 20", "18", ""),
    ("open bracket", "{skin: 0.3}", "{skin: 0.3", "", ""),
    ("tab", "      steps: 20", "\tsteps: 20", "17", ""),
    ("second document", "output:", "---\noutput:", "20", "document"),
    ("custom tag", "seed: 42", "seed: !int 42", "3:7", "tag"),
    ("bins of an observable", "  thermo: {every: 10}", "  observables: [rdf: {cutoff: 2.0, bins: 0}]", "21:42", "found '0'"),
    ("missing structure file", *STRUCTURE, "5:14", "cannot open"),
    ("missing potential file", "lennard_jones:\n      cutoff: 2.5\n      pairs:\n"
     "        - {species: [A, A], epsilon: 1.0, sigma: 1.0}", "eam: {file: nowhere.eam, species: [A]}", "10:17", "cannot open"),
]

# of a LAMMPS data file: name, replaced, by what, line, words.
DATA_MISTAKES = [
    ("atom outside of the count", "2 atoms", "1 atoms", "13:1", "has 2 lines, expected 1"),
    ("missing atom", "2 1 3.0 1.0 1.0\n", "", "", "2"),
    ("id twice", "2 1 3.0", "1 1 3.0", "16", "1"),
    ("type that there is not", "2 1 3.0", "2 7 3.0", "16", "7"),
    ("text for a coordinate", "3.0 1.0 1.0", "3.0 x 1.0", "16", "x"),
    ("infinite coordinate", "3.0 1.0 1.0", "3.0 inf 1.0", "16", "inf"),
    ("missing column", "2 1 3.0 1.0 1.0", "2 1 3.0 1.0", "16", ""),
    ("cell of nothing", "0 10 ylo yhi", "10 10 ylo yhi", "6", "10"),
    ("unknown section", "Masses", "Masse", "9", "Masse"),
    ("section that is not read", "Masses\n\n1 1.0", "Pair Coeffs\n\n1 1.0 1.0", "9", "Pair Coeffs"),
    ("unknown style", "# atomic", "# atomik", "13", "atomik"),
]
XYZ_MISTAKES = [
    ("count of atoms", "2\nLat", "3\nLat", "", "3"),
    ("count that is none", "2\nLat", "two\nLat", "1", "two"),
    ("text for a coordinate", "A 3.0 1.0", "A 3.0 one", "4", "one"),
    ("cell of two vectors", "10 0 0 0 10 0 0 0 10", "10 0 0 0 10 0", "2", "Lattice"),
    ("species that is not listed", "A 3.0", "B 3.0", "4", "B"),
]


def mistakes_of_inputs():
    for name, old, new, place, words in INPUT:
        check(BASE.count(old) >= 1, f"{name}: '{old}' is not in the input")
        text = BASE.replace(old, new.replace("FILE", "nowhere.data"), 1)
        if name == "unit of the wrong kind":
            text = text.replace("units: lj", "units: metal")
        yield name, {"a.yaml": text}, "a.yaml", place, words


def mistakes_of_structures():
    for suffix, good, table in (("data", DATA, DATA_MISTAKES), ("xyz", XYZ, XYZ_MISTAKES)):
        file = f"atoms.{suffix}"
        text = BASE.replace(STRUCTURE[0], STRUCTURE[1].replace("FILE", file))
        for name, old, new, place, words in table:
            check(good.count(old) >= 1, f"{name}: '{old}' is not in the file")
            yield f"{suffix}: {name}", {"a.yaml": text, file: good.replace(old, new, 1)}, file, place, words


def mistakes_of_tables():
    table = (INPUTS / "Cu_demo.eam.alloy").read_text(encoding="utf-8")
    lines = table.splitlines()
    text = (INPUTS / "eam_copper.yaml").read_text(encoding="utf-8").replace("Cu_demo.eam.alloy", "t.eam.alloy")
    number = 20
    bad = [*lines[:number - 1], "zero " + " ".join(lines[number - 1].split()[1:]), *lines[number:]]
    yield "eam: cut short", {"a.yaml": text, "t.eam.alloy": "\n".join(lines[:300]) + "\n"}, "t.eam.alloy", "", ""
    yield "eam: text for a number", {"a.yaml": text, "t.eam.alloy": "\n".join(bad) + "\n"}, "t.eam.alloy", str(number), "zero"
    other = text.replace("species: [Cu]}", "species: [Au]}")
    yield "eam: element that is not in it", {"a.yaml": other, "t.eam.alloy": table}, "", "", "Au"


def examine(r1md, name, files, file, place, words):
    with Scratch() as folder:
        for path, text in files.items():
            (folder / path).write_text(text)
        result = r1md("a.yaml", folder=folder)
        check(result.code == 3, name, result)
        check(sorted(os.listdir(folder)) == sorted(files), name, os.listdir(folder))
        lines = [line for line in result.err.splitlines() if re.match(rf"\S*{re.escape(file)}\S*: error: ", line)]
        check(lines, f"{name}: no fault in {file}", result)
        located = [line for line in lines if f"{file}:{place}:" in line] if place else lines
        check(located, f"{name}: no fault at {file}:{place}", result)
        check(any(words in line for line in located), f"{name}: '{words}' is not said", result)
        return next(line for line in located if words in line)


def all_mistakes(r1md):
    """(name, what is to be tried) of each."""
    for mistakes in (mistakes_of_inputs, mistakes_of_structures, mistakes_of_tables):
        for name, *rest in mistakes():
            yield name, lambda name=name, rest=rest: examine(r1md, name, *rest)


run_mistakes(all_mistakes(program_of_arguments()))
