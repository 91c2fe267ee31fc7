// How a program ends, for scripts and schedulers. All ranks of a job end with the same code.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace r1::apps {

enum ExitCode : int {
  kDone = 0,
  kInternalError = 1,
  kCommandLineFault = 2,
  kInvalidInput = 3,
  kNumericStop = 4,       // not-a-number, lost atoms
  kIoFault = 5,           // a file could not be written or read
  kEnvironmentFault = 7,  // MPI, launcher, GPU
};

}  // namespace r1::apps
