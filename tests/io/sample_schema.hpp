// An input language of the size of a real program's, and an input in it, for the tests of the configuration.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/config.hpp"

#include <string>

namespace r1::io::sample {

inline Schema lattice() {
  return with_rule(
      mapping({Key("type", word({"sc", "bcc", "fcc", "diamond"}), "Crystal structure.").required_(),
               Key("constant", real(Quantity::length).above(0), "Lattice constant."),
               Key("density", real(Quantity::number_density).above(0), "Number density."),
               Key("repeat", list(integer().min(1), 3, 3), "Cells along a, b, c.").or_("[1, 1, 1]"),
               Key("species", text(), "Name of the species.").required_()}),
      Rule::exactly_one, {"constant", "density"});
}

inline Schema system() {
  const Schema species =
      mapping({Key("name", text(), "Its name.").required_(),
               Key("mass", real(Quantity::mass).above(0), "Mass of one atom.").required_()});
  const Schema velocities = mapping(
      {Key("temperature", real(Quantity::temperature).min(0), "Exact temperature.").required_(),
       Key("seed", integer().min(0), "Seed of the velocities.").or_("1")});
  return with_rule(
      mapping({Key("lattice", lattice(), "Atoms on a lattice."),
               Key("structure", mapping({Key("file", path(), "The file.").required_()}, "file"),
                   "Atoms from a file."),
               Key("periodic", list(boolean(), 3, 3), "Periodicity along a, b, c.")
                   .or_("[true, true, true]"),
               Key("species", list(species, 1), "Species in order.").required_(),
               Key("velocities", velocities, "Initial velocities.")}),
      Rule::exactly_one, {"lattice", "structure"});
}

inline Schema potential() {
  const Schema pair = mapping({Key("species", list(text(), 2, 2), "The two species.").required_(),
                               Key("epsilon", real(Quantity::energy), "Depth.").required_(),
                               Key("sigma", real(Quantity::length).above(0), "Size.").required_()});
  const Schema lennard_jones =
      mapping({Key("cutoff", real(Quantity::length).above(0), "Cutoff.").required_(),
               Key("shift", word({"none", "energy", "force"}), "What is continuous.").or_("none"),
               Key("tail_correction", boolean(), "Beyond the cutoff.").or_("false"),
               Key("pairs", list(pair), "Parameters.").or_("[]")});
  const Schema eam = mapping({Key("file", list_or_one(path()), "The table.").required_(),
                              Key("species", list(text()), "One name per type.")});
  return choice(
      {{"eam", "Embedded atoms.", eam}, {"lennard_jones", "Lennard-Jones.", lennard_jones}});
}

inline Schema thermostat() {
  const Schema langevin =
      mapping({Key("temperature", real(Quantity::temperature).min(0), "Of the bath.").required_(),
               Key("friction", real(Quantity::frequency).above(0), "Friction.").required_()});
  const Schema nose_hoover = mapping(
      {Key("temperature", list_or_one(real(Quantity::temperature)), "Of the bath.").required_(),
       Key("time_constant", real(Quantity::time).above(0), "Time constant.").required_(),
       Key("chain", integer().min(1).max(10), "Length of the chain.").or_("3")});
  return any_of({word({"none"}), choice({{"langevin", "BAOAB.", langevin},
                                         {"nose_hoover", "Chains.", nose_hoover}})});
}

inline Schema run() {
  const Schema minimize =
      mapping({Key("method", word({"fire"}), "Method.").or_("fire"),
               Key("force_tolerance", real(Quantity::force).above(0), "Largest force.").or_("1e-4"),
               Key("max_steps", integer().min(1), "Largest number of steps.").or_("10000")});
  const Schema dynamics = with_rule(
      mapping(
          {Key("steps", integer().min(0), "Number of steps."),
           Key("duration", real(Quantity::time).above(0), "Length instead of steps."),
           Key("timestep", real(Quantity::time).above(0), "Time step.").required_(),
           Key("thermostat", thermostat(), "Heat bath.").or_("none"),
           Key("barostat", any_of({word({"none"}), choice({{"mtk", "Nothing yet."}})}), "Piston.")
               .or_("none")
               .refused({"*"}, "constant pressure")}),
      Rule::exactly_one, {"steps", "duration"});
  return list(choice({{"evaluate", "Energies of the start.", mapping({})},
                      {"minimize", "To the nearest minimum.", minimize},
                      {"dynamics", "Newton's equations.", dynamics}}),
              1);
}

inline Schema output() {
  const Schema thermo = mapping({Key("every", integer().min(1), "Interval.").or_("100")}, "every");
  return mapping({Key("directory", text(), "Folder."), Key("thermo", thermo, "Thermo.").or_("{}"),
                  Key("formats", list_or_one(word({"h5md", "extxyz"})), "Formats.").or_("[h5md]")});
}

inline Schema root() {
  const Schema neighbor =
      mapping({Key("skin", real(Quantity::length).above(0), "Skin.").required_()}, "skin");
  const Schema checkpoint = mapping(
      {Key("every", any_of({integer().min(1), real(Quantity::wall_time).above(0)}), "Interval.")
           .or_("10 min")});
  return mapping(
      {Key("r1md", integer().min(1).max(1), "Version of the language.").required_(),
       Key("units", word({"lj", "metal", "real"}), "Of bare numbers | and outputs.").or_("metal"),
       Key("seed", integer().min(0), "Seed of everything.").or_("42"),
       Key("precision", word({"double"}), "Arithmetic of pairs.")
           .or_("double")
           .refused({"mixed"}, "mixed precision"),
       Key("system", system(), "Atoms and box.").required_(),
       Key("potential", list_or_one(potential()), "The sum of the entries.").required_(),
       Key("neighbor", neighbor, "Neighbour list."), Key("run", run(), "Stages.").required_(),
       Key("output", output(), "What is written.").or_("{}"),
       Key("checkpoint", checkpoint, "Checkpoints.").or_("{}"),
       Key("walltime", any_of({word({"none", "auto"}), real(Quantity::wall_time).above(0)}),
           "Limit.")
           .or_("none")});
}

/// Each of its lines is named by number in the tests of mistakes.
inline std::string input() {
  return "r1md: 1\n"                                                                       // 1
         "units: metal\n"                                                                  // 2
         "seed: 42\n"                                                                      // 3
         "precision: double\n"                                                             // 4
         "system:\n"                                                                       // 5
         "  lattice: {type: fcc, constant: 3.615 Å, repeat: [20, 20, 20], species: Cu}\n"  // 6
         "  periodic: [true, true, true]\n"                                                // 7
         "  species:\n"                                                                    // 8
         "    - {name: Cu, mass: 63.55}\n"                                                 // 9
         "  velocities: {temperature: 1600 K, seed: 7}\n"                                  // 10
         "potential:\n"                                                                    // 11
         "  - eam: {file: Cu_u3.eam, species: [Cu]}\n"                                     // 12
         "neighbor: {skin: 1.0 Å}\n"                                                       // 13
         "run:\n"                                                                          // 14
         "  - evaluate\n"                                                                  // 15
         "  - minimize: {force_tolerance: 1e-5}\n"                                         // 16
         "  - dynamics:\n"                                                                 // 17
         "      steps: 1000\n"                                                             // 18
         "      timestep: 5 fs\n"                                                          // 19
         "      thermostat:\n"                                                             // 20
         "        langevin: {temperature: 300 K, friction: 1 ps^-1}\n"                     // 21
         "output:\n"                                                                       // 22
         "  thermo: 50\n"                                                                  // 23
         "  formats: [h5md, extxyz]\n"                                                     // 24
         "walltime: 02:00:00\n";                                                           // 25
}

}  // namespace r1::io::sample
