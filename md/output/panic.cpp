// SPDX-License-Identifier: Apache-2.0
#include "md/output/panic.hpp"

#include "comm/agree.hpp"
#include "md/output/frame_writer.hpp"

namespace r1::md {

void write_panic_frames(Simulation& simulation, const std::filesystem::path& folder) {
  auto& system = simulation.system();
  const auto gathered = [&](FrameFields fields) {
    return gather_by_id(simulation.exec(), system, simulation.comm(), fields);
  };
  simulation.neighbors().swap_with_reference(system);
  const auto good = gathered({});
  simulation.neighbors().swap_with_reference(system);
  const auto bad = gathered({.image = false, .velocity = true, .force = true});
  agree_on_root(simulation.comm(), [&] {
    const FrameInfo info{simulation.step(), simulation.time(), system.box, system.species,
                         system.units.style};
    const auto writer = make_extxyz_writer(folder / kPanicFile);
    writer->write(good, info);
    writer->write(bad, info);
    writer->close();
  });
}

}  // namespace r1::md
