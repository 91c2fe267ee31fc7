// What the reductions of CPUs and GPUs have in common: the tensor seen as groups of kept and of reduced axes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device.hpp"
#include "ml/runtime/dispatch.hpp"
#include "ml/runtime/kernel.hpp"
#include "ml/runtime/pointwise_functions.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace r1::ml {

/// Some axes of a tensor; those that lie together are one.
struct ReduceAxes {
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
  /// Of element `index`, counted over these axes.
  KOKKOS_INLINE_FUNCTION std::int64_t offset(std::int64_t index) const {
    if (rank == 1) return index * stride[0];
    // Divisions of 64 bits are slow on GPUs.
    if (count <= std::numeric_limits<std::int32_t>::max()) return offset_in<std::uint32_t>(index);
    return offset_in<std::int64_t>(index);
  }
  /// Between neighbours along the last axis.
  KOKKOS_INLINE_FUNCTION std::int64_t last_stride() const {
    return rank > 0 ? stride[rank - 1] : 1;
  }

 private:
  template <class I>
  KOKKOS_INLINE_FUNCTION std::int64_t offset_in(std::int64_t index) const {
    I left = static_cast<I>(index);
    std::int64_t sum = 0;
    for (int axis = rank - 1; axis >= 0; --axis) {
      const I extent_of_axis = static_cast<I>(extent[axis]);
      sum += static_cast<std::int64_t>(left % extent_of_axis) * stride[axis];
      left /= extent_of_axis;
    }
    return sum;
  }
};

/// The axes of a reduction.
struct ReduceShape {
  ReduceAxes kept, reduced;

  ReduceShape(const Shape& shape, const Integers& axes) {
    const auto strides = row_major(shape);
    for (int axis = 0; axis < shape.rank(); ++axis)
      (std::binary_search(axes.begin(), axes.end(), axis) ? reduced : kept)
          .add(shape[axis], strides[static_cast<std::size_t>(axis)]);
  }
};

/// What elements of type T are summed in.
template <class T>
using Accumulator = std::conditional_t<std::is_floating_point_v<T>, T, std::int64_t>;

template <Reduction reduction, class T>
KOKKOS_INLINE_FUNCTION T combine(T a, T b) {
  if constexpr (reduction == Reduction::sum)
    return pointwise::Add::apply(a, b);
  else
    return pointwise::Max::apply(a, b);
}

/// Calls f.template operator()<reduction, From, To>() with the types of these elements.
template <class F>
void with_reduction(Dtype from, Dtype to, Reduction reduction, F&& f) {
  const auto with_types = [&]<class From, class To>() {
    if (reduction == Reduction::sum)
      f.template operator()<Reduction::sum, From, To>();
    else
      f.template operator()<Reduction::max, From, To>();
  };
  with_type(to, [&]<class To>() {
    if (from == to)
      with_types.template operator()<To, To>();
    else
      with_type(from, [&]<class From>() { with_types.template operator()<From, To>(); });
  });
}

std::unique_ptr<Kernel> host_reduce_kernel(const KernelRequest& request, const Integers& axes,
                                           Reduction reduction);
/// For GPUs; runs everywhere.
std::unique_ptr<Kernel> group_reduce_kernel(const KernelRequest& request, const Integers& axes,
                                            Reduction reduction);

}  // namespace r1::ml
