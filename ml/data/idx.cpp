// SPDX-License-Identifier: Apache-2.0
#include "ml/data/idx.hpp"

#include "core/error.hpp"
#include "io/text_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace r1::ml {
namespace {

using Element = IdxArray::Element;

[[noreturn]] void refuse(const std::filesystem::path& file, std::string message) {
  throw ConfigError({Diagnostic{file.string(), 0, 0, std::move(message), ""}});
}

/// 0: no such type.
std::size_t size_of(unsigned element) {
  switch (element) {
    case 8:
    case 9:
      return 1;
    case 11:
      return 2;
    case 12:
    case 13:
      return 4;
    case 14:
      return 8;
    default:
      return 0;
  }
}

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

/// Number of elements; refuses extents whose product no file could hold.
std::uint64_t count_of(const IdxArray& array, const std::filesystem::path& file) {
  std::uint64_t count = 1;
  for (const auto extent : array.extents)
    if (__builtin_mul_overflow(count, static_cast<std::uint64_t>(extent), &count) ||
        count >= std::uint64_t{1} << 60)
      refuse(file, "its extents are larger than any file: it is damaged");
  return count;
}

template <class T>
double value_at(const std::vector<std::byte>& data, std::int64_t at) {
  T value;
  std::memcpy(&value, data.data() + static_cast<std::size_t>(at) * sizeof(T), sizeof(T));
  return static_cast<double>(value);
}

}  // namespace

std::int64_t IdxArray::elements() const {
  std::int64_t count = 1;
  for (const auto extent : extents) count *= extent;
  return count;
}

double IdxArray::value(std::int64_t at) const {
  switch (element) {
    case Element::u8:
      return value_at<std::uint8_t>(data, at);
    case Element::i8:
      return value_at<std::int8_t>(data, at);
    case Element::i16:
      return value_at<std::int16_t>(data, at);
    case Element::i32:
      return value_at<std::int32_t>(data, at);
    case Element::f32:
      return value_at<float>(data, at);
    case Element::f64:
      return value_at<double>(data, at);
  }
  return 0;
}

IdxArray parse_idx(std::string_view bytes, const std::filesystem::path& file) {
  if (bytes.size() < 4 || bytes[0] != 0 || bytes[1] != 0)
    refuse(file,
           "is no IDX file: it does not begin with two zero bytes, a type and a number of axes");
  const auto element = static_cast<unsigned char>(bytes[2]);
  const auto axes = static_cast<unsigned char>(bytes[3]);
  const auto size = size_of(element);
  if (size == 0)
    refuse(file, fmt::format("has element type {}, expected 8 (u8), 9 (i8), 11 (i16), 12 (i32), 13 "
                             "(f32) or 14 (f64)",
                             element));
  if (axes == 0 || axes > 8) refuse(file, fmt::format("has {} axes, expected 1 to 8", axes));
  const std::size_t header = 4 + std::size_t{4} * axes;
  if (bytes.size() < header) refuse(file, "ends within its header: it is incomplete");
  IdxArray array;
  array.element = static_cast<Element>(element);
  for (std::size_t axis = 0; axis < axes; ++axis)
    array.extents.push_back(big_endian(bytes.substr(4 + 4 * axis, 4)));
  const auto expected = count_of(array, file) * size;
  const auto found = bytes.size() - header;
  if (found != expected)
    refuse(file, fmt::format("holds {} bytes of elements, and its extents say {}: it is {}", found,
                             expected, found < expected ? "incomplete" : "damaged"));
  array.data.resize(found);
  if (found > 0) std::memcpy(array.data.data(), bytes.data() + header, found);
  if (std::endian::native == std::endian::little && size > 1)
    for (auto at = array.data.begin(); at != array.data.end();
         at += static_cast<std::ptrdiff_t>(size))
      std::reverse(at, at + static_cast<std::ptrdiff_t>(size));
  return array;
}

IdxArray read_idx(const std::filesystem::path& file) {
  return parse_idx(io::read_text_file(file), file);
}

}  // namespace r1::ml
