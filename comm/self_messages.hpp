// Messages of a rank to itself, for every transport: they stay on the device and need no library
// (Open MPI 4.1 loses the error of a message to oneself that is longer than its posted receive).
// They are matched by tag, in the order of posting; the copy is made once, at the first wait that
// finds both sides posted, in the order of that wait's execution instance.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"

#include <cstddef>
#include <deque>
#include <memory>

namespace r1 {

class SelfMessages {
 public:
  struct Message;
  enum class Side { send, receive };
  using Open = std::deque<std::shared_ptr<Message>>;  // those that have one side only

  SelfMessages();
  Pending isend(const Exec& exec, const void* data, std::size_t bytes, int tag);
  Pending irecv(const Exec& exec, void* data, std::size_t bytes, int tag);

 private:
  /// The oldest message that lacks `side` and carries the tag, or a new one.
  std::shared_ptr<Message> match(int tag, Side side);

  std::shared_ptr<Open> open_;
};

}  // namespace r1
