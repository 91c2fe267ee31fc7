// What kernels by oneDNN share: its C API behind owners. Scratch memory is the caller's, so that plans know of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.hpp"
#include "ml/runtime/owned_handle.hpp"

#include <cstddef>
#include <memory>
#include <oneapi/dnnl/dnnl.h>
#include <utility>
#include <vector>

namespace r1::ml::dnnl {

/// Throws Error, which names the call, unless `status` is success.
void check(dnnl_status_t status, const char* call);

using Memory = OwnedHandle<dnnl_memory_t, dnnl_memory_destroy>;
using Primitive = OwnedHandle<dnnl_primitive_t, dnnl_primitive_destroy>;
using PrimitiveDesc = OwnedHandle<dnnl_primitive_desc_t, dnnl_primitive_desc_destroy>;
using Attributes = OwnedHandle<dnnl_primitive_attr_t, dnnl_primitive_attr_destroy>;

/// The CPU; made once and never ended, as the library's threads are.
dnnl_engine_t engine();
dnnl_stream_t stream();

/// Attributes that leave scratch memory to the caller.
Attributes user_scratch();

dnnl_memory_desc_t strided(const std::vector<dnnl_dim_t>& extents,
                           const std::vector<dnnl_dim_t>& strides,
                           dnnl_data_type_t type = dnnl_f32);

/// A primitive with its arguments; their addresses are set before each execution.
class Execution {
 public:
  Execution() = default;
  /// `arguments`: DNNL_ARG_... and the memory's description, in the order of run()'s addresses.
  Execution(PrimitiveDesc description,
            const std::vector<std::pair<int, dnnl_memory_desc_t>>& arguments);
  std::size_t scratch_bytes() const { return scratch_bytes_; }
  void run(std::initializer_list<const void*> addresses, void* scratch) const;

 private:
  PrimitiveDesc description_;
  Primitive primitive_;
  std::vector<Memory> memories_;  // the last one is the scratch memory
  std::vector<dnnl_exec_arg_t> arguments_;
  std::size_t scratch_bytes_ = 0;
};

}  // namespace r1::ml::dnnl
