// The input in a checkpoint, and what may change in it before a restart. A change that alters what the run computes is refused; one
// that alters only how it is carried out is taken, and said where bits may differ.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/checkpoint.hpp"
#include "io/config.hpp"

#include <string>
#include <vector>

namespace r1::md {

/// Every value with its path, and digests of the files that the input names, as of now.
struct InputRecord {
  struct Value {
    std::string path, yaml;
  };
  std::vector<Value> values;  // files: their digest instead of their place

  static InputRecord of(const io::ConfigDocument& document);
  void save(io::CheckpointWriter& writer) const;
  static InputRecord from(const io::CheckpointReader& reader);
};

/// Where the run stood.
struct StagePlace {
  std::int64_t index;  // of the stage, from 0
  std::int64_t done;   // its steps

  static StagePlace from(const io::CheckpointReader& reader);
};

/// Compares `now` with `then`; throws ConfigError (of the file `name`) that lists every change which is refused. Returns what is to be
/// said of the others.
std::vector<std::string> accept_changes(const InputRecord& then, const InputRecord& now,
                                        const StagePlace& place, const std::string& name);

}  // namespace r1::md
