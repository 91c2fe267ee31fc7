// SPDX-License-Identifier: Apache-2.0
#include "ml/data/idx.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace r1::ml {
namespace {

using namespace std::string_literals;

std::string fault_of(const std::string& bytes) {
  try {
    parse_idx(bytes, "a.idx");
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(Idx, ReadsBigEndianElements) {
  const auto bytes =
      parse_idx("\0\0\x08\x02\0\0\0\x02\0\0\0\x03\x01\x02\x03\xff\x05\x06"s, "a.idx");
  EXPECT_EQ(bytes.extents, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(bytes.value(3), 255);
  const auto shorts = parse_idx("\0\0\x0b\x01\0\0\0\x02\x01\0\xff\xfe"s, "a.idx");
  EXPECT_EQ(shorts.value(0), 256);
  EXPECT_EQ(shorts.value(1), -2);
  const auto reals = parse_idx("\0\0\x0d\x01\0\0\0\x01\x3f\xc0\0\0"s, "a.idx");
  EXPECT_EQ(reals.value(0), 1.5);
  const auto doubles = parse_idx("\0\0\x0e\x01\0\0\0\x01\xbf\xf8\0\0\0\0\0\0"s, "a.idx");
  EXPECT_EQ(doubles.value(0), -1.5);
  EXPECT_EQ(parse_idx("\0\0\x09\x01\0\0\0\x01\xff"s, "a.idx").value(0), -1);
  EXPECT_EQ(parse_idx("\0\0\x0c\x01\0\0\0\x01\0\0\x01\0"s, "a.idx").value(0), 256);
}

TEST(Idx, MayBeEmpty) {
  EXPECT_EQ(parse_idx("\0\0\x08\x02\0\0\0\0\0\0\0\x1c"s, "a.idx").elements(), 0);
}

TEST(Idx, SaysWhatIsWrong) {
  const std::pair<std::string, std::string> faults[] = {
      {"", "no IDX file"},
      {"\x89PNG", "no IDX file"},
      {"\0\0\x07\x01\0\0\0\x01\0"s, "element type 7"},
      {"\0\0\x08\0"s, "has 0 axes"},
      {"\0\0\x08\x09"s, "has 9 axes"},
      {"\0\0\x08\x02\0\0\0\x02\0\0"s, "within its header"},
      {"\0\0\x08\x01\0\0\0\x03\x01\x02"s,
       "holds 2 bytes of elements, and its extents say 3: it is incomplete"},
      {"\0\0\x08\x01\0\0\0\x01\x01\x02"s, "it is damaged"},
      {"\0\0\x08\x04\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"s,
       "larger than any file"},
  };
  for (const auto& [bytes, expected] : faults)
    EXPECT_NE(fault_of(bytes).find(expected), std::string::npos) << fault_of(bytes);
}

TEST(Idx, DigitsAreThoseOfTheirDescription) {
  const auto folder = std::filesystem::path(R1_SHARED_DATA_DIR) / "mnist";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no MNIST below " << R1_SHARED_DATA_DIR;
  const auto labels = read_idx(folder / "train-labels-idx1-ubyte.gz");
  std::array<int, 10> counts{};
  for (std::int64_t k = 0; k < labels.elements(); ++k)
    ++counts.at(static_cast<std::size_t>(labels.value(k)));
  EXPECT_EQ(counts,
            (std::array<int, 10>{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}));
  const auto images = read_idx(folder / "t10k-images-idx3-ubyte.gz");
  EXPECT_EQ(images.extents, (std::vector<std::int64_t>{10000, 28, 28}));
}

}  // namespace
}  // namespace r1::ml
