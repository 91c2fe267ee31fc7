// SPDX-License-Identifier: Apache-2.0
#include "comm/self_messages.hpp"

#include "comm/communicator_impl.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace r1 {

/// A message to oneself; it is over when it has been delivered.
struct SelfMessages::Message {
  explicit Message(int tag_of_it) : tag(tag_of_it) {}
  int tag;
  const void* source = nullptr;  // [bytes], device
  std::size_t bytes = 0;
  void* target = nullptr;  // [capacity], device
  std::size_t capacity = 0;
  std::optional<Exec> send_exec;  // set when sent: what wrote the source
  std::optional<Exec> recv_exec;  // set when posted: what may still read the target's old contents
  std::optional<Exec> copy_exec;  // set when delivered
  View<unsigned char*>
      copy;  // the data, when the sender waited before anybody had posted a receive

  bool sent() const { return send_exec.has_value(); }
  bool posted() const { return recv_exec.has_value(); }
};

namespace {

void order_after(const std::optional<Exec>& earlier, const Exec& exec) {
  if (earlier && *earlier != exec)
    earlier->fence("r1::self: a message crosses execution instances");
}

void deliver(SelfMessages::Message& message, const Exec& exec) {
  if (message.copy_exec) return order_after(message.copy_exec, exec);
  if (message.bytes <= message.capacity) {  // else the receiver's wait throws
    order_after(message.send_exec, exec);
    order_after(message.recv_exec, exec);
    copy_on_device(exec, message.target, message.source, message.bytes);
  }
  message.copy_exec = exec;
}

/// The sender's data must be free for reuse after its wait although nobody has asked for it yet.
void keep_copy(SelfMessages::Message& message, const Exec& exec) {
  message.copy = uninitialized<View<unsigned char*>>(exec, "r1::self::message", message.bytes);
  order_after(message.send_exec, exec);
  copy_on_device(exec, message.copy.data(), message.source, message.bytes);
  message.source = message.copy.data();
  message.send_exec = exec;
}

using Side = SelfMessages::Side;

class SelfPending : public Pending::Impl {
 public:
  SelfPending(std::shared_ptr<SelfMessages::Open> open,
              std::shared_ptr<SelfMessages::Message> message, Side side)
      : open_(std::move(open)), message_(std::move(message)), side_(side) {}
  ~SelfPending() override {
    if (!waited_) std::erase(*open_, message_);  // given up: its memory may be gone
  }
  SelfPending(const SelfPending&) = delete;
  SelfPending& operator=(const SelfPending&) = delete;

  void wait(const Exec& exec) override {
    SelfMessages::Message& m = *message_;
    if (side_ == Side::receive) {
      check_received();
      deliver(m, exec);
    } else if (m.posted()) {
      deliver(m, exec);
    } else {
      keep_copy(m, exec);
    }
    waited_ = true;
  }
  void wait() override {
    const Exec exec = side_ == Side::send ? *message_->send_exec : *message_->recv_exec;
    wait(exec);
    exec.fence("r1::self: wait() returns when the data is there");
  }

 private:
  void check_received() const {
    const SelfMessages::Message& m = *message_;
    if (!m.sent())
      throw CommError(
          "a receive with tag " + std::to_string(m.tag) +
          " would wait for ever: this rank has sent itself no message with that tag; post the send"
          " before the wait");
    if (m.bytes > m.capacity)
      throw CommError("a message to oneself with tag " + std::to_string(m.tag) + " has " +
                      std::to_string(m.bytes) + " bytes, its receive has room for " +
                      std::to_string(m.capacity) + "; give both the same size");
  }
  std::shared_ptr<SelfMessages::Open> open_;
  std::shared_ptr<SelfMessages::Message> message_;
  Side side_;
  bool waited_ = false;
};

}  // namespace

SelfMessages::SelfMessages() : open_(std::make_shared<Open>()) {}

Pending SelfMessages::isend(const Exec& exec, const void* data, std::size_t bytes, int tag) {
  const auto message = match(tag, Side::send);
  message->source = data;
  message->bytes = bytes;
  message->send_exec = exec;
  return Pending(std::make_unique<SelfPending>(open_, message, Side::send));
}

Pending SelfMessages::irecv(const Exec& exec, void* data, std::size_t bytes, int tag) {
  const auto message = match(tag, Side::receive);
  message->target = data;
  message->capacity = bytes;
  message->recv_exec = exec;
  return Pending(std::make_unique<SelfPending>(open_, message, Side::receive));
}

std::shared_ptr<SelfMessages::Message> SelfMessages::match(int tag, Side side) {
  const auto found = std::find_if(open_->begin(), open_->end(), [&](const auto& m) {
    return m->tag == tag && !(side == Side::send ? m->sent() : m->posted());
  });
  if (found == open_->end()) return open_->emplace_back(std::make_shared<Message>(tag));
  auto message = *found;
  open_->erase(found);
  return message;
}

}  // namespace r1
