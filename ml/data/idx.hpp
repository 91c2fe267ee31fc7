// IDX files, in which the MNIST digits come (plain or gzip). Layout: two zero bytes; a byte for the element type (8 u8, 9 i8, 11 i16,
// 12 i32, 13 f32, 14 f64); a byte for the number of axes; their extents, 32 bits each, big-endian; the elements, big-endian, the last
// axis fastest; nothing after them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace r1::ml {

struct IdxArray {
  enum class Element : std::uint8_t { u8 = 8, i8 = 9, i16 = 11, i32 = 12, f32 = 13, f64 = 14 };
  Element element = Element::u8;
  std::vector<std::int64_t> extents;  // at least one
  std::vector<std::byte> data;        // in the order of this machine's bytes

  std::int64_t elements() const;
  /// Element `at`, as a double, which holds each of the types.
  double value(std::int64_t at) const;
};

/// Throws ConfigError about `file` that says what is wrong with it, IoError where a read fails.
IdxArray read_idx(const std::filesystem::path& file);
/// The same of the contents of a file; `file` is for messages.
IdxArray parse_idx(std::string_view bytes, const std::filesystem::path& file);

}  // namespace r1::ml
