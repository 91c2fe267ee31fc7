// Sums and maxima over axes on CPUs. The order in which elements are combined is that of their indices, in pieces whose size depends on the
// shape alone.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/dispatch.hpp"
#include "ml/runtime/reduce.hpp"

#include <algorithm>

namespace r1::ml {
namespace {

/// Independent partial results, so that loops over what lies together are vector loops.
constexpr int kLanes = 16;

/// Elements of the reduced index range [begin, end), which is not empty.
template <Reduction reduction, class From, class A>
KOKKOS_INLINE_FUNCTION A reduce_range(const From* from, const ReduceAxes& reduced,
                                      std::int64_t begin, std::int64_t end) {
  const std::int64_t length = reduced.rank > 0 ? reduced.extent[reduced.rank - 1] : 1;
  const std::int64_t stride = reduced.rank > 0 ? reduced.stride[reduced.rank - 1] : 1;
  if (reduced.count < kLanes && reduced.rank <= 1) {
    A value = static_cast<A>(from[begin * stride]);
    for (std::int64_t k = begin + 1; k < end; ++k)
      value = combine<reduction>(value, static_cast<A>(from[k * stride]));
    return value;
  }
  A lanes[kLanes];
  for (auto& lane : lanes)
    lane = reduction == Reduction::sum ? A(0) : static_cast<A>(from[reduced.offset(begin)]);
  for (std::int64_t k = begin; k < end;) {
    const std::int64_t n = end - k < length - k % length ? end - k : length - k % length;
    const From* line = from + reduced.offset(k);
    std::int64_t i = 0;
    if (stride == 1)
      for (; i + kLanes <= n; i += kLanes)
        for (int lane = 0; lane < kLanes; ++lane)
          lanes[lane] = combine<reduction>(lanes[lane], static_cast<A>(line[i + lane]));
    for (; i < n; ++i) lanes[0] = combine<reduction>(lanes[0], static_cast<A>(line[i * stride]));
    k += n;
  }
  for (int lane = 1; lane < kLanes; ++lane) lanes[0] = combine<reduction>(lanes[0], lanes[lane]);
  return lanes[0];
}

constexpr std::int64_t kPiece = 1024;  // elements that one item of work combines
constexpr std::int64_t kMostPieces = 256;
constexpr std::int64_t kBlock = 256;  // columns that one item of work combines side by side
using Policy = Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>;

/// Results of the pieces, (kept, pieces), to the result.
template <Reduction reduction, class To>
void join_pieces(const Exec& exec, std::int64_t rows, std::int64_t pieces,
                 const Accumulator<To>* partial, To* to) {
  const auto join = KOKKOS_LAMBDA(const std::int64_t row)->void {
    auto value = partial[row * pieces];
    for (std::int64_t k = 1; k < pieces; ++k)
      value = combine<reduction>(value, partial[row * pieces + k]);
    to[row] = static_cast<To>(value);
  };
  Kokkos::parallel_for("r1::ml::reduce_pieces", Policy(exec, 0, rows), join);
}

template <Reduction reduction, class From, class To>
void run_reduce(const Exec& exec, const ReduceAxes& kept, const ReduceAxes& reduced,
                std::int64_t pieces, const From* from, To* to, Accumulator<To>* partial) {
  using A = Accumulator<To>;
  const std::int64_t size = (reduced.count + pieces - 1) / pieces;
  const auto reduce_piece = KOKKOS_LAMBDA(const std::int64_t item)->void {
    const std::int64_t row = item / pieces, begin = item % pieces * size;
    const std::int64_t end = begin + size < reduced.count ? begin + size : reduced.count;
    const A value =
        begin < end ? reduce_range<reduction, From, A>(from + kept.offset(row), reduced, begin, end)
                    : A(0);
    if (pieces == 1)
      to[row] = static_cast<To>(value);
    else
      partial[item] = value;
  };
  Kokkos::parallel_for("r1::ml::reduce", Policy(exec, 0, kept.count * pieces), reduce_piece);
  if (pieces > 1) join_pieces<reduction>(exec, kept.count, pieces, partial, to);
}

/// The same where columns that are kept lie together: a block of them is combined side by side.
template <Reduction reduction, class From, class To>
void run_reduce_columns(const Exec& exec, const ReduceAxes& kept, const ReduceAxes& reduced,
                        std::int64_t pieces, const From* from, To* to, Accumulator<To>* partial) {
  using A = Accumulator<To>;
  const std::int64_t columns = kept.extent[kept.rank - 1];
  const std::int64_t blocks = (columns + kBlock - 1) / kBlock;
  const std::int64_t size = (reduced.count + pieces - 1) / pieces;
  const auto reduce_block = KOKKOS_LAMBDA(const std::int64_t item)->void {
    const std::int64_t piece = item % pieces, block = item / pieces % blocks;
    const std::int64_t row = item / pieces / blocks * columns + block * kBlock;
    const std::int64_t n = columns - block * kBlock < kBlock ? columns - block * kBlock : kBlock;
    const std::int64_t begin = piece * size;
    const std::int64_t end = begin + size < reduced.count ? begin + size : reduced.count;
    const From* corner = from + kept.offset(row);
    A sums[kBlock];
    for (std::int64_t j = 0; j < n; ++j)
      sums[j] =
          reduction == Reduction::sum ? A(0) : static_cast<A>(corner[reduced.offset(begin) + j]);
    for (std::int64_t k = begin; k < end; ++k) {
      const From* line = corner + reduced.offset(k);
      for (std::int64_t j = 0; j < n; ++j)
        sums[j] = combine<reduction>(sums[j], static_cast<A>(line[j]));
    }
    for (std::int64_t j = 0; j < n; ++j) {
      if (pieces == 1)
        to[row + j] = static_cast<To>(sums[j]);
      else
        partial[(row + j) * pieces + piece] = sums[j];
    }
  };
  Kokkos::parallel_for("r1::ml::reduce_columns",
                       Policy(exec, 0, kept.count / columns * blocks * pieces), reduce_block);
  if (pieces > 1) join_pieces<reduction>(exec, kept.count, pieces, partial, to);
}

/// The same for rows of a few elements one after the other, in the order of reduce_range; a `fixed` length, where it is not 0, makes the
/// inner loop straight code.
template <int fixed, Reduction reduction, class From, class To>
void run_reduce_short_rows(const Exec& exec, std::int64_t rows, std::int64_t row_length,
                           const From* from, To* to) {
  using A = Accumulator<To>;
  const auto reduce_row = KOKKOS_LAMBDA(const std::int64_t row)->void {
    const std::int64_t length = fixed > 0 ? fixed : row_length;
    const From* line = from + row * length;
    A value = static_cast<A>(line[0]);
    for (std::int64_t k = 1; k < length; ++k)
      value = combine<reduction>(value, static_cast<A>(line[k]));
    to[row] = static_cast<To>(value);
  };
  Kokkos::parallel_for("r1::ml::reduce_short_rows", Policy(exec, 0, rows), reduce_row);
}

template <Reduction reduction, class From, class To>
void run_reduce_rows(const Exec& exec, std::int64_t rows, std::int64_t length, const From* from,
                     To* to) {
  switch (length) {
    case 3:
      return run_reduce_short_rows<3, reduction>(exec, rows, length, from, to);
    case 4:
      return run_reduce_short_rows<4, reduction>(exec, rows, length, from, to);
    case 8:
      return run_reduce_short_rows<8, reduction>(exec, rows, length, from, to);
    default:
      return run_reduce_short_rows<0, reduction>(exec, rows, length, from, to);
  }
}

class HostReduce final : public Kernel {
 public:
  HostReduce(const KernelRequest& request, const ReduceShape& shape, Reduction reduction)
      : from_(request.operands[0].dtype),
        to_(request.results[0].dtype),
        reduction_(reduction),
        kept_(shape.kept),
        reduced_(shape.reduced) {
    by_columns_ = kept_.rank > 0 && kept_.count > 0 && reduced_.count > 0 &&
                  kept_.last_stride() == 1 && kept_.extent[kept_.rank - 1] > 1;
    short_rows_ = kept_.rank == 1 && reduced_.rank == 1 && reduced_.stride[0] == 1 &&
                  kept_.stride[0] == reduced_.count && reduced_.count > 0 &&
                  reduced_.count < kLanes;
    const auto together = by_columns_ ? std::min(kept_.extent[kept_.rank - 1], kBlock) / 8 + 1 : 1;
    // Pieces must not be empty: each combines its first element with the others.
    const auto wanted =
        std::clamp<std::int64_t>(reduced_.count * together / kPiece, 1, kMostPieces);
    const auto size = std::max<std::int64_t>((reduced_.count + wanted - 1) / wanted, 1);
    pieces_ = std::max<std::int64_t>((reduced_.count + size - 1) / size, 1);
  }
  std::size_t scratch_bytes() const override {
    return pieces_ == 1 ? 0 : static_cast<std::size_t>(kept_.count * pieces_) * sizeof(double);
  }
  void run(const Launch& launch) const override {
    with_reduction(from_, to_, reduction_, [&]<Reduction reduction, class From, class To>() {
      const auto* from = static_cast<const From*>(launch.operands[0]);
      auto* to = static_cast<To*>(launch.results[0]);
      auto* partial = static_cast<Accumulator<To>*>(launch.scratch);
      if (short_rows_)
        return run_reduce_rows<reduction>(launch.exec, kept_.count, reduced_.count, from, to);
      const auto run =
          by_columns_ ? run_reduce_columns<reduction, From, To> : run_reduce<reduction, From, To>;
      run(launch.exec, kept_, reduced_, pieces_, from, to, partial);
    });
  }

 private:
  Dtype from_, to_;
  Reduction reduction_;
  ReduceAxes kept_, reduced_;
  std::int64_t pieces_ = 1;
  bool by_columns_ = false, short_rows_ = false;
};

}  // namespace

std::unique_ptr<Kernel> host_reduce_kernel(const KernelRequest& request, const Integers& axes,
                                           Reduction reduction) {
  return std::make_unique<HostReduce>(request, ReduceShape(request.operands[0].shape, axes),
                                      reduction);
}

}  // namespace r1::ml
