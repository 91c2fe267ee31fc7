// summary.json: the run in figures, for people, benchmarks and tests. Plain data and its file; no Kokkos here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/units.hpp"
#include "md/output/events.hpp"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace r1::md {

struct Summary {
  std::int64_t atoms = 0;
  std::int64_t steps = 0;  // of dynamics
  double time = 0;         // simulated [time]
  int ranks = 1;
  int threads = 1;  // of one rank
  std::string device;
  double wall_seconds = 0;
  double atom_steps_per_second = 0;  // while dynamics ran; 0 without
  std::vector<Phase> phases;         // of rank 0
  double untracked_share = 0;        // of the wall time, outside of all phases
  double bytes_per_atom = 0;         // arrays of atoms, lists and ghosts, over all ranks
  std::vector<std::pair<std::string, double>> final_thermo;  // names as in thermo.csv; empty: none
  double drift =
      std::numeric_limits<double>::quiet_NaN();  // kT per degree of freedom per 1,000 time units
  double drift_error = std::numeric_limits<double>::quiet_NaN();
  UnitStyle units = UnitStyle::lj;
  ConstantSet constants = ConstantSet::codata;
};

/// The text of summary.json. Not-a-number becomes null.
std::string summary_json(const Summary& summary);
void write_summary(const std::filesystem::path& file, const Summary& summary);

}  // namespace r1::md
