// Element types of tensors.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace r1::ml {

enum class Dtype : std::uint8_t { f64, f32, bf16, f16, i64, i32, u32, u8, boolean };

inline constexpr Dtype kAllDtypes[] = {Dtype::f64, Dtype::f32, Dtype::bf16,
                                       Dtype::f16, Dtype::i64, Dtype::i32,
                                       Dtype::u32, Dtype::u8,  Dtype::boolean};

/// Bytes of an element; a boolean takes one.
std::size_t size_of(Dtype dtype);
/// "f32", "bf16", "i64", "bool".
std::string_view name_of(Dtype dtype);
std::optional<Dtype> dtype_named(std::string_view name);

constexpr bool is_floating(Dtype dtype) { return dtype <= Dtype::f16; }
/// What sums of `dtype` are accumulated in: fp32 at least.
constexpr Dtype accumulator_of(Dtype dtype) {
  return dtype == Dtype::bf16 || dtype == Dtype::f16 ? Dtype::f32 : dtype;
}

}  // namespace r1::ml
