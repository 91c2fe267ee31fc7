// Work that may fail on one rank alone, such as reading a file: all ranks learn of it and end alike.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"

#include <functional>

namespace r1 {

/// Runs `work`, in which ranks do not talk to each other, on every rank. If it throws on some rank, every rank throws the error of
/// the lowest such rank, with its kind and marked as agreed (Error::agreed()); from rank 1 on the message names rank and host.
/// Collective.
void agree(const Communicator& comm, const std::function<void()>& work);

/// The same with `work` on rank 0 alone.
void agree_on_root(const Communicator& comm, const std::function<void()>& work);

}  // namespace r1
