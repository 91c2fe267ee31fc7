// Linked where mpi-ext.h of the library can be asked for CUDA awareness (Open MPI and its kin).
// SPDX-License-Identifier: Apache-2.0
#include "comm/mpi_detail.hpp"

#include <mpi.h>

#include <mpi-ext.h>

namespace r1::mpi {

bool library_claims_gpu_awareness() { return MPIX_Query_cuda_support() == 1; }

}  // namespace r1::mpi
