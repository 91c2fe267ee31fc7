// Exchanges between ranks: every rank sends to every other one directly, first to the next one, so that no rank is met by all at once.
// What lies together in a tensor goes as it is; else it is packed before and unpacked after. A sum of R ranks is two exchanges of
// 1/R-th of the tensor each: a rank adds up its piece in the order of ranks, and all get the bits that it made.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/dispatch.hpp"
#include "ml/runtime/kernel.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

namespace r1::ml {
namespace {

using Bytes = std::span<std::byte>;
using ConstBytes = std::span<const std::byte>;

constexpr int kTag =
    7301;  // one is enough: all ranks run the same plan, and messages between two ranks keep their order

/// Sends send(r) to rank r and takes from it what goes to receive(r); both sides know the same sizes, and nothing goes where they are 0.
template <class Send, class Receive>
void exchange(const Exec& exec, const Communicator& comm, const Send& send,
              const Receive& receive) {
  const int ranks = comm.size(), rank = comm.rank();
  std::vector<Pending> pending;
  pending.reserve(2 * static_cast<std::size_t>(ranks));
  for (int distance = 0; distance < ranks; ++distance) {
    const int from = (rank - distance + ranks) % ranks;
    const Bytes to = receive(from);
    if (!to.empty()) pending.push_back(comm.irecv_device(exec, to.data(), to.size(), from, kTag));
  }
  for (int distance = 0; distance < ranks; ++distance) {
    const int to = (rank + distance) % ranks;
    const ConstBytes data = send(to);
    if (!data.empty())
      pending.push_back(comm.isend_device(exec, data.data(), data.size(), to, kTag));
  }
  for (auto& message : pending) message.wait(exec);
}

/// to[i] = the sum over ranks, in their order; those of the others lie `stride` apart in the order of ranks.
template <class T>
struct SumInRankOrder {
  const T *own, *others;
  T* to;
  int rank, ranks;
  std::int64_t stride;

  KOKKOS_INLINE_FUNCTION T of(int k, std::int64_t i) const {
    return k == rank ? own[i] : others[k * stride + i];
  }
  KOKKOS_INLINE_FUNCTION void operator()(const std::int64_t i) const {
    T sum = of(0, i);
    for (int k = 1; k < ranks; ++k) sum = static_cast<T>(sum + of(k, i));
    to[i] = sum;
  }
};

/// A tensor as pieces for ranks: between (outer, ranks, block), as it lies, and (ranks, outer, block), as it is sent.
class Pieces {
 public:
  enum class Way : std::uint8_t { pack, unpack };
  /// `whole`: all pieces, joined along `axis`.
  Pieces(const KernelRequest& request, const Type& whole, int axis, Way way) {
    const std::int64_t ranks = request.communicator.size();
    std::int64_t outer = 1, block = whole.shape[axis] / ranks;
    for (int k = 0; k < axis; ++k) outer *= whole.shape[k];
    for (int k = axis + 1; k < whole.shape.rank(); ++k) block *= whole.shape[k];
    if (outer == 1 || whole.bytes() == 0) return;
    StridedCopy copy({outer, ranks, block}, {block, outer * block, 1});
    copy.from = {ranks * block, block, 1};
    if (way == Way::unpack) std::swap(copy.to, copy.from);
    kernel_ = copy_kernel({{&whole, 1}, {&whole, 1}, request.attributes, request.communicator},
                          {std::move(copy)});
    bytes_ = whole.bytes();
  }
  /// Of memory for the other order; 0 where both are the same.
  std::size_t scratch_bytes() const { return bytes_; }
  bool needed() const { return kernel_ != nullptr; }
  void run(const Exec& exec, const void* from, void* to) const {
    const void* const operands[] = {from};
    void* const results[] = {to};
    kernel_->run({exec, operands, results, nullptr});
  }

 private:
  std::unique_ptr<Kernel> kernel_;
  std::size_t bytes_ = 0;
};

class Exchange : public Kernel {
 public:
  explicit Exchange(const KernelRequest& request)
      : comm_(request.communicator), dtype_(request.results[0].dtype) {}

 protected:
  const Communicator& comm() const { return comm_; }
  /// Elements begin to end - 1 of what lies at `data`.
  Bytes elements(void* data, std::int64_t begin, std::int64_t end) const {
    const auto size = size_of(dtype_);
    return {static_cast<std::byte*>(data) + static_cast<std::size_t>(begin) * size,
            static_cast<std::size_t>(end - begin) * size};
  }
  ConstBytes elements(const void* data, std::int64_t begin, std::int64_t end) const {
    return elements(const_cast<void*>(data), begin, end);
  }
  void sum(const Exec& exec, ConstBytes own, const void* others, std::int64_t stride,
           void* to) const {
    with_type(dtype_, [&]<class T>() {
      using Policy = Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>;
      const SumInRankOrder<T> add{reinterpret_cast<const T*>(own.data()),
                                  static_cast<const T*>(others),
                                  static_cast<T*>(to),
                                  comm_.rank(),
                                  comm_.size(),
                                  stride};
      const auto count = static_cast<std::int64_t>(own.size() / sizeof(T));
      Kokkos::parallel_for("r1::ml::sum_in_rank_order", Policy(exec, 0, count), add);
    });
  }

 private:
  Communicator comm_;
  Dtype dtype_;
};

class AllReduce final : public Exchange {
 public:
  explicit AllReduce(const KernelRequest& request)
      : Exchange(request),
        size_(size_of(request.results[0].dtype)),
        elements_(request.results[0].shape.elements()),
        piece_((elements_ + comm().size() - 1) / comm().size()) {}
  std::size_t scratch_bytes() const override {
    return static_cast<std::size_t>(comm().size() * piece_) * size_;
  }
  bool in_place(int, int) const override { return true; }  // a piece is sent before it is summed
  void run(const Launch& launch) const override {
    const int rank = comm().rank();
    const auto own_elements = end(rank) - begin(rank);
    exchange(
        launch.exec, comm(), [&](int to) { return piece_of(launch.operands[0], to, rank); },
        [&](int from) {
          const auto slot = from * piece_;
          return elements(launch.scratch, slot, slot + (from == rank ? 0 : own_elements));
        });
    void* const result = launch.results[0];
    const auto own = elements(launch.operands[0], begin(rank), end(rank));
    sum(launch.exec, own, launch.scratch, piece_, elements(result, begin(rank), end(rank)).data());
    exchange(
        launch.exec, comm(),
        [&](int to) -> ConstBytes {
          return elements(result, begin(rank), to == rank ? begin(rank) : end(rank));
        },
        [&](int from) {
          return elements(result, begin(from), from == rank ? begin(from) : end(from));
        });
  }

 private:
  std::int64_t begin(int rank) const { return std::min(rank * piece_, elements_); }
  std::int64_t end(int rank) const { return begin(rank + 1); }
  /// What rank `of` sums; nothing if that is `but`.
  ConstBytes piece_of(const void* data, int of, int but) const {
    return elements(data, begin(of), of == but ? begin(of) : end(of));
  }
  std::size_t size_;
  std::int64_t elements_, piece_;
};

class AllGather final : public Exchange {
 public:
  AllGather(const KernelRequest& request, int axis)
      : Exchange(request),
        part_(request.operands[0].shape.elements()),
        unpack_(request, request.results[0], axis, Pieces::Way::unpack) {}
  std::size_t scratch_bytes() const override { return unpack_.scratch_bytes(); }
  void run(const Launch& launch) const override {
    void* const gathered = unpack_.needed() ? launch.scratch : launch.results[0];
    exchange(
        launch.exec, comm(), [&](int) { return elements(launch.operands[0], 0, part_); },
        [&](int from) { return elements(gathered, from * part_, (from + 1) * part_); });
    if (unpack_.needed()) unpack_.run(launch.exec, gathered, launch.results[0]);
  }

 private:
  std::int64_t part_;  // elements
  Pieces unpack_;
};

class ReduceScatter final : public Exchange {
 public:
  ReduceScatter(const KernelRequest& request, int axis)
      : Exchange(request),
        bytes_(request.operands[0].bytes()),
        part_(request.results[0].shape.elements()),
        pack_(request, request.operands[0], axis, Pieces::Way::pack) {}
  std::size_t scratch_bytes() const override { return bytes_ + pack_.scratch_bytes(); }
  void run(const Launch& launch) const override {
    const int rank = comm().rank();
    const void* packed = launch.operands[0];
    if (pack_.needed()) {
      packed = static_cast<std::byte*>(launch.scratch) + bytes_;
      pack_.run(launch.exec, launch.operands[0], const_cast<void*>(packed));
    }
    const auto piece = [&](auto* data, int of) {
      return elements(data, of * part_, (of == rank ? of : of + 1) * part_);
    };
    exchange(
        launch.exec, comm(), [&](int to) { return piece(packed, to); },
        [&](int from) { return piece(launch.scratch, from); });
    sum(launch.exec, elements(packed, rank * part_, (rank + 1) * part_), launch.scratch, part_,
        launch.results[0]);
  }

 private:
  std::size_t bytes_;  // of all pieces
  std::int64_t part_;  // elements
  Pieces pack_;
};

class AllToAll final : public Exchange {
 public:
  AllToAll(const KernelRequest& request, int split, int concat)
      : Exchange(request),
        piece_(request.operands[0].shape.elements() / request.communicator.size()),
        pack_(request, request.operands[0], split, Pieces::Way::pack),
        unpack_(request, request.results[0], concat, Pieces::Way::unpack) {}
  std::size_t scratch_bytes() const override {
    return pack_.scratch_bytes() + unpack_.scratch_bytes();
  }
  void run(const Launch& launch) const override {
    const void* packed = launch.operands[0];
    if (pack_.needed()) {
      pack_.run(launch.exec, packed, launch.scratch);
      packed = launch.scratch;
    }
    void* const received = unpack_.needed()
                               ? static_cast<std::byte*>(launch.scratch) + pack_.scratch_bytes()
                               : launch.results[0];
    const auto piece = [&](auto* data, int of) {
      return elements(data, of * piece_, (of + 1) * piece_);
    };
    exchange(
        launch.exec, comm(), [&](int to) { return piece(packed, to); },
        [&](int from) { return piece(received, from); });
    if (unpack_.needed()) unpack_.run(launch.exec, received, launch.results[0]);
  }

 private:
  std::int64_t piece_;  // elements
  Pieces pack_, unpack_;
};

class PermuteRanks final : public Exchange {
 public:
  PermuteRanks(const KernelRequest& request, const Integers& pairs)
      : Exchange(request), elements_(request.results[0].shape.elements()) {
    for (std::size_t k = 0; k < pairs.size(); k += 2) {
      if (pairs[k] == comm().rank()) target_ = static_cast<int>(pairs[k + 1]);
      if (pairs[k + 1] == comm().rank()) source_ = static_cast<int>(pairs[k]);
    }
  }
  void run(const Launch& launch) const override {
    const auto result = elements(launch.results[0], 0, elements_);
    if (!source_)
      Kokkos::deep_copy(launch.exec, View<std::byte*>(result.data(), result.size()), std::byte{0});
    exchange(
        launch.exec, comm(),
        [&](int to) { return elements(launch.operands[0], 0, to == target_ ? elements_ : 0); },
        [&](int from) { return elements(launch.results[0], 0, from == source_ ? elements_ : 0); });
  }

 private:
  std::int64_t elements_;
  std::optional<int> source_, target_;
};

}  // namespace

std::unique_ptr<Kernel> all_reduce_kernel(const KernelRequest& request) {
  return std::make_unique<AllReduce>(request);
}
std::unique_ptr<Kernel> all_gather_kernel(const KernelRequest& request, int axis) {
  return std::make_unique<AllGather>(request, axis);
}
std::unique_ptr<Kernel> reduce_scatter_kernel(const KernelRequest& request, int axis) {
  return std::make_unique<ReduceScatter>(request, axis);
}
std::unique_ptr<Kernel> all_to_all_kernel(const KernelRequest& request, int split, int concat) {
  return std::make_unique<AllToAll>(request, split, concat);
}
std::unique_ptr<Kernel> permute_ranks_kernel(const KernelRequest& request, const Integers& pairs) {
  return std::make_unique<PermuteRanks>(request, pairs);
}

}  // namespace r1::ml
