// Extended XYZ: every frame read, every frame passed over, the headers, one frame written and read back.
// SPDX-License-Identifier: Apache-2.0
#include "io/extxyz.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace r1;

void read_all(const std::string& text, const std::vector<std::string>& species) {
  io::ExtxyzReader reader("structure.xyz", text, species);
  while (const auto frame = reader.next()) {
    std::string written;
    io::append_extxyz(written, *frame);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Scratch scratch;
  const std::string text(fuzz::text_of(data, size));
  fuzz::allow_refusal([&] { read_all(text, {}); });
  if (size % 4 == 0) fuzz::allow_refusal([&] { read_all(text, {"H", "C", "Cu"}); });
  fuzz::allow_refusal([&] {
    io::ExtxyzReader reader("structure.xyz", text, {});
    while (reader.skip()) continue;
  });
  if (!fuzz::goes_through_a_file(text)) return 0;
  const auto file = scratch.put("structure.xyz", text);
  fuzz::allow_refusal([&] { io::read_extxyz_header(file); });
  fuzz::allow_refusal([&] { io::read_only_frame(file); });
  return 0;
}
