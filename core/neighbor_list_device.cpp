// GPUs walk full lists in strided rows; packed rows belong to host kernels only.
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "core/neighbor_list.hpp"

namespace r1 {

std::int64_t build_packed_rows(const Exec&, const ListInput&, const CellList&, const CellList&,
                               NeighborList&) {
  assertion_failed("packed rows are built on host backends only", SourceLocation::here());
}

}  // namespace r1
