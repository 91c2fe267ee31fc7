// SPDX-License-Identifier: Apache-2.0
#include "md/output/thermo_output.hpp"

#include "md/checkpoint/saved_values.hpp"

namespace r1::md {

std::vector<std::string> thermo_columns() {
  return {"step",         "time",        "temperature", "potential_energy", "kinetic_energy",
          "total_energy", "pressure",    "pressure_xx", "pressure_yy",      "pressure_zz",
          "pressure_xy",  "pressure_xz", "pressure_yz", "volume",           "conserved_energy"};
}

ThermoOutput::ThermoOutput(Schedule schedule, const std::filesystem::path& file,
                           const Communicator& comm, const io::CheckpointReader* resumed)
    : Output(schedule) {
  if (resumed != nullptr) {
    last_step_ = resumed->read_one<std::int64_t>("output/thermo/last_step");
    last_row_ = resumed->read<double>("output/thermo/last_row");
    if (!last_row_.empty() && last_row_.size() + 1 != thermo_columns().size())
      refuse_saved("the last row of thermo", std::to_string(last_row_.size()) + " numbers",
                   std::to_string(thermo_columns().size() - 1));
    drift_ = DriftFit::from(resumed->read<double>("output/thermo/drift"));
    const auto seen = [this](std::int64_t step) {
      return !last_row_.empty() && step <= last_step_;
    };
    if (comm.rank() == 0) csv_.emplace(io::CsvWriter::resume(file, thermo_columns(), seen));
  } else if (comm.rank() == 0) {
    csv_.emplace(file, thermo_columns());
  }
}

void ThermoOutput::observe(Simulation& simulation) {
  const double conserved = simulation.conserved_energy();
  const Thermo& t = simulation.thermo();
  const auto& p = t.pressure_tensor;
  last_step_ = simulation.step();
  last_row_ = {simulation.time(),
               t.temperature,
               t.potential_energy,
               t.kinetic_energy,
               t.total_energy(),
               t.pressure,
               p[0],
               p[4],
               p[8],
               p[1],
               p[2],
               p[5],
               t.volume,
               conserved};
  drift_.add(simulation.time(), conserved, t.temperature);
  if (csv_) csv_->row(last_step_, last_row_);
}

void ThermoOutput::flush(Simulation&) {
  if (csv_) csv_->sync();
}

void ThermoOutput::close(Simulation&) {
  if (csv_) csv_->close();
}

void ThermoOutput::save(io::CheckpointWriter& writer) const {
  writer.add_one("output/thermo/last_step", last_step_);
  writer.add("output/thermo/last_row", last_row_);
  writer.add("output/thermo/drift", drift_.state());
}

}  // namespace r1::md
