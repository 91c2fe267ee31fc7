// Sums and maxima over axes. The tensor is seen as alternating groups of kept and reduced axes; the order in which elements are
// combined is that of their indices, in pieces whose size depends on the shape alone.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/dispatch.hpp"
#include "ml/runtime/kernel.hpp"
#include "ml/runtime/pointwise_functions.hpp"

#include <algorithm>
#include <type_traits>

namespace r1::ml {
namespace {

struct Axes {
  int rank = 0;
  std::int64_t extent[Shape::kMostAxes], stride[Shape::kMostAxes];
  std::int64_t count = 1;

  void add(std::int64_t extent_of_axis, std::int64_t stride_of_axis) {
    count *= extent_of_axis;
    if (rank > 0 && stride[rank - 1] == extent_of_axis * stride_of_axis) {
      extent[rank - 1] *= extent_of_axis;
      stride[rank - 1] = stride_of_axis;
      return;
    }
    extent[rank] = extent_of_axis;
    stride[rank++] = stride_of_axis;
  }
  KOKKOS_INLINE_FUNCTION std::int64_t offset(std::int64_t index) const {
    std::int64_t sum = 0;
    for (int axis = rank - 1; axis >= 0; --axis) {
      sum += index % extent[axis] * stride[axis];
      index /= extent[axis];
    }
    return sum;
  }
};

template <class T>
using Accumulator = std::conditional_t<std::is_floating_point_v<T>, T, std::int64_t>;

template <Reduction reduction, class T>
KOKKOS_INLINE_FUNCTION T combine(T a, T b) {
  if constexpr (reduction == Reduction::sum)
    return pointwise::Add::apply(a, b);
  else
    return pointwise::Max::apply(a, b);
}

/// First element of the reduced index range [begin, end), combined with the others.
template <Reduction reduction, class From, class A>
KOKKOS_INLINE_FUNCTION A reduce_range(const From* from, const Axes& reduced, std::int64_t begin,
                                      std::int64_t end) {
  A result = begin < end ? static_cast<A>(from[reduced.offset(begin)]) : A(0);
  if (reduced.rank == 1) {
    for (std::int64_t k = begin + 1; k < end; ++k)
      result = combine<reduction>(result, static_cast<A>(from[k * reduced.stride[0]]));
  } else {
    for (std::int64_t k = begin + 1; k < end; ++k)
      result = combine<reduction>(result, static_cast<A>(from[reduced.offset(k)]));
  }
  return result;
}

constexpr std::int64_t kPiece = 1024;  // elements that one item of work combines
constexpr std::int64_t kMostPieces = 256;

template <Reduction reduction, class From, class To>
void run_reduce(const Exec& exec, const Axes& kept, const Axes& reduced, std::int64_t pieces,
                const From* from, To* to, Accumulator<To>* partial) {
  using A = Accumulator<To>;
  using Policy = Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>;
  const std::int64_t size = (reduced.count + pieces - 1) / pieces;
  const auto reduce_piece = KOKKOS_LAMBDA(const std::int64_t item)->void {
    const std::int64_t row = item / pieces, begin = item % pieces * size;
    const std::int64_t end = begin + size < reduced.count ? begin + size : reduced.count;
    const A value = reduce_range<reduction, From, A>(from + kept.offset(row), reduced, begin, end);
    if (pieces == 1)
      to[row] = static_cast<To>(value);
    else
      partial[item] = value;
  };
  Kokkos::parallel_for("r1::ml::reduce", Policy(exec, 0, kept.count * pieces), reduce_piece);
  if (pieces == 1) return;
  const auto reduce_partial = KOKKOS_LAMBDA(const std::int64_t row)->void {
    A value = partial[row * pieces];
    for (std::int64_t k = 1; k < pieces; ++k)
      value = combine<reduction>(value, partial[row * pieces + k]);
    to[row] = static_cast<To>(value);
  };
  Kokkos::parallel_for("r1::ml::reduce_pieces", Policy(exec, 0, kept.count), reduce_partial);
}

class Reduce final : public Kernel {
 public:
  Reduce(const KernelRequest& request, const Integers& axes, Reduction reduction)
      : from_(request.operands[0].dtype), to_(request.results[0].dtype), reduction_(reduction) {
    const Shape& shape = request.operands[0].shape;
    const auto strides = row_major(shape);
    for (int axis = 0; axis < shape.rank(); ++axis)
      (std::binary_search(axes.begin(), axes.end(), axis) ? reduced_ : kept_)
          .add(shape[axis], strides[static_cast<std::size_t>(axis)]);
    // Pieces must not be empty: each combines its first element with the others.
    const auto wanted = std::clamp<std::int64_t>(reduced_.count / kPiece, 1, kMostPieces);
    const auto size = std::max<std::int64_t>((reduced_.count + wanted - 1) / wanted, 1);
    pieces_ = std::max<std::int64_t>((reduced_.count + size - 1) / size, 1);
  }
  std::size_t scratch_bytes() const override {
    return pieces_ == 1 ? 0 : static_cast<std::size_t>(kept_.count * pieces_) * sizeof(double);
  }
  void run(const Launch& launch) const override {
    if (reduction_ == Reduction::sum)
      run_as<Reduction::sum>(launch);
    else
      run_as<Reduction::max>(launch);
  }

 private:
  template <Reduction reduction>
  void run_as(const Launch& launch) const {
    with_type(to_, [&]<class To>() {
      const auto launch_from = [&]<class From>() {
        run_reduce<reduction>(
            launch.exec, kept_, reduced_, pieces_, static_cast<const From*>(launch.operands[0]),
            static_cast<To*>(launch.results[0]), static_cast<Accumulator<To>*>(launch.scratch));
      };
      if (from_ == to_)
        launch_from.template operator()<To>();
      else
        with_type(from_, launch_from);
    });
  }

  Dtype from_, to_;
  Reduction reduction_;
  Axes kept_, reduced_;
  std::int64_t pieces_ = 1;
};

}  // namespace

std::unique_ptr<Kernel> reduce_kernel(const KernelRequest& request, const Integers& axes,
                                      Reduction reduction) {
  return std::make_unique<Reduce>(request, axes, reduction);
}

}  // namespace r1::ml
