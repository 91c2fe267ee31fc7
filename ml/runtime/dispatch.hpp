// From an element type at run time to a C++ type: with_type(dtype, [&]<class T>() { ... }).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.hpp"
#include "ml/graph/dtype.hpp"

#include <cstdint>
#include <string>

namespace r1::ml {

/// Calls f.template operator()<T>() with the type of `dtype`'s elements; booleans are bytes. The reduced floating types have no
/// kernels yet: Error.
template <class F>
auto with_type(Dtype dtype, F&& f) {
  switch (dtype) {
    case Dtype::f64:
      return f.template operator()<double>();
    case Dtype::f32:
      return f.template operator()<float>();
    case Dtype::i64:
      return f.template operator()<std::int64_t>();
    case Dtype::i32:
      return f.template operator()<std::int32_t>();
    case Dtype::u32:
      return f.template operator()<std::uint32_t>();
    case Dtype::u8:
    case Dtype::boolean:
      return f.template operator()<std::uint8_t>();
    case Dtype::bf16:
    case Dtype::f16:
      break;
  }
  throw Error("no kernel computes in " + std::string(name_of(dtype)) + " on this device");
}

/// The same for kernels of floating numbers alone.
template <class F>
auto with_real_type(Dtype dtype, F&& f) {
  if (dtype == Dtype::f64) return f.template operator()<double>();
  if (dtype == Dtype::f32) return f.template operator()<float>();
  throw Error("this kernel does not compute in " + std::string(name_of(dtype)));
}

}  // namespace r1::ml
