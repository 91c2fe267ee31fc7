// Strided copies: permutations, broadcasts, slices, padding and concatenation are all one of these.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/dispatch.hpp"
#include "ml/runtime/kernel.hpp"
#include "ml/runtime/tile_transpose.hpp"

#include <utility>

namespace r1::ml {
namespace {

/// Device form of a copy. Axes that lie together in both tensors are one; the last one is the inner loop.
struct Steps {
  static constexpr int kMost = Shape::kMostAxes;
  int rank = 0;
  std::int64_t extent[kMost], to[kMost], from[kMost];
  std::int64_t to_offset = 0, from_offset = 0;
};

Steps collapse(const StridedCopy& copy) {
  Steps steps;
  steps.to_offset = copy.to_offset;
  steps.from_offset = copy.from_offset;
  for (int axis = 0; axis < copy.shape.rank(); ++axis) {
    const auto k = static_cast<std::size_t>(axis);
    if (copy.shape[axis] == 1) continue;
    const int last = steps.rank - 1;
    if (last >= 0 && steps.to[last] == copy.to[k] * copy.shape[axis] &&
        steps.from[last] == copy.from[k] * copy.shape[axis]) {
      steps.extent[last] *= copy.shape[axis];
      steps.to[last] = copy.to[k];
      steps.from[last] = copy.from[k];
      continue;
    }
    steps.extent[steps.rank] = copy.shape[axis];
    steps.to[steps.rank] = copy.to[k];
    steps.from[steps.rank++] = copy.from[k];
  }
  if (steps.rank == 0) steps = {1, {1}, {1}, {1}, copy.to_offset, copy.from_offset};
  return steps;
}

/// The axis whose elements lie together in `from`, where those of the inner one do in `to` alone; -1: none.
int transposed_axis(const Steps& s) {
  const int inner = s.rank - 1;
  if (s.to[inner] != 1 || s.from[inner] == 1) return -1;
  for (int axis = 0; axis < inner; ++axis)
    if (s.from[axis] == 1) return axis;
  return -1;
}

/// On CPUs: squares of axis `across` and the inner one. An item of work is some of `across`, at one place of the other axes.
template <class T>
struct TransposedCopy {
  static constexpr std::int64_t kColumns = 32;
  Steps s;
  int across;
  const T* from;
  T* to;

  std::int64_t blocks() const { return (s.extent[across] + kColumns - 1) / kColumns; }
  std::int64_t items() const {
    std::int64_t count = blocks();
    for (int axis = 0; axis < s.rank - 1; ++axis) count *= axis == across ? 1 : s.extent[axis];
    return count;
  }
  void operator()(std::int64_t item) const {
    const std::int64_t first = item % blocks() * kColumns, left = s.extent[across] - first;
    std::int64_t place = item / blocks(), t = s.to_offset, f = s.from_offset;
    for (int axis = s.rank - 2; axis >= 0; --axis) {
      if (axis == across) continue;
      t += place % s.extent[axis] * s.to[axis];
      f += place % s.extent[axis] * s.from[axis];
      place /= s.extent[axis];
    }
    const int inner = s.rank - 1;
    transpose_rows(from + f + first, s.extent[inner], left < kColumns ? left : kColumns,
                   s.from[inner], to + t + first * s.to[across], s.to[across]);
  }
};

template <class T>
void run_copy(const Exec& exec, const Steps& s, const T* from, T* to) {
  const int inner = s.rank - 1;
  std::int64_t rows = 1;
  for (int axis = 0; axis < inner; ++axis) rows *= s.extent[axis];
  const std::int64_t columns = s.extent[inner];
  if (rows == 0 || columns == 0) return;
  // Chunks of a row, so that one long row has work for all threads.
  constexpr std::int64_t kChunk = 4096;
  const std::int64_t chunks = (columns + kChunk - 1) / kChunk;
  using Policy = Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>;
  if constexpr (kDeviceIsHost)
    if (const int across = transposed_axis(s); across >= 0) {
      const TransposedCopy<T> copy{s, across, from, to};
      return Kokkos::parallel_for("r1::ml::transposed_copy", Policy(exec, 0, copy.items()), copy);
    }
  const auto copy_chunk = KOKKOS_LAMBDA(const std::int64_t item)->void {
    std::int64_t row = item / chunks;
    const std::int64_t begin = item % chunks * kChunk;
    const std::int64_t end = begin + kChunk < columns ? begin + kChunk : columns;
    std::int64_t t = s.to_offset, f = s.from_offset;
    for (int axis = inner - 1; axis >= 0; --axis) {
      const std::int64_t at = row % s.extent[axis];
      row /= s.extent[axis];
      t += at * s.to[axis];
      f += at * s.from[axis];
    }
    const std::int64_t dt = s.to[inner], df = s.from[inner];
    for (std::int64_t k = begin; k < end; ++k) to[t + k * dt] = from[f + k * df];
  };
  Kokkos::parallel_for("r1::ml::copy", Policy(exec, 0, rows * chunks), copy_chunk);
}

class Copy final : public Kernel {
 public:
  Copy(const KernelRequest& request, const std::vector<StridedCopy>& copies, Uncovered uncovered)
      : dtype_(request.results[0].dtype),
        bytes_(request.results[0].bytes()),
        uncovered_(uncovered) {
    for (const auto& copy : copies) steps_.push_back(collapse(copy));
  }
  void run(const Launch& launch) const override {
    if (uncovered_ == Uncovered::zero) {
      const View<std::uint8_t*> all(static_cast<std::uint8_t*>(launch.results[0]), bytes_);
      Kokkos::deep_copy(launch.exec, all, std::uint8_t{0});
    }
    for (std::size_t k = 0; k < steps_.size(); ++k)
      with_type(dtype_, [&]<class T>() {
        run_copy(launch.exec, steps_[k], static_cast<const T*>(launch.operands[k]),
                 static_cast<T*>(launch.results[0]));
      });
  }

 private:
  Dtype dtype_;
  std::size_t bytes_;
  Uncovered uncovered_;
  std::vector<Steps> steps_;
};

class ScatterCopy final : public Kernel {
 public:
  ScatterCopy(const KernelRequest& request, const std::vector<StridedCopy>& copies)
      : dtype_(request.operands[0].dtype) {
    for (const auto& copy : copies) steps_.push_back(collapse(copy));
  }
  void run(const Launch& launch) const override {
    for (std::size_t k = 0; k < steps_.size(); ++k)
      with_type(dtype_, [&]<class T>() {
        run_copy(launch.exec, steps_[k], static_cast<const T*>(launch.operands[0]),
                 static_cast<T*>(launch.results[k]));
      });
  }

 private:
  Dtype dtype_;
  std::vector<Steps> steps_;
};

}  // namespace

std::unique_ptr<Kernel> scatter_copy_kernel(const KernelRequest& request,
                                            std::vector<StridedCopy> copies) {
  return std::make_unique<ScatterCopy>(request, copies);
}

std::vector<std::int64_t> row_major(const Shape& shape) {
  std::vector<std::int64_t> strides(static_cast<std::size_t>(shape.rank()));
  std::int64_t stride = 1;
  for (std::size_t k = strides.size(); k-- > 0;) {
    strides[k] = stride;
    stride *= shape[static_cast<int>(k)];
  }
  return strides;
}

std::unique_ptr<Kernel> copy_kernel(const KernelRequest& request, std::vector<StridedCopy> copies,
                                    Uncovered uncovered) {
  return std::make_unique<Copy>(request, copies, uncovered);
}

}  // namespace r1::ml
