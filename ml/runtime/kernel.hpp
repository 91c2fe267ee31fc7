// A kernel: one node made ready to run, for fixed types. What depends on types is decided when it is made; run() only launches.
// Below are the families that operations choose from.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"
#include "core/device.hpp"
#include "ml/graph/attributes.hpp"
#include "ml/graph/type.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace r1::ml {

/// What a kernel is made for. Buffers are row-major and contiguous.
struct KernelRequest {
  std::span<const Type> operands;
  std::span<const Type> results;
  const Attributes& attributes;
  const Communicator& communicator;  // of the plan
};

/// Device addresses of one execution, in the order of the request. Operands and results do not overlap, but where
/// Kernel::in_place() allows it.
struct Launch {
  const Exec& exec;
  std::span<const void* const> operands;
  std::span<void* const> results;
  void* scratch;  // scratch_bytes() of the kernel, aligned as views are
};

class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual void run(const Launch& launch) const = 0;
  virtual std::size_t scratch_bytes() const { return 0; }
  /// Result `result` may lie where operand `operand` lies, which has the same number of bytes.
  virtual bool in_place([[maybe_unused]] int result, [[maybe_unused]] int operand) const {
    return false;
  }
};

/// Elements are read and written at multiples of these strides (in elements), one for each axis of `shape`.
struct StridedCopy {
  StridedCopy(Shape extents, std::vector<std::int64_t> to_strides)
      : shape(std::move(extents)), to(std::move(to_strides)), from(to.size(), 0) {}
  Shape shape;
  std::vector<std::int64_t> to, from;
  std::int64_t to_offset = 0, from_offset = 0;
};

/// Strides of a contiguous tensor [elements].
std::vector<std::int64_t> row_major(const Shape& shape);

enum class Uncovered : std::uint8_t { none, zero };  // elements of the result that no copy writes
enum class Reduction : std::uint8_t { sum, max };

/// Copy k moves elements of operand k to the result.
std::unique_ptr<Kernel> copy_kernel(const KernelRequest& request, std::vector<StridedCopy> copies,
                                    Uncovered uncovered = Uncovered::none);
/// Copy k moves elements of operand 0 to result k.
std::unique_ptr<Kernel> scatter_copy_kernel(const KernelRequest& request,
                                            std::vector<StridedCopy> copies);
/// A function of ml/runtime/pointwise_functions.hpp.
std::unique_ptr<Kernel> pointwise_kernel(const KernelRequest& request, std::string_view function);
/// Over `axes`, ascending. The order of a sum depends on the shape alone, not on the number of threads.
std::unique_ptr<Kernel> reduce_kernel(const KernelRequest& request, const Integers& axes,
                                      Reduction reduction);
/// One value for all elements, or one for each.
std::unique_ptr<Kernel> constant_kernel(const KernelRequest& request, const Reals& values);
std::unique_ptr<Kernel> random_bits_kernel(const KernelRequest& request);
std::unique_ptr<Kernel> random_choice_kernel(const KernelRequest& request);
std::unique_ptr<Kernel> cumsum_kernel(const KernelRequest& request);
std::unique_ptr<Kernel> top_k_kernel(const KernelRequest& request);
std::unique_ptr<Kernel> gather_kernel(const KernelRequest& request);
std::unique_ptr<Kernel> scatter_add_kernel(const KernelRequest& request);

// Exchanges between ranks (ml/ops/collectives.hpp). Sums are taken in the order of ranks.
std::unique_ptr<Kernel> all_reduce_kernel(const KernelRequest& request);
std::unique_ptr<Kernel> all_gather_kernel(const KernelRequest& request, int axis);
std::unique_ptr<Kernel> reduce_scatter_kernel(const KernelRequest& request, int axis);
std::unique_ptr<Kernel> all_to_all_kernel(const KernelRequest& request, int split, int concat);
/// `pairs`: source, target, source, target ...
std::unique_ptr<Kernel> permute_ranks_kernel(const KernelRequest& request, const Integers& pairs);

/// Products of batches of matrices (ml/ops/dot.hpp).
std::unique_ptr<Kernel> dot_kernel(const KernelRequest& request);

}  // namespace r1::ml
