// For tests of dynamics: Lennard-Jones crystals and melts (sigma, epsilon, mass 1), thermostats from their YAML text, and a recorder
// of energies.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/random.hpp"
#include "md/setup/lattice.hpp"
#include "md/setup/velocities.hpp"
#include "md/simulation.hpp"
#include "tests/md/dynamics.hpp"
#include "tests/md/test_system.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace r1::test {

struct Melt {
  int repeat = 4;  // fcc cells along each edge, four atoms each
  double density = 0.8442;
  double temperature = 1;  // of the Maxwell velocities
  double cutoff = 2.5, skin = 0.3;
  double epsilon = 1;
  std::string shift = "force";
};

inline md::System melt_system(const Melt& melt, const Communicator& comm) {
  md::System system(Units::make(UnitStyle::lj, ConstantSet::codata));
  system.set_species({{"A", 1.0}});
  const auto basis = md::lattice_basis("fcc");
  const md::Lattice lattice{basis,
                            md::Lattice::constant_at(basis, melt.density),
                            {melt.repeat, melt.repeat, melt.repeat},
                            0};
  system.box = md::lattice_box(lattice, {true, true, true});
  md::create_lattice(Exec(), lattice, md::Decomposition(system.box, comm.size(), comm.rank()),
                     system);
  md::set_maxwell_velocities(Exec(), comm, system, melt.temperature, 7);
  return system;
}

/// Every atom is moved by up to `most` along each axis, by its id.
inline void shake(md::System& system, double most) {
  const Random random(3, RandomPurpose::displacement);
  const auto x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.x());
  const auto id = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.id());
  for (int i = 0; i < system.n_local; ++i)
    for (std::uint32_t d = 0; d < 3; ++d)
      x(i, d) += most * (2 * random.uniform2(static_cast<std::uint64_t>(id(i)), 0, d)[0] - 1);
  Kokkos::deep_copy(system.x(), x);
}

inline md::Simulation melt_simulation(const Melt& melt, const Communicator& comm,
                                      double shaken = 0) {
  auto system = melt_system(melt, comm);
  shake(system, shaken);
  std::vector<std::unique_ptr<md::Potential>> potentials;
  potentials.push_back(make_potential(
      "lennard_jones: {cutoff: " + std::to_string(melt.cutoff) + ", shift: " + melt.shift +
          ", pairs: [{species: [A, A], epsilon: " + std::to_string(melt.epsilon) +
          ", sigma: 1.0}]}",
      system.units, system.species));
  md::Simulation simulation(Exec(), comm, std::move(system), md::ForceField(std::move(potentials)),
                            melt.skin);
  simulation.prepare();
  return simulation;
}

/// What `yaml` describes ("langevin: {temperature: 1, friction: 2}", or "none"). Throws ConfigError.
inline std::unique_ptr<md::Thermostat> make_thermostat(const std::string& yaml,
                                                       UnitStyle style = UnitStyle::lj,
                                                       std::uint64_t seed = 11) {
  const auto registry = md::builtin_thermostats();
  const auto schema =
      io::mapping({io::Key("units", io::word({"lj", "metal", "real"}), "Units.").required_(),
                   io::Key("thermostat", registry.schema(), "Heat bath.").required_()});
  const bool bare = yaml.find(':') == std::string::npos;
  const auto document = io::parse_config("units: " + std::string(name(style)) + "\nthermostat: " +
                                             (bare ? yaml : "{" + yaml + "}") + "\n",
                                         "input.yaml", schema);
  document->check();
  auto thermostat = registry.make(document->root()["thermostat"],
                                  {Units::make(style, ConstantSet::codata), seed});
  document->check();
  return thermostat;
}

/// Energies of every `every`-th step after `after`.
class Recorder final : public md::Observer {
 public:
  struct Row {
    double time, kinetic, potential, conserved, temperature;
  };
  Recorder(std::int64_t every, std::int64_t after, std::vector<Row>& rows)
      : every_(every), after_(after), rows_(rows) {}
  bool due(std::int64_t step, Place) const override { return step > after_ && step % every_ == 0; }
  md::Tally::Level needs() const override { return md::Tally::Level::totals; }
  void observe(md::Simulation& s) override {
    const auto& t = s.thermo();
    rows_.push_back(
        {s.time(), t.kinetic_energy, t.potential_energy, s.conserved_energy(), t.temperature});
  }

 private:
  std::int64_t every_, after_;
  std::vector<Row>& rows_;
};

/// Rows (x, y, z) of local atoms of all ranks, (3 N) by ascending id.
inline std::vector<double> by_id(const Communicator& comm, const md::System& system, md::Quads q) {
  const auto v = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), q);
  const auto id = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.id());
  std::vector<double> mine;
  for (int i = 0; i < system.n_local; ++i)
    mine.insert(mine.end(), {static_cast<double>(id(i)), v(i, 0), v(i, 1), v(i, 2)});
  std::map<double, std::array<double, 3>> rows;
  for (const auto& part : comm.all_gather(std::span<const double>(mine)))
    for (std::size_t k = 0; k < part.size(); k += 4)
      rows[part[k]] = {part[k + 1], part[k + 2], part[k + 3]};
  std::vector<double> all;
  for (const auto& [unused, row] : rows) all.insert(all.end(), row.begin(), row.end());
  return all;
}

}  // namespace r1::test
