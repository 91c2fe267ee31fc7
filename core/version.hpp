// What this build is: version, commit, compiler, flags, libraries; for --version, summaries and file provenance.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace r1 {

/// Facts fixed when the library was built.
struct BuildInfo {
  std::string_view version;  // "0.1.0"
  std::string_view
      commit;  // "1f3a5c7e9b0d", "1f3a5c7e9b0d-modified", "unknown" outside of a git checkout
  std::string_view compiler;      // "GNU 12.2.0"
  std::string_view flags;         // of the optimiser and the sanitizers
  std::string_view build_type;    // "Release"
  std::string_view kokkos;        // "4.7.0"
  std::string_view devices;       // "OPENMP;SERIAL"
  std::string_view architecture;  // "NATIVE", "HOPPER90"
  std::string_view hdf5;          // "1.10.8"
  bool hdf5_parallel;
  bool mpi;  // an MPI transport is linked
};

BuildInfo build_info();

}  // namespace r1
