// HDF5 files that no digest vouches for. The library crashes, hangs or allocates without bound on some damaged files, so such a file is
// first opened, walked and read to its last byte in a child process with limits; a file that the child survives is opened here.
// It finds what makes the library fail, not whether numbers are right, and it is no sandbox: the child has its parent's rights.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

namespace r1::io {

struct ForeignLimits {
  std::uint64_t memory = std::uint64_t{4} << 30;  // of address space beyond the present one [bytes]
  std::chrono::seconds time{60};                  // by the clock, and of the processor
};

/// IoError, with the file's name and what happened, where the library reports a fault of `file`, crashes or does not come to an end.
/// Forks: to be called by one rank, where a fork is cheap; the child touches neither MPI nor this program's files.
void check_foreign_hdf5(const std::filesystem::path& file, const ForeignLimits& limits = {});

}  // namespace r1::io
