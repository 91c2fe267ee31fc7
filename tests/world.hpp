// The ranks that a test of several ranks runs on; MPI runs already.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"

namespace r1::test {

inline Communicator world() {
  int argc = 0;
  char** argv = nullptr;
  return CommScope(argc, argv).world();
}

}  // namespace r1::test
