// What r1md says on the standard output: the summary of a run, the prediction of a dry run. Text only, no Kokkos here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/output/summary.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace r1::apps {

/// The closing summary: state, speed, where time went, drift, files.
std::string closing_text(const std::string& input, const md::Summary& summary,
                         const std::string& folder, const std::vector<std::string>& files);

/// One line of an evaluation: "frame 0: energy -123.4 eV, largest force 0.1 eV/Å, 500 atoms".
struct EvaluationLine {
  std::int64_t index, atoms;
  double energy, largest_force;
};
std::string evaluation_text(const EvaluationLine& line, UnitStyle style);

/// One line of a minimisation.
struct MinimumLine {
  std::int64_t steps;
  double energy, largest_force;
  enum class End { found, not_found } end;
};
std::string minimum_text(const MinimumLine& line, UnitStyle style);

/// What a dry run has found out. Bytes are of the rank that takes most.
struct DryRunFigures {
  std::int64_t atoms = 0;
  int ranks = 1, threads = 1;
  int grid[3] = {1, 1, 1};
  double least_atoms = 0, most_atoms = 0;             // of a rank
  double ghosts = 0;                                  // of a rank, mean
  std::vector<std::pair<std::string, double>> bytes;  // by purpose
  double device_bytes = 0;                            // 0 where the device is the host
  std::int64_t steps = 0;                             // of all dynamics
  double seconds_per_step = 0;                        // 0: not measured
  std::string note;                                   // why it was not
};
std::string dry_run_text(const DryRunFigures& figures);

}  // namespace r1::apps
