// Trajectory: gathers a frame once and hands it to the writer of every format that was asked for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/output/frame_writer.hpp"
#include "md/output/output.hpp"

#include <memory>
#include <vector>

namespace r1::md {

class TrajectoryOutput : public Output {
 public:
  /// `writers`: those of rank 0; other ranks have none.
  TrajectoryOutput(Schedule schedule, FrameFields fields,
                   std::vector<std::unique_ptr<FrameWriter>> writers)
      : Output(schedule), fields_(fields), writers_(std::move(writers)) {}

  void observe(Simulation& simulation) override;
  void flush(Simulation& simulation) override;
  void close(Simulation& simulation) override;
  /// The positions of the writers, in their order, as "output/trajectory".
  void save(io::CheckpointWriter& writer) const override;

 private:
  FrameFields fields_;
  std::vector<std::unique_ptr<FrameWriter>> writers_;
};

}  // namespace r1::md
