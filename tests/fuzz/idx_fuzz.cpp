// IDX files: an array whose data are as long as its extents say, or a refusal.
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "ml/data/idx.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace r1;
  fuzz::allow_refusal([&] {
    const auto array = ml::parse_idx(fuzz::text_of(data, size), "input.idx");
    const auto elements = static_cast<std::size_t>(array.elements());
    if (array.data.size() > size || (elements > 0 && array.data.size() % elements != 0))
      std::abort();
    if (elements > 0) array.value(array.elements() - 1);
  });
  return 0;
}
