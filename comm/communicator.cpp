// SPDX-License-Identifier: Apache-2.0
#include "comm/communicator.hpp"

#include "comm/communicator_impl.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <exception>
#include <unistd.h>

namespace r1 {
namespace {

void require_rank(const char* what, int rank, int size) {
  if (rank >= 0 && rank < size) return;
  throw CommError(std::string(what) + " is rank " + std::to_string(rank) +
                  ", but the group has ranks 0 to " + std::to_string(size - 1));
}

void require_tag(int tag) {
  // MPI would take -1 for "any tag".
  if (tag < 0) throw CommError("a message has tag " + std::to_string(tag) + "; tags are 0 or more");
}

/// Called where nothing may be thrown, so its error ends the program with its message: what a
/// forgotten wait deserves, because the library may still write to memory that is about to go.
void require_waited(const std::unique_ptr<Pending::Impl>& impl) {
  if (impl && std::uncaught_exceptions() == 0)
    assertion_failed("a pending operation is waited for before it dies", SourceLocation::here());
}

}  // namespace

Pending::~Pending() { require_waited(impl_); }

Pending& Pending::operator=(Pending&& other) noexcept {
  if (this == &other) return *this;
  require_waited(impl_);
  impl_ = std::move(other.impl_);
  return *this;
}

void Pending::wait(const Exec& exec) {
  // Taken out first: an operation whose wait throws is over, too.
  if (const auto impl = std::exchange(impl_, nullptr)) impl->wait(exec);
}

void Pending::wait() {
  if (const auto impl = std::exchange(impl_, nullptr)) impl->wait();
}

int Communicator::rank() const { return impl_->rank(); }
int Communicator::size() const { return impl_->size(); }
int Communicator::node_rank() const { return impl_->node_rank(); }
int Communicator::node_size() const { return impl_->node_size(); }
bool Communicator::gpu_aware() const { return impl_->gpu_aware(); }
std::string Communicator::host() const { return impl_->host(); }
std::string Communicator::description() const { return impl_->description(); }
void Communicator::barrier() const { impl_->barrier(); }

void Communicator::abort(int exit_code) const {
  impl_->abort(exit_code);
  std::_Exit(exit_code);  // not reached; compilers do not believe a virtual function
}

Communicator Communicator::split(int color) const {
  if (color < 0)
    throw CommError("split was given color " + std::to_string(color) + "; colors are 0 or more");
  return Communicator(impl_->split(color));
}

Pending Communicator::isend_device(const Exec& exec, const void* data, std::size_t bytes, int to,
                                   int tag) const {
  require_rank("the receiver of a message", to, size());
  require_tag(tag);
  return impl_->isend(exec, data, bytes, to, tag);
}

Pending Communicator::irecv_device(const Exec& exec, void* data, std::size_t bytes, int from,
                                   int tag) const {
  require_rank("the sender of a message", from, size());
  require_tag(tag);
  return impl_->irecv(exec, data, bytes, from, tag);
}

Pending Communicator::reduce(Reductions reductions) const {
  if (reductions.items().empty()) return {};
  return impl_->reduce(reductions.items());
}

double Communicator::sum(double value) const {
  reduce_now(Reductions().sum(value));
  return value;
}

double Communicator::max(double value) const {
  reduce_now(Reductions().max(value));
  return value;
}

double Communicator::min(double value) const {
  reduce_now(Reductions().min(value));
  return value;
}

bool Communicator::any(bool value) const { return max(value ? 1 : 0) > 0; }
bool Communicator::all(bool value) const { return min(value ? 1 : 0) > 0; }

void Communicator::broadcast(std::string& text, int root) const {
  std::uint64_t length = text.size();
  broadcast_bytes(&length, sizeof length, root);
  text.resize(length);
  broadcast_bytes(text.data(), text.size(), root);
}

void Communicator::broadcast_bytes(void* data, std::size_t bytes, int root) const {
  require_rank("the root of a broadcast", root, size());
  impl_->broadcast(data, bytes, root);
}

std::vector<Bytes> Communicator::gather_bytes(std::span<const std::byte> data, int root) const {
  require_rank("the root of a gather", root, size());
  return impl_->gather(data, root);
}

std::vector<Bytes> Communicator::all_gather_bytes(std::span<const std::byte> data) const {
  return impl_->all_gather(data);
}

std::vector<Bytes> Communicator::all_to_all_bytes(
    const std::vector<std::span<const std::byte>>& parts) const {
  R1_ASSERT(parts.size() == static_cast<std::size_t>(size()));
  return impl_->all_to_all(parts);
}

double combine(Reductions::Op op, double left, double right) {
  if (op == Reductions::Op::sum) return left + right;
  if (std::isnan(left)) return left;
  if (std::isnan(right)) return right;
  return op == Reductions::Op::max ? std::max(left, right) : std::min(left, right);
}

std::optional<std::string> lone_rank_fault(const char* step_tasks, int size) {
  if (!step_tasks || size != 1) return {};
  const std::string_view text(step_tasks);
  int tasks = 0;
  std::from_chars(text.data(), text.data() + text.size(), tasks);
  if (tasks <= 1) return {};
  return "Slurm started " + std::string(text) +
         " tasks in this step (SLURM_STEP_NUM_TASKS), but each of them sees one rank" +
         " alone: they would all run the same job and overwrite each other's files. The launcher "
         "and the MPI library (" +
         CommScope::library_version() +
         ") do not understand each other. 'srun --mpi=list' shows what this Slurm offers; try" +
         " 'srun --mpi=pmix', or start the program with mpirun inside the allocation, or ask for "
         "one task";
}

void refuse_lone_ranks(int size) {
  if (const auto fault = lone_rank_fault(std::getenv("SLURM_STEP_NUM_TASKS"), size))
    throw CommError(*fault);
}

void copy_on_device(const Exec& exec, void* to, const void* from, std::size_t bytes) {
  if (bytes == 0) return;
  using Raw = Kokkos::MemoryTraits<Kokkos::Unmanaged>;
  const Kokkos::View<unsigned char*, Mem, Raw> target(static_cast<unsigned char*>(to), bytes);
  const Kokkos::View<const unsigned char*, Mem, Raw> source(static_cast<const unsigned char*>(from),
                                                            bytes);
  Kokkos::deep_copy(exec, target, source);
}

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "unknown host";
  return name.data();
}

}  // namespace r1
