// LAMMPS data files, plain or gzip, whole and by their header. A file without a '#' takes its atom style from its length.
// SPDX-License-Identifier: Apache-2.0
#include "io/lammps_data.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <array>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace r1;
  static const fuzz::Scratch scratch;
  constexpr std::array kStyles{io::AtomStyle::atomic, io::AtomStyle::charge,
                               io::AtomStyle::molecular, io::AtomStyle::full};
  const auto text = fuzz::text_of(data, size);
  std::optional<io::AtomStyle> style;
  if (text.find('#') == std::string_view::npos) style = kStyles.at(size % kStyles.size());
  fuzz::allow_refusal([&] { io::parse_lammps_data(text, "structure.data", style); });
  if (!fuzz::goes_through_a_file(text)) return 0;
  const auto file = scratch.put("structure.data", text);
  fuzz::allow_refusal([&] { io::read_lammps_data_header(file); });
  fuzz::allow_refusal([&] { io::read_lammps_data(file, style); });
  return 0;
}
