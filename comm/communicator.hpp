// Communicator: a value that stands for a group of ranks; Self and Mpi are behind it, chosen at run
// time and by linking. There are no globals. Device buffers go straight to the library where it is
// GPU-aware (asked and verified), else through the host. Every call takes an execution instance;
// every handle has two waits: wait(exec) orders the stream, wait() blocks the host.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device.hpp"
#include "core/error.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace r1 {

/// A pending operation. Movable; must be waited for before it dies or is assigned to: anything else
/// ends the program with a message, except while an exception unwinds the stack (the operation is
/// then given up, and so is the job).
class Pending {
 public:
  struct Impl {
    virtual ~Impl() = default;
    virtual void wait(const Exec& exec) = 0;  // later work on exec sees the result
    virtual void wait() = 0;                  // the result is there when this returns
  };
  Pending() = default;  // nothing pending
  explicit Pending(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
  Pending(Pending&&) noexcept = default;
  Pending& operator=(Pending&& other) noexcept;
  ~Pending();
  void wait(const Exec& exec);
  void wait();

 private:
  std::unique_ptr<Impl> impl_;
};

/// Several reductions of host scalars in one message. Results replace the values when the reduction
/// has been waited for; the sum is taken in rank order, so it depends on the number of ranks but
/// not on timing.
class Reductions {
 public:
  enum class Op : std::int32_t { sum, max, min };
  struct Item {
    double* value;
    Op op;
  };
  Reductions& sum(double& value) { return add(value, Op::sum); }
  Reductions& max(double& value) { return add(value, Op::max); }
  Reductions& min(double& value) { return add(value, Op::min); }
  template <std::size_t N>
  Reductions& sum(std::array<double, N>& values) {
    for (auto& v : values) sum(v);
    return *this;
  }
  const std::vector<Item>& items() const { return items_; }

 private:
  Reductions& add(double& value, Op op) {
    items_.push_back({&value, op});
    return *this;
  }
  std::vector<Item> items_;
};

class Communicator {
 public:
  /// What a transport must provide. Bytes only; the typed calls below are written on these.
  class Impl;

  /// This process alone.
  static Communicator self();
  explicit Communicator(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

  int rank() const;
  int size() const;
  int node_rank() const;  // rank among those on the same host
  int node_size() const;
  /// Device buffers go straight to the transport; verified with one where they are not host memory.
  bool gpu_aware() const;
  std::string host() const;         // this rank's host name
  std::string description() const;  // "self", "Open MPI 4.1.4, host staging", ...

  /// A group of the ranks that gave the same color (>= 0), ordered by rank.
  Communicator split(int color) const;

  void barrier() const;

  // --- Point to point, device memory.
  // The view is contiguous, and stays allocated and untouched until the wait. Messages between two
  // ranks with one tag arrive in the order of sending; one that is longer than the view of its
  // irecv is an error, a shorter one fills its beginning.
  template <class V>
  Pending isend(const Exec& exec, const V& view, int to, int tag) const {
    check_message<V>(view);
    return isend_device(exec, view.data(), view.size() * sizeof(typename V::value_type), to, tag);
  }
  template <class V>
  Pending irecv(const Exec& exec, const V& view, int from, int tag) const {
    check_message<V>(view);
    static_assert(!std::is_const_v<typename V::value_type>);
    return irecv_device(exec, view.data(), view.size() * sizeof(typename V::value_type), from, tag);
  }
  Pending isend_device(const Exec& exec, const void* data, std::size_t bytes, int to,
                       int tag) const;
  Pending irecv_device(const Exec& exec, void* data, std::size_t bytes, int from, int tag) const;

  // --- Host memory.
  Pending reduce(Reductions reductions) const;  // non-blocking; all ranks get the result
  void reduce_now(Reductions reductions) const { reduce(std::move(reductions)).wait(); }
  double sum(double value) const;
  double max(double value) const;
  double min(double value) const;
  bool any(bool value) const;  // true on every rank if it is on one
  bool all(bool value) const;

  template <class T>
  void broadcast(std::span<T> data, int root = 0) const {
    static_assert(std::is_trivially_copyable_v<T>);
    broadcast_bytes(data.data(), data.size_bytes(), root);
  }
  void broadcast(std::string& text, int root = 0) const;
  /// Every rank gives `data`; root gets all of them, in rank order (else an empty vector). Counts
  /// may differ, be 0.
  template <class T>
  std::vector<std::vector<T>> gather(std::span<const T> data, int root = 0) const {
    return typed<T>(gather_bytes(as_bytes(data), root));
  }
  template <class T>
  std::vector<std::vector<T>> all_gather(std::span<const T> data) const {
    return typed<T>(all_gather_bytes(as_bytes(data)));
  }
  /// Sends parts[r] to rank r, returns what each rank sent here. parts.size() == size().
  template <class T>
  std::vector<std::vector<T>> all_to_all(const std::vector<std::vector<T>>& parts) const {
    std::vector<std::span<const std::byte>> bytes;
    for (const auto& p : parts) bytes.push_back(as_bytes(std::span<const T>(p)));
    return typed<T>(all_to_all_bytes(bytes));
  }
  /// Ends every rank of the job with `exit_code`; for errors that one rank alone has seen.
  [[noreturn]] void abort(int exit_code) const;

 private:
  template <class V>
  static void check_message(const V& view) {
    static_assert(Kokkos::SpaceAccessibility<Exec, typename V::memory_space>::accessible);
    static_assert(std::is_trivially_copyable_v<typename V::value_type>);
    R1_ASSERT(view.span_is_contiguous());
  }
  template <class T>
  static std::span<const std::byte> as_bytes(std::span<const T> data) {
    static_assert(std::is_trivially_copyable_v<T>);
    return std::as_bytes(data);
  }
  template <class T>
  static std::vector<std::vector<T>> typed(const std::vector<std::vector<std::byte>>& parts);
  void broadcast_bytes(void* data, std::size_t bytes, int root) const;
  std::vector<std::vector<std::byte>> gather_bytes(std::span<const std::byte> data, int root) const;
  std::vector<std::vector<std::byte>> all_gather_bytes(std::span<const std::byte> data) const;
  std::vector<std::vector<std::byte>> all_to_all_bytes(
      const std::vector<std::span<const std::byte>>& parts) const;

  std::shared_ptr<Impl> impl_;
};

/// Scope of the message-passing library: starts it (thread level FUNNELED) unless already started,
/// ends it if it was started here. mpi.cpp or no_mpi.cpp is linked; without MPI world() is
/// Communicator::self(). Left by an exception it does not end the library, which would wait for
/// ranks that know nothing of the fault: catch inside, and abort().
class CommScope {
 public:
  CommScope(int& argc, char**& argv);
  ~CommScope();
  CommScope(const CommScope&) = delete;
  CommScope& operator=(const CommScope&) = delete;
  Communicator world() const;
  static std::string library_version();  // without starting it: "Open MPI v4.1.4"; "none"

 private:
  std::shared_ptr<Communicator::Impl> world_;
  bool started_here_ = false;
};

template <class T>
std::vector<std::vector<T>> Communicator::typed(const std::vector<std::vector<std::byte>>& parts) {
  std::vector<std::vector<T>> out(parts.size());
  for (std::size_t r = 0; r < parts.size(); ++r) {
    out[r].resize(parts[r].size() / sizeof(T));
    if (!parts[r].empty()) std::memcpy(out[r].data(), parts[r].data(), parts[r].size());
  }
  return out;
}

}  // namespace r1
