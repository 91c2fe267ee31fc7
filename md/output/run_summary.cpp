// SPDX-License-Identifier: Apache-2.0
#include "md/output/run_summary.hpp"

namespace r1::md {
namespace {

double field_bytes(const Fields& fields) {
  std::size_t bytes = 0;
  for (const Field& field : fields.all())
    bytes += std::visit(
        [](const auto& data) {
          return data.span() * sizeof(typename std::decay_t<decltype(data)>::value_type);
        },
        field.data);
  return static_cast<double>(bytes);
}

double bytes_per_atom(const Simulation& simulation) {
  const double here = field_bytes(simulation.system().fields) +
                      static_cast<double>(simulation.neighbors().memory()) +
                      static_cast<double>(simulation.domain().halo().memory());
  const double all = simulation.comm().sum(here);
  const auto atoms = static_cast<double>(simulation.system().n_global);
  return atoms > 0 ? all / atoms : 0;
}

}  // namespace

std::vector<Phase> phases_of(const Profile::Report& report) {
  std::vector<Phase> phases;
  for (const auto& entry : report.entries)
    phases.push_back({entry.path, entry.own_seconds, entry.share});
  return phases;
}

int host_threads() { return static_cast<int>(HostExec().concurrency()); }

Summary summarize(Simulation& simulation, const RunFacts& facts, const ThermoOutput& thermo) {
  const System& system = simulation.system();
  const Profile::Report profile = simulation.profile().report();
  Summary s;
  s.atoms = system.n_global;
  s.steps = facts.steps;
  s.time = simulation.time();
  s.ranks = simulation.comm().size();
  s.threads = host_threads();
  s.device = facts.device.empty() ? Exec::name() : facts.device;
  s.wall_seconds = facts.wall_seconds;
  if (facts.dynamics_seconds > 0)
    s.atom_steps_per_second =
        static_cast<double>(s.atoms) * static_cast<double>(facts.steps) / facts.dynamics_seconds;
  s.phases = phases_of(profile);
  s.untracked_share = profile.untracked;
  s.bytes_per_atom = bytes_per_atom(simulation);
  const auto columns = thermo_columns();
  for (std::size_t c = 0; c < thermo.last_row().size(); ++c)
    s.final_thermo.push_back({columns[c + 1], thermo.last_row()[c]});
  const auto drift =
      thermo.drift().per_degree_of_freedom(system.degrees_of_freedom, system.units.boltzmann);
  s.drift = drift.value;
  s.drift_error = drift.error;
  s.units = system.units.style;
  s.constants = system.units.set;
  return s;
}

}  // namespace r1::md
