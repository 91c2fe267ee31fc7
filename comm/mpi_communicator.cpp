// A group of MPI ranks and its collectives. Collectives of unequal parts exchange the sizes and
// then send what is not empty: their use here is sparse (atoms to owners of slabs), and no part or
// total is bounded by int.
// SPDX-License-Identifier: Apache-2.0
#include "comm/mpi_detail.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <numeric>

namespace r1::mpi {
namespace {

constexpr int kPartTag = 1;
constexpr std::size_t kBlock = std::size_t{1} << 20;

OwnedComm copy_of(MPI_Comm comm) {
  MPI_Comm out = MPI_COMM_NULL;
  check(MPI_Comm_dup(comm, &out), "MPI_Comm_dup");
  return OwnedComm(out);
}

/// Messages of one collective, all waited for together.
class Exchange {
 public:
  explicit Exchange(MPI_Comm comm) : comm_(comm) {}
  void send(std::span<const std::byte> data, int to) {
    if (data.empty()) return;
    const ByteCount n(data.size());
    check(
        MPI_Isend(data.data(), n.count(), n.type(), to, kPartTag, comm_, &requests_.emplace_back()),
        "MPI_Isend of a collective's part");
  }
  void receive(Bytes& data, int from) {
    if (data.empty()) return;
    const ByteCount n(data.size());
    check(MPI_Irecv(data.data(), n.count(), n.type(), from, kPartTag, comm_,
                    &requests_.emplace_back()),
          "MPI_Irecv of a collective's part");
  }
  void wait() {
    check(MPI_Waitall(static_cast<int>(requests_.size()), requests_.data(), MPI_STATUSES_IGNORE),
          "MPI_Waitall of a collective's parts");
  }

 private:
  MPI_Comm comm_;
  std::vector<MPI_Request> requests_;
};

void copy(std::span<const std::byte> from, Bytes& to) {
  std::copy(from.begin(), from.end(), to.begin());
}

std::vector<Bytes> room_for(const std::vector<std::uint64_t>& sizes) {
  std::vector<Bytes> parts;
  parts.reserve(sizes.size());
  for (const auto size : sizes) parts.emplace_back(size);
  return parts;
}

}  // namespace

ByteCount::ByteCount(std::size_t bytes) : count_(static_cast<int>(bytes)) {
  if (bytes <= INT_MAX) return;
  if (bytes / kBlock > INT_MAX)
    throw CommError("a message of " + std::to_string(bytes) + " bytes is beyond the " +
                    std::to_string(kBlock * INT_MAX) +
                    " that one message can carry; send it in parts");
  // Blocks of 1 MiB and the rest, as one struct: to MPI still a sequence of bytes, so both sides
  // may differ in size.
  MPI_Datatype block = MPI_DATATYPE_NULL;
  const std::array<int, 2> lengths{static_cast<int>(bytes / kBlock),
                                   static_cast<int>(bytes % kBlock)};
  const std::array<MPI_Aint, 2> offsets{0, static_cast<MPI_Aint>(bytes / kBlock * kBlock)};
  check(MPI_Type_contiguous(static_cast<int>(kBlock), MPI_BYTE, &block), "MPI_Type_contiguous");
  const std::array<MPI_Datatype, 2> types{block, MPI_BYTE};
  check(MPI_Type_create_struct(2, lengths.data(), offsets.data(), types.data(), &type_),
        "MPI_Type_create_struct");
  check(MPI_Type_commit(&type_), "MPI_Type_commit");
  MPI_Type_free(&block);
  count_ = 1;
}

ByteCount::~ByteCount() {
  if (type_ != MPI_BYTE) MPI_Type_free(&type_);  // messages under way keep it alive
}

OwnedComm::OwnedComm(MPI_Comm comm) : comm_(comm) {
  check(MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
}

OwnedComm::~OwnedComm() {
  int ended = 0;
  MPI_Finalized(&ended);
  if (!ended) MPI_Comm_free(&comm_);
}

MpiCommunicator::MpiCommunicator(MPI_Comm owned, std::shared_ptr<DevicePath> device)
    : messages_(owned), internal_(copy_of(owned)), device_(std::move(device)) {
  check(MPI_Comm_rank(messages(), &rank_), "MPI_Comm_rank");
  check(MPI_Comm_size(messages(), &size_), "MPI_Comm_size");
  MPI_Comm node = MPI_COMM_NULL;
  check(MPI_Comm_split_type(internal(), MPI_COMM_TYPE_SHARED, rank_, MPI_INFO_NULL, &node),
        "MPI_Comm_split_type by host");
  const OwnedComm on_node(node);
  check(MPI_Comm_rank(node, &node_rank_), "MPI_Comm_rank");
  check(MPI_Comm_size(node, &node_size_), "MPI_Comm_size");
}

std::shared_ptr<MpiCommunicator> MpiCommunicator::duplicate_of(MPI_Comm comm) {
  MPI_Comm copy = MPI_COMM_NULL;
  check(MPI_Comm_dup(comm, &copy), "MPI_Comm_dup");
  return std::make_shared<MpiCommunicator>(copy, std::make_shared<DevicePath>());
}

std::string MpiCommunicator::host() const {
  std::array<char, MPI_MAX_PROCESSOR_NAME> name{};
  int length = 0;
  check(MPI_Get_processor_name(name.data(), &length), "MPI_Get_processor_name");
  return {name.data(), static_cast<std::size_t>(length)};
}

std::string MpiCommunicator::description() const {
  const std::string ranks = std::to_string(size_) + (size_ == 1 ? " rank" : " ranks");
  const char* path = kDeviceIsHost ? "" : gpu_aware() ? ", GPU-aware" : ", staged through the host";
  return library_name() + ", " + ranks + path;
}

std::shared_ptr<Communicator::Impl> MpiCommunicator::split(int color) {
  MPI_Comm part = MPI_COMM_NULL;
  check(MPI_Comm_split(internal(), color, rank_, &part), "MPI_Comm_split");
  return std::make_shared<MpiCommunicator>(part, device_);
}

void MpiCommunicator::barrier() { check(MPI_Barrier(internal()), "MPI_Barrier"); }

void MpiCommunicator::broadcast(void* data, std::size_t bytes, int root) {
  const ByteCount n(bytes);
  check(MPI_Bcast(data, n.count(), n.type(), root, internal()),
        "MPI_Bcast of " + std::to_string(bytes) + " bytes");
}

std::vector<Bytes> MpiCommunicator::gather(std::span<const std::byte> data, int root) {
  const std::uint64_t size_here = data.size();
  std::vector<std::uint64_t> sizes(rank_ == root ? static_cast<std::size_t>(size_) : 0);
  check(MPI_Gather(&size_here, 1, MPI_UINT64_T, sizes.data(), 1, MPI_UINT64_T, root, internal()),
        "MPI_Gather of sizes");
  std::vector<Bytes> parts = room_for(sizes);
  Exchange exchange(internal());
  if (rank_ != root) exchange.send(data, root);
  for (std::size_t r = 0; r < parts.size(); ++r)
    if (static_cast<int>(r) != rank_) exchange.receive(parts[r], static_cast<int>(r));
  exchange.wait();
  if (rank_ == root) copy(data, parts[static_cast<std::size_t>(rank_)]);
  return parts;
}

std::vector<Bytes> MpiCommunicator::all_gather(std::span<const std::byte> data) {
  const auto ranks = static_cast<std::size_t>(size_);
  const std::uint64_t size_here = data.size();
  std::vector<std::uint64_t> sizes(ranks);
  check(MPI_Allgather(&size_here, 1, MPI_UINT64_T, sizes.data(), 1, MPI_UINT64_T, internal()),
        "MPI_Allgather of sizes");
  std::vector<Bytes> parts = room_for(sizes);
  copy(data, parts[static_cast<std::size_t>(rank_)]);
  const std::uint64_t total = std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0});
  if (total > INT_MAX) {  // the same verdict on every rank
    for (std::size_t r = 0; r < ranks; ++r)
      broadcast(parts[r].data(), parts[r].size(), static_cast<int>(r));
    return parts;
  }
  std::vector<int> counts(sizes.begin(), sizes.end());
  std::vector<int> offsets(ranks);
  std::exclusive_scan(counts.begin(), counts.end(), offsets.begin(), 0);
  Bytes all(total);
  check(MPI_Allgatherv(data.data(), counts[static_cast<std::size_t>(rank_)], MPI_BYTE, all.data(),
                       counts.data(), offsets.data(), MPI_BYTE, internal()),
        "MPI_Allgatherv of " + std::to_string(total) + " bytes");
  for (std::size_t r = 0; r < ranks; ++r)
    std::copy_n(all.begin() + offsets[r], counts[r], parts[r].begin());
  return parts;
}

std::vector<Bytes> MpiCommunicator::all_to_all(
    const std::vector<std::span<const std::byte>>& parts) {
  std::vector<std::uint64_t> send_sizes;
  for (const auto& part : parts) send_sizes.push_back(part.size());
  std::vector<std::uint64_t> sizes(parts.size());
  check(MPI_Alltoall(send_sizes.data(), 1, MPI_UINT64_T, sizes.data(), 1, MPI_UINT64_T, internal()),
        "MPI_Alltoall of sizes");
  std::vector<Bytes> received = room_for(sizes);
  Exchange exchange(internal());
  // Starting at the next rank spreads the load: nobody is everybody's first target.
  for (int step = 1; step < size_; ++step) {
    const int from = (rank_ + size_ - step) % size_;
    exchange.receive(received[static_cast<std::size_t>(from)], from);
  }
  for (int step = 1; step < size_; ++step) {
    const int to = (rank_ + step) % size_;
    exchange.send(parts[static_cast<std::size_t>(to)], to);
  }
  exchange.wait();
  copy(parts[static_cast<std::size_t>(rank_)], received[static_cast<std::size_t>(rank_)]);
  return received;
}

void MpiCommunicator::abort(int exit_code) {
  std::fflush(nullptr);
  MPI_Abort(MPI_COMM_WORLD, exit_code);  // the job, not the group
  std::_Exit(exit_code);
}

}  // namespace r1::mpi
