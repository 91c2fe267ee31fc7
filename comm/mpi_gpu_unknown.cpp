// Linked where the library has no question for GPU awareness of this build's device: handing it a
// device pointer blindly would crash, so device data is staged through the host.
// SPDX-License-Identifier: Apache-2.0

#include "comm/mpi_detail.hpp"

namespace r1::mpi {

bool library_claims_gpu_awareness() { return false; }

}  // namespace r1::mpi
