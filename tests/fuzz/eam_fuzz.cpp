// Tables of the embedded-atom method in each of the three formats, and what is made of them: a common grid with a second table, splines.
// SPDX-License-Identifier: Apache-2.0
#include "md/potentials/eam_file.hpp"
#include "md/potentials/eam_tables.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <numeric>

namespace {

using namespace r1;

constexpr const char* kSecond =
    "a second table\n29 63.55 3.615 FCC\n6 0.1 7 0.5 3.0\n0 -1 -2 -3 -4 -5\n11 10 9 8 7 6 5\n"
    "1 2 3 4 5 6 7\n";

void make_splines(const md::EamTables& tables) {
  for (const auto* functions : {&tables.embedding, &tables.density, &tables.pair})
    for (const auto& f : *functions) {
      std::vector<double> rows;
      md::append_spline(f, 1, rows);
    }
}

void read(std::string_view text, md::EamFormat format) {
  const auto file = md::parse_eam_file(text, "table", format);
  if (format == md::EamFormat::funcfl) {
    static const auto second = md::parse_eam_file(kSecond, "second", md::EamFormat::funcfl);
    make_splines(md::tabulate_funcfl({file, second}));
    return;
  }
  std::vector<std::size_t> elements(file.elements.size());
  std::iota(elements.begin(), elements.end(), std::size_t{0});
  make_splines(md::tabulate_setfl(file, elements));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  for (const auto format : {md::EamFormat::funcfl, md::EamFormat::alloy, md::EamFormat::fs})
    fuzz::allow_refusal([&] { read(text, format); });
  return 0;
}
