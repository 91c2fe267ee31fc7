// The MPI transport, shared by its files: mpi.cpp (start and end of the library),
// mpi_communicator.cpp (the group and its collectives), mpi_message.cpp (point to point),
// mpi_reduce.cpp, and mpi_gpu_query.cpp or mpi_gpu_unknown.cpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator_impl.hpp"
#include "comm/self_messages.hpp"
#include "comm/staging.hpp"

#include <mpi.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace r1::mpi {

/// Throws CommError with MPI's own text unless `code` is success. `doing` is "MPI_Isend of 80 bytes
/// to rank 3, tag 5".
void check(int code, const std::string& doing);

/// "Open MPI v4.1.4": the first phrase of the library's own text.
std::string library_name();

/// Whether the library says that it accepts pointers to device memory of this build's kind.
bool library_claims_gpu_awareness();

/// `bytes` bytes as one element of a datatype (count()) where int cannot count them: MPI 3 has int
/// counts alone.
class ByteCount {
 public:
  explicit ByteCount(std::size_t bytes);
  ~ByteCount();
  ByteCount(const ByteCount&) = delete;
  ByteCount& operator=(const ByteCount&) = delete;
  int count() const { return count_; }
  MPI_Datatype type() const { return type_; }

 private:
  int count_;
  MPI_Datatype type_ = MPI_BYTE;
};

/// A duplicate or a part of a communicator; freed unless the library has ended before.
class OwnedComm {
 public:
  explicit OwnedComm(MPI_Comm comm);  // takes over
  ~OwnedComm();
  OwnedComm(const OwnedComm&) = delete;
  OwnedComm& operator=(const OwnedComm&) = delete;
  MPI_Comm get() const { return comm_; }

 private:
  MPI_Comm comm_;
};

/// What groups split from one another share about device memory. The verdict waits for the first
/// question, because Kokkos starts after MPI.
struct DevicePath {
  std::shared_ptr<StagingPool> staging = StagingPool::make();
  std::optional<bool> direct = kDeviceIsHost ? std::optional(true) : std::nullopt;
};

class MpiCommunicator : public Communicator::Impl,
                        public std::enable_shared_from_this<MpiCommunicator> {
 public:
  MpiCommunicator(MPI_Comm owned, std::shared_ptr<DevicePath> device);
  static std::shared_ptr<MpiCommunicator> duplicate_of(MPI_Comm comm);

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  int node_rank() const override { return node_rank_; }
  int node_size() const override { return node_size_; }
  bool gpu_aware() const override;
  std::string host() const override;
  std::string description() const override;
  std::shared_ptr<Impl> split(int color) override;
  void barrier() override;
  Pending isend(const Exec& exec, const void* data, std::size_t bytes, int to, int tag) override;
  Pending irecv(const Exec& exec, void* data, std::size_t bytes, int from, int tag) override;
  Pending reduce(const std::vector<Reductions::Item>& items) override;
  void broadcast(void* data, std::size_t bytes, int root) override;
  std::vector<Bytes> gather(std::span<const std::byte> data, int root) override;
  std::vector<Bytes> all_gather(std::span<const std::byte> data) override;
  std::vector<Bytes> all_to_all(const std::vector<std::span<const std::byte>>& parts) override;
  [[noreturn]] void abort(int exit_code) override;

  MPI_Comm messages() const { return messages_.get(); }
  MPI_Comm internal() const { return internal_.get(); }
  StagingPool& staging() { return *device_->staging; }

 private:
  bool verify_device_message() const;

  OwnedComm messages_;  // the user's point-to-point messages, those to other ranks
  OwnedComm internal_;  // collectives, some of them made of messages: a space of tags of their own
  SelfMessages to_self_;
  std::shared_ptr<DevicePath> device_;
  int rank_ = 0;
  int size_ = 0;
  int node_rank_ = 0;
  int node_size_ = 0;
};

}  // namespace r1::mpi
