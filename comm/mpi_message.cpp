// Point-to-point messages of device memory. The library knows nothing of execution instances, so
// whatever it reads or writes is fenced first; where it cannot read device memory the data goes
// through pinned host buffers, and the copy back to the device is part of the wait.
// SPDX-License-Identifier: Apache-2.0
#include "comm/mpi_detail.hpp"

#include <utility>

namespace r1::mpi {
namespace {

std::string message_text(const char* call, std::size_t bytes, const char* towards, int rank,
                         int tag) {
  return std::string(call) + " of " + std::to_string(bytes) + " bytes " + towards + " rank " +
         std::to_string(rank) + ", tag " + std::to_string(tag);
}

/// A message under way. The staging buffer, if there is one, belongs to it; a received one is
/// copied to `target`.
class Message : public Pending::Impl {
 public:
  Message(std::shared_ptr<MpiCommunicator> owner, const Exec& exec, std::size_t bytes)
      : owner_(std::move(owner)), exec_(exec), bytes_(bytes) {}
  ~Message() override {
    if (request_ != MPI_REQUEST_NULL) give_up();
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  void stage() { staged_ = owner_->staging().take(bytes_); }
  void receive_into(void* device) { target_ = device; }
  const StagingBuffer& staged() const { return staged_; }
  MPI_Request* request() { return &request_; }
  void describe(std::string text) { text_ = std::move(text); }

  void wait(const Exec& exec) override {
    MPI_Status status;
    check(MPI_Wait(&request_, &status), "waiting for " + text_);
    if (!staged_.data()) return;
    if (target_) {
      MPI_Count arrived = 0;
      check(MPI_Get_elements_x(&status, MPI_BYTE, &arrived), "MPI_Get_elements_x");
      const auto bytes = static_cast<std::size_t>(arrived);
      if (exec != exec_) exec_.fence("r1::mpi: a message crosses execution instances");
      copy_from_staging(exec, target_, staged_, bytes);
    }
    owner_->staging().give_back(std::move(staged_), exec);
  }
  void wait() override {
    const bool copies = target_ && staged_.data();
    wait(exec_);
    if (copies) exec_.fence("r1::mpi: wait() returns when the data is there");
  }

 private:
  /// An exception unwinds the stack, the job is about to be aborted, and a wait could last for
  /// ever. The library may still touch the staging buffer, so that is leaked on purpose.
  void give_up() {
    int ended = 0;
    MPI_Finalized(&ended);
    if (ended) return;
    if (target_) MPI_Cancel(&request_);
    MPI_Request_free(&request_);
    if (staged_.data()) static_cast<void>(new StagingBuffer(staged_));
  }

  std::shared_ptr<MpiCommunicator> owner_;
  Exec exec_;
  std::size_t bytes_;
  StagingBuffer staged_;    // empty where the library reads the device itself
  void* target_ = nullptr;  // device; null for a send
  MPI_Request request_ = MPI_REQUEST_NULL;
  std::string text_;
};

}  // namespace

Pending MpiCommunicator::isend(const Exec& exec, const void* data, std::size_t bytes, int to,
                               int tag) {
  if (to == rank_) return to_self_.isend(exec, data, bytes, tag);
  auto message = std::make_unique<Message>(shared_from_this(), exec, bytes);
  message->describe(message_text("a send", bytes, "to", to, tag));
  const void* source = data;
  if (!gpu_aware()) {
    message->stage();
    copy_to_staging(exec, message->staged(), data, bytes);
    source = message->staged().data();
  }
  exec.fence("r1::mpi: the data is written before the library reads it");
  const ByteCount n(bytes);
  check(MPI_Isend(source, n.count(), n.type(), to, tag, messages(), message->request()),
        message_text("MPI_Isend", bytes, "to", to, tag));
  return Pending(std::move(message));
}

Pending MpiCommunicator::irecv(const Exec& exec, void* data, std::size_t bytes, int from, int tag) {
  if (from == rank_) return to_self_.irecv(exec, data, bytes, tag);
  auto message = std::make_unique<Message>(shared_from_this(), exec, bytes);
  message->describe(message_text("a receive", bytes, "from", from, tag));
  message->receive_into(data);
  void* target = data;
  if (gpu_aware()) {
    exec.fence("r1::mpi: nobody reads the old contents when the library writes");
  } else {
    message->stage();
    target = message->staged().data();
  }
  const ByteCount n(bytes);
  check(MPI_Irecv(target, n.count(), n.type(), from, tag, messages(), message->request()),
        message_text("MPI_Irecv", bytes, "from", from, tag));
  return Pending(std::move(message));
}

bool MpiCommunicator::gpu_aware() const {
  if (!device_->direct) {
    if (!Kokkos::is_initialized()) return false;  // asked too early: no verdict yet
    device_->direct = library_claims_gpu_awareness() && verify_device_message();
  }
  return *device_->direct;
}

bool MpiCommunicator::verify_device_message() const {
  constexpr int n = 4096;
  const Exec exec;
  const auto from = uninitialized<View<int*>>(exec, "r1::mpi::verify_from", n);
  const View<int*> to("r1::mpi::verify_to", n);
  const auto expected = Kokkos::create_mirror_view(from);
  for (int i = 0; i < n; ++i) expected(i) = i * i + 1;
  Kokkos::deep_copy(from, expected);  // without an instance both fence
  const int sent = MPI_Sendrecv(from.data(), n, MPI_INT, rank_, 0, to.data(), n, MPI_INT, rank_, 0,
                                internal(), MPI_STATUS_IGNORE);
  if (sent != MPI_SUCCESS) return false;
  const auto arrived = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), to);
  for (int i = 0; i < n; ++i)
    if (arrived(i) != i * i + 1) return false;
  return true;
}

}  // namespace r1::mpi
