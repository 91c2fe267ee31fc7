// How much memory a run will take on a rank, before it takes it: what the allocations of fields, halo, cell lists and neighbour
// list come to at uniform density. Where the device is not the host it is device memory. Buffers of outputs are not in it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/decomposition.hpp"
#include "md/system.hpp"

namespace r1::md {

/// Bytes of one rank, and the numbers of atoms that they follow from.
struct MemoryEstimate {
  double atoms = 0, ghosts = 0;
  double fields = 0;      // per-atom fields of atoms and ghosts
  double list = 0;        // neighbour list
  double halo = 0;        // who is sent where, message buffers
  double threads = 0;     // forces of each further thread
  double rebuild = 0;     // on top of all while the list is rebuilt
  double checkpoint = 0;  // while one is written: what it holds, and as much on its way there

  double total() const { return fields + list + halo + threads + rebuild + checkpoint; }
};

/// For `atoms` of all ranks, spread evenly; `fields` as a Simulation has registered them, `list_cutoff` with skin [length].
MemoryEstimate estimate_memory(const Fields& fields, const Box& box,
                               const Decomposition& decomposition, std::int64_t atoms,
                               double list_cutoff, int threads);

/// Memory of this process that is resident now, libraries included [bytes]; 0 where the system does not tell.
std::int64_t resident_bytes();

}  // namespace r1::md
