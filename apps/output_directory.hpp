// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/config.hpp"

namespace r1::apps {

/// Records a fault unless `output`'s key "directory", if it is there, lies below the working directory: results stay there; an input may
/// come from elsewhere.
void check_directory(const io::Config& output);

}  // namespace r1::apps
