// SPDX-License-Identifier: Apache-2.0
#include "md/output/trajectory_output.hpp"

namespace r1::md {

void TrajectoryOutput::observe(Simulation& simulation) {
  const System& system = simulation.system();
  const AtomFrame frame = gather_by_id(simulation.exec(), system, simulation.comm(), fields_);
  const FrameInfo info{simulation.step(), simulation.time(), system.box, system.species,
                       system.units.style};
  for (const auto& writer : writers_) writer->write(frame, info);
}

void TrajectoryOutput::flush(Simulation&) {
  for (const auto& writer : writers_) writer->flush();
}

void TrajectoryOutput::close(Simulation&) {
  for (const auto& writer : writers_) writer->close();
}

void TrajectoryOutput::save(io::CheckpointWriter& writer) const {
  std::vector<std::int64_t> positions;
  for (const auto& one : writers_) positions.push_back(one->position());
  writer.add("output/trajectory", std::move(positions));
}

}  // namespace r1::md
