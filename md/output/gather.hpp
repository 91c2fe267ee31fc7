// Gathering: atoms of all ranks on rank 0 in the order of their ids, as outputs write them. Positions are wrapped into the cell
// by the floor of their fractional coordinates and images follow: x + image·H is what it was; inside atoms keep their bits.
// Messages are bounded: rank 0 holds one frame and a small part of another.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"
#include "io/structure.hpp"
#include "md/system.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace r1::md {

/// Which vectors a frame holds beside positions.
struct FrameFields {
  bool image = false;
  bool velocity = false;
  bool force = false;
};

/// Atoms by ascending id in the run's units; empty on ranks above 0.
struct AtomFrame {
  std::vector<std::int64_t> id;    // (N)
  std::vector<std::int32_t> type;  // (N)
  std::vector<io::Vec3> position;  // (N, 3) wrapped
  std::vector<io::Int3> image;     // (N, 3); empty unless asked for, as those that follow
  std::vector<io::Vec3> velocity;  // (N, 3)
  std::vector<io::Vec3> force;     // (N, 3)
};

/// Atoms that one message round brings to rank 0, over all ranks.
inline constexpr int kGatherRound = 1 << 16;

/// Collective.
AtomFrame gather_by_id(const Exec& exec, const System& system, const Communicator& comm,
                       FrameFields fields, int round = kGatherRound);

}  // namespace r1::md
