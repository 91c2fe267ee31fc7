// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/dtype.hpp"

#include <array>

namespace r1::ml {
namespace {

struct Description {
  std::string_view name;
  std::size_t size;
};

constexpr std::array<Description, std::size(kAllDtypes)> kDescriptions = {{{"f64", 8},
                                                                           {"f32", 4},
                                                                           {"bf16", 2},
                                                                           {"f16", 2},
                                                                           {"i64", 8},
                                                                           {"i32", 4},
                                                                           {"u32", 4},
                                                                           {"u8", 1},
                                                                           {"bool", 1}}};

}  // namespace

std::size_t size_of(Dtype dtype) { return kDescriptions[static_cast<std::size_t>(dtype)].size; }

std::string_view name_of(Dtype dtype) {
  return kDescriptions[static_cast<std::size_t>(dtype)].name;
}

std::optional<Dtype> dtype_named(std::string_view name) {
  for (const Dtype dtype : kAllDtypes)
    if (name_of(dtype) == name) return dtype;
  return std::nullopt;
}

}  // namespace r1::ml
