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
  kNoCheckpoint = 6,      // damaged, missing, or of another run
  kEnvironmentFault = 7,  // MPI, launcher, GPU; no progress
  kStopped = 75,          // early, with a valid checkpoint: the same command goes on (EX_TEMPFAIL)
};

}  // namespace r1::apps
