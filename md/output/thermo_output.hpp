// thermo.csv: a row of thermodynamics per due step, in the run's units, written by rank 0; and the drift of the conserved energy,
// fitted to the same rows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/csv.hpp"
#include "md/output/drift.hpp"
#include "md/output/output.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace r1::md {

/// The header of thermo.csv.
std::vector<std::string> thermo_columns();

class ThermoOutput : public Output {
 public:
  /// Starts `file` where this is rank 0, or continues it after what `resumed` has counted (null: starts).
  ThermoOutput(Schedule schedule, const std::filesystem::path& file, const Communicator& comm,
               const io::CheckpointReader* resumed = nullptr);

  Tally::Level needs() const override { return Tally::Level::totals; }
  void observe(Simulation& simulation) override;
  void flush(Simulation& simulation) override;
  void close(Simulation& simulation) override;
  void save(io::CheckpointWriter& writer) const override;

  /// The last row, on every rank; empty before the first.
  std::int64_t last_step() const { return last_step_; }
  const std::vector<double>& last_row() const {
    return last_row_;
  }  // thermo_columns() without the step
  const DriftFit& drift() const { return drift_; }

 private:
  std::optional<io::CsvWriter> csv_;  // rank 0
  std::int64_t last_step_ = 0;
  std::vector<double> last_row_;
  DriftFit drift_;
};

}  // namespace r1::md
