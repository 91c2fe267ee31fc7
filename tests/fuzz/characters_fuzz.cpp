// Text as characters: tokens that give the text back, of a vocabulary in ascending order that they use up, or a refusal.
// SPDX-License-Identifier: Apache-2.0
#include "ml/data/characters.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace r1;
  fuzz::allow_refusal([&] {
    const auto text = ml::parse_characters(fuzz::text_of(data, size), "input.txt");
    const auto& vocabulary = text.vocabulary;
    const std::set<std::int32_t> used(text.tokens.begin(), text.tokens.end());
    if (ml::to_utf8(text, text.tokens) != fuzz::text_of(data, size) ||
        used.size() != vocabulary.size() ||
        std::adjacent_find(vocabulary.begin(), vocabulary.end(), std::greater_equal<>()) !=
            vocabulary.end())
      std::abort();
  });
  return 0;
}
