// SPDX-License-Identifier: Apache-2.0
#include "apps/r1md/templates.hpp"

#include "apps/command_line.hpp"
#include "core/text.hpp"

namespace r1::apps {
namespace {

constexpr const char* kLennardJones =
    R"(# yaml-language-server: $schema=r1md.schema.json
# A Lennard-Jones liquid. Editors check it by the schema: r1md --schema > r1md.schema.json
# Run it: r1md THIS_FILE; look for mistakes: r1md --validate THIS_FILE
r1md: 1                               # version of this language
units: lj                             # reduced units: sigma, epsilon, epsilon/k
seed: 42                              # of all random numbers

system:
  # Atoms on a lattice; or from a file: `structure: atoms.data`, LAMMPS data or extended XYZ.
  lattice: {type: fcc, density: 0.8442, repeat: [10, 10, 10], species: A}
  species:
    - {name: A, mass: 1.0}
  velocities: {temperature: 1.44}     # Maxwell's distribution, total momentum zero

potential:                            # a list: the energy is the sum of its entries
  - lennard_jones:
      cutoff: 2.5
      shift: none                     # none | energy | force
      pairs:
        - {species: [A, A], epsilon: 1.0, sigma: 1.0}

neighbor: {skin: 0.3}                 # a wider margin: longer lists, rebuilt less often

run:                                  # stages, in this order
  # - minimize: {force_tolerance: 1e-4}
  - dynamics:
      steps: 1000
      timestep: 0.005
      thermostat: none                # | langevin: {temperature: 1.0, friction: 1.0}
                                      # | nose_hoover: {temperature: 1.0, time_constant: 0.5}
output:
  # directory: results                # default: the name of this file without suffix
  thermo: {every: 100}                # thermo.csv
  trajectory: {every: 500, format: [h5md, extxyz], fields: [position, image, velocity]}
  observables:                        # observables.h5
    - rdf: {every: 100, cutoff: 4.0, bins: 200}
    - msd: {every: 100}
)";

constexpr const char* kEmbeddedAtom =
    R"(# yaml-language-server: $schema=r1md.schema.json
# A metal with the embedded-atom method. Editors check it by the schema:
# r1md --schema > r1md.schema.json
# Run it: r1md THIS_FILE; look for mistakes: r1md --validate THIS_FILE
r1md: 1                               # version of this language
units: metal                          # Å, eV, ps, K, bar, u; or with a unit: 2 fs
seed: 42                              # of all random numbers

system:
  # Atoms on a lattice; or from a file: `structure: copper.data`, LAMMPS data or extended XYZ.
  lattice: {type: fcc, constant: 3.615 Å, repeat: [10, 10, 10], species: Cu}
  # Half of the kinetic energy goes into the vibrations: start twice as hot as wanted.
  velocities: {temperature: 600 K}

potential:                            # a list: the energy is the sum of its entries
  # The table lies beside this file; names in the order of the species that it describes.
  - eam: {file: Cu_demo.eam.alloy, species: [Cu]}

neighbor: {skin: 1.0 Å}               # a wider margin: longer lists, rebuilt less often

run:                                  # stages, in this order
  # - minimize: {force_tolerance: 1e-4}
  - dynamics:
      duration: 2 ps                  # or `steps: 400`
      timestep: 5 fs
      thermostat: none                # | langevin: {temperature: 300 K, friction: 1 ps^-1}
                                      # | nose_hoover: {temperature: 300 K, time_constant: 0.1 ps}
output:
  # directory: results                # default: the name of this file without suffix
  thermo: {every: 20}                 # thermo.csv
  trajectory: {every: 100, format: [h5md, extxyz], fields: [position, image, velocity, force]}
  observables:                        # observables.h5
    - rdf: {every: 20, cutoff: 6 Å, bins: 300}
    - msd: {every: 20}
)";

}  // namespace

std::string starter_input(const std::string& name) {
  if (name == "lj") return kLennardJones;
  if (name == "eam") return kEmbeddedAtom;
  const auto near = nearest_name(name, {"lj", "eam"});
  throw CommandLineError("--template: found '" + shortened(name) + "', expected lj or eam" +
                         (near ? " (did you mean '" + *near + "'?)" : ""));
}

}  // namespace r1::apps
