// Work of rank 0 alone whose failure all ranks must learn: reading a file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"

#include <functional>

namespace r1::md {

/// Runs `work` on rank 0. What it throws is thrown on every rank, with its kind (ConfigError, IoError, else Error), so that all
/// end alike. Collective.
void on_root(const Communicator& comm, const std::function<void()>& work);

}  // namespace r1::md
