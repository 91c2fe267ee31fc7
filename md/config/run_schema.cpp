// SPDX-License-Identifier: Apache-2.0
#include "md/config/run_schema.hpp"

#include "io/read_structure.hpp"

namespace r1::md {
namespace {

using namespace io;

// Steps and ids are counters of random numbers, which have 48 bits for each.
constexpr double kMostSteps = 0x1p47;
constexpr double kMostCells = 1e6;

Schema lattice() {
  return with_rule(
      mapping({
          Key("type", word({"sc", "bcc", "fcc", "diamond"}), "Crystal structure.").required_(),
          Key("constant", real(Quantity::length).above(0), "Edge of the cubic cell."),
          Key("density", real(Quantity::number_density).above(0),
              "Number density instead of 'constant', which becomes (atoms per "
              "cell/density)^(1/3)."),
          Key("repeat", list(integer().min(1).max(kMostCells), 3, 3), "Cells along a, b, c.")
              .required_(),
          Key("species", text(), "Name of the species on all sites.").required_(),
      }),
      Rule::exactly_one, {"constant", "density"});
}

Schema structure() {
  return mapping(
      {
          Key("file", path(), "The file, relative to this one; it may be compressed (.gz).")
              .required_(),
          Key("format", word(structure_format_names()),
              "Format, where the file's name does not tell it; checkpoint: atoms, velocities and "
              "cell of "
              "another "
              "run's checkpoint.h5."),
          Key("atom_style", word({"atomic", "charge", "molecular", "bond", "angle", "full"}),
              "Columns of a LAMMPS data file that has no comment 'Atoms # style'."),
          Key("frame", integer(),
              "Frame of an extxyz file of several, from 0, or from -1, the last, downwards."),
      },
      "file");
}

Schema system() {
  const Schema species = mapping({
      Key("name", text(), "Its name, as potentials and structure files use it.").required_(),
      Key("mass", real(Quantity::mass).above(0),
          "Mass of one atom; default: the structure file's, else the standard weight of the "
          "element of that name."),
  });
  const Schema velocities = mapping({
      Key("temperature", real(Quantity::temperature).min(0),
          "Temperature, exact after total momentum has been removed.")
          .required_(),
      Key("seed", integer().min(0), "Seed of these velocities; default: the run's."),
  });
  return with_rule(
      mapping({
          Key("lattice", lattice(), "Atoms on a perfect lattice in a cell of its own."),
          Key("structure", structure(),
              "Atoms and cell from a file: LAMMPS data, extxyz or a checkpoint."),
          Key("periodic", list(boolean(), 3, 3),
              "Periodicity along a, b, c; a face that is not periodic is open. Default: the "
              "file's, else all true."),
          Key("species", list(species, 1),
              "Species, in the order of the type numbers of files that number types; default: "
              "those of the lattice or file."),
          Key("velocities", velocities,
              "Velocities at the start, from a Maxwell distribution; default: those of the file, "
              "else 0."),
      }),
      Rule::exactly_one, {"lattice", "structure"});
}

Schema dynamics(const RunKinds& kinds) {
  return with_rule(
      mapping({
          Key("steps", integer().min(0).max(kMostSteps), "Number of steps."),
          Key("duration", real(Quantity::time).above(0),
              "Simulated time instead of 'steps'; a whole number of time steps."),
          Key("timestep", real(Quantity::time).above(0), "Length of a step.").required_(),
          Key("integrator", kinds.integrator, "How positions and velocities advance.")
              .or_("velocity_verlet"),
          Key("thermostat", kinds.thermostat, "Heat bath.").or_("none"),
          Key("barostat", word({"none"}), "Pressure bath.")
              .or_("none")
              .refused({"*"}, "constant pressure"),
      }),
      Rule::exactly_one, {"steps", "duration"});
}

Schema stages(const RunKinds& kinds) {
  const Schema evaluate = mapping({Key(
      "frames", path(), "An extxyz file whose frames are all evaluated, instead of the start.")});
  const Schema minimize = mapping({
      Key("method", word({"fire"}), "Algorithm.").or_("fire"),
      Key("force_tolerance", real(Quantity::force).above(0),
          "The largest force on an atom at which the minimum counts as found.")
          .or_("1e-4"),
      Key("max_steps", integer().min(0).max(kMostSteps), "Most steps that are taken.").or_("10000"),
  });
  return list(choice({{"evaluate", "Energies, forces and stress of the start.", evaluate},
                      {"minimize", "Moves atoms to the nearest minimum of the energy.", minimize},
                      {"dynamics", "Molecular dynamics.", dynamics(kinds)}}),
              1);
}

Schema output(const RunKinds& kinds) {
  const Schema every = integer().min(1);
  const Schema thermo =
      mapping({Key("every", every, "Steps from row to row.").or_("100")}, "every");
  const Schema trajectory = mapping({
      Key("every", every, "Steps from frame to frame.").required_(),
      Key("format", list_or_one(word({"h5md", "extxyz"})),
          "Files: trajectory.h5md, trajectory.xyz.")
          .or_("[h5md]"),
      Key("fields", list_or_one(word({"position", "image", "velocity", "force"})),
          "What a frame holds.")
          .or_("[position, image]"),
      Key("precision", word({"double", "single"}), "Of real numbers in trajectory.h5md.")
          .or_("double"),
  });
  return mapping({
      Key("directory", text(),
          "Folder of all output, below the working directory; default: the input's name without "
          "suffix."),
      Key("thermo", thermo, "Energies, temperature and pressure: thermo.csv.").or_("{}"),
      Key("trajectory", any_of({word({"none"}), trajectory}), "Frames of the atoms.").or_("none"),
      Key("observables", list(kinds.observable), "What is measured on the way: observables.h5.")
          .or_("[]"),
  });
}

/// Keys of features that keep a long run alive.
std::vector<Key> safety() {
  const Schema checkpoint = mapping(
      {Key("every", any_of({word({"none"}), integer().min(1), real(Quantity::wall_time).above(0)}),
           "Interval in steps, or in time of the clock with a unit ('10 min'), beside the start "
           "and "
           "the end of stages; none: only when a run is asked to stop.")
           .or_("10 min")},
      "every");
  const Schema watchdog = mapping({
      Key("stall", any_of({word({"none", "auto"}), real(Quantity::wall_time).above(0)}),
          "Time of the clock without progress, with a unit, after which the run says which rank "
          "stands where and ends with exit code 7; auto: 10 min, or 50 times the usual pause "
          "between two parts of a step if that is longer.")
          .or_("auto"),
      Key("drift", word({"none", "warn", "stop"}),
          "What a drift of the conserved energy does that comes to 0.05 kT per degree of freedom "
          "within 100000 steps; stop: the run ends with exit code 4.")
          .or_("warn"),
  });
  return {
      Key("checkpoint", checkpoint, "When the state is saved.").or_("{}"),
      Key("walltime", any_of({word({"none", "auto"}), real(Quantity::wall_time).above(0), text()}),
          "Time of the clock that a run may take: it saves its state and ends in time, with exit "
          "code 75. HH:MM:SS, or with a unit; auto: what the scheduler allows.")
          .or_("none"),
      Key("watchdog", any_of({word({"none"}), watchdog}),
          "What is watched during a run, beside numbers that are none, leaps and lost atoms.")
          .or_("{}"),
  };
}

}  // namespace

io::Schema run_schema(const RunKinds& kinds) {
  const Schema parallel =
      mapping({Key("grid", any_of({word({"auto"}), list(integer().min(1).max(kMostCells), 3, 3)}),
                   "Ranks along a, b, c; auto: the least surface between them.")
                   .or_("auto")});
  const Schema neighbor =
      mapping({Key("skin", any_of({word({"auto"}), real(Quantity::length).min(0)}),
                   "Margin of the neighbour list, which is rebuilt when an atom has moved half of "
                   "it; auto: 0.3 in lj units, else 1 Å.")
                   .or_("auto")},
              "skin");
  std::vector<Key> keys{
      Key("r1md", integer().min(1).max(1), "Version of this language.").required_(),
      Key("units", word({"lj", "metal", "real"}), "Units of bare numbers and of outputs.")
          .or_("metal"),
      Key("constants", word({"codata", "lammps"}),
          "Physical constants: CODATA 2018, or those of LAMMPS for comparison to the last digit.")
          .or_("codata"),
      Key("seed", integer().min(0), "Seed of all random numbers.").or_("42"),
      Key("precision", word({"double"}), "Arithmetic of pairs.")
          .or_("double")
          .refused({"mixed"}, "mixed precision"),
      Key("reproducible", boolean(),
          "The same bits on any number of ranks and threads: forces are summed in fixed point.")
          .or_("false"),
      Key("parallel", parallel, "How the cell is shared out.").or_("{}"),
      Key("system", system(), "Cell, atoms and species.").required_(),
      Key("potential", list(kinds.potential, 1),
          "Interactions; the energy is the sum of the entries.")
          .required_(),
      Key("neighbor", neighbor, "Neighbour list.").or_("{}"),
      Key("run", stages(kinds), "Stages, in their order.").required_(),
      Key("output", output(kinds), "What is written, where and when.").or_("{}"),
  };
  for (auto& key : safety()) keys.push_back(std::move(key));
  return mapping(std::move(keys));
}

}  // namespace r1::md
