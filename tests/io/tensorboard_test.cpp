// The records are read back by a reader of its own: bitwise CRC-32C, and just enough of the wire format.
// SPDX-License-Identifier: Apache-2.0
#include "io/tensorboard.hpp"

#include "core/error.hpp"
#include "tests/io/hostile.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <unistd.h>

namespace {

using namespace r1;
using namespace r1::io;
using test::get;

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t crc = ~0U;
  for (const char byte : bytes) {
    crc ^= static_cast<std::uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0x82f63b78U & (0U - (crc & 1U)));
  }
  return ~crc;
}

std::uint32_t masked(std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8U; }

/// Takes a little-endian number from the front.
template <class Number>
Number take(std::string_view& bytes) {
  static_assert(std::endian::native == std::endian::little);
  Number number{};
  if (bytes.size() < sizeof number) throw std::runtime_error("cut short");
  std::memcpy(&number, bytes.data(), sizeof number);
  bytes.remove_prefix(sizeof number);
  return number;
}

std::string_view take_bytes(std::string_view& bytes, std::size_t size) {
  if (bytes.size() < size) throw std::runtime_error("cut short");
  const std::string_view taken = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return taken;
}

/// The data of the file's records, whose checksums must be right.
std::vector<std::string> records_of(const std::string& file) {
  std::vector<std::string> records;
  for (std::string_view rest = file; !rest.empty();) {
    const std::string_view header = rest.substr(0, 8);
    const auto length = take<std::uint64_t>(rest);
    EXPECT_EQ(take<std::uint32_t>(rest), masked(crc32c(header)));
    const std::string_view data = take_bytes(rest, length);
    EXPECT_EQ(take<std::uint32_t>(rest), masked(crc32c(data)));
    records.emplace_back(data);
  }
  return records;
}

std::uint64_t take_varint(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = take<std::uint8_t>(bytes);
    number |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return number;
  }
}

std::string bytes_of(std::uint64_t number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

/// The payloads of a message by field number; a varint as its 8 bytes.
std::map<int, std::string> fields_of(std::string_view message) {
  std::map<int, std::string> fields;
  while (!message.empty()) {
    const std::uint64_t key = take_varint(message);
    std::string payload;
    switch (key & 7) {
      case 0:
        payload = bytes_of(take_varint(message));
        break;
      case 1:
        payload = take_bytes(message, 8);
        break;
      case 2:
        payload = take_bytes(message, take_varint(message));
        break;
      case 5:
        payload = take_bytes(message, 4);
        break;
      default:
        throw std::runtime_error("no such wire type");
    }
    fields[static_cast<int>(key >> 3)] = payload;
  }
  return fields;
}

template <class Number>
Number number_in(std::string_view payload) {
  EXPECT_EQ(payload.size(), sizeof(Number));
  return take<Number>(payload);
}

struct Scalar {
  double time;
  std::int64_t step;
  std::string tag;
  float value;
};

Scalar scalar_of(const std::string& record) {
  const auto event = fields_of(record);
  const auto entry = fields_of(fields_of(event.at(5)).at(1));
  EXPECT_EQ(event.size(), 3U);
  return {number_in<double>(event.at(1)), number_in<std::int64_t>(event.at(2)), entry.at(1),
          number_in<float>(entry.at(2))};
}

TEST(Tensorboard, ReadersChecksumIsCrc32c) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);  // the check value of every list of CRCs
}

TEST(Tensorboard, BeginsWithTheFileVersionUnderTheNameThatReadersLookFor) {
  const test::Folder folder;
  TensorboardWriter writer(folder / "new/events", [] { return 1234567.25; });
  const std::string name = writer.path().filename().string();
  EXPECT_EQ(name.rfind("events.out.tfevents.0001234567.", 0), 0U) << name;
  EXPECT_NE(name.find("." + std::to_string(::getpid()) + ".0"), std::string::npos) << name;
  EXPECT_EQ(writer.path().parent_path(), folder / "new/events");
  const auto records = records_of(get(writer.path()));
  ASSERT_EQ(records.size(), 1U);
  const auto event = fields_of(records[0]);
  EXPECT_EQ(number_in<double>(event.at(1)), 1234567.25);
  EXPECT_EQ(event.at(3), "brain.Event:2");
  EXPECT_EQ(event.size(), 2U);
}

TEST(Tensorboard, ScalarsAreThereAtOnceWithTagStepValueAndTime) {
  const test::Folder folder;
  double now = 1.75e9;
  TensorboardWriter writer(folder / "a", [&now] { return now; });
  struct Row {
    const char* tag;
    std::int64_t step;
    double value;
  };
  const std::vector<Row> rows{{"loss/train", 0, 1.0 / 3.0},
                              {"Å", std::numeric_limits<std::int64_t>::max(), -0.0},
                              {"loss/validation", -1, 1e300},
                              {"", 300, 1e-300}};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    now += 0.5;
    writer.scalar(rows[i].tag, rows[i].step, rows[i].value);
    const auto records = records_of(get(writer.path()));
    ASSERT_EQ(records.size(), i + 2);
    const Scalar read = scalar_of(records.back());
    EXPECT_EQ(read.time, now);
    EXPECT_EQ(read.step, rows[i].step);
    EXPECT_EQ(read.tag, rows[i].tag);
    EXPECT_EQ(read.value, static_cast<float>(rows[i].value));
  }
}

TEST(Tensorboard, NotANumberIsKept) {
  const test::Folder folder;
  TensorboardWriter writer(folder / "a");
  writer.scalar("loss", 7, std::numeric_limits<double>::quiet_NaN());
  const auto records = records_of(get(writer.path()));
  EXPECT_TRUE(std::isnan(scalar_of(records.at(1)).value));
}

TEST(Tensorboard, LongTagsAndManyScalarsKeepTheFraming) {
  const test::Folder folder;
  TensorboardWriter writer(folder / "a");
  const std::string tag(100000, 'x');
  writer.scalar(tag, 1, 2);
  for (int i = 0; i < 1000; ++i) writer.scalar("loss", i, 0.5 * i);
  writer.sync();
  writer.close();
  const auto records = records_of(get(writer.path()));
  ASSERT_EQ(records.size(), 1002U);
  EXPECT_EQ(scalar_of(records[1]).tag, tag);
  EXPECT_EQ(scalar_of(records[1001]).step, 999);
}

TEST(Tensorboard, WritersOfOneSecondHaveFilesOfTheirOwn) {
  const test::Folder folder;
  const auto clock = [] { return 1.75e9; };
  TensorboardWriter first(folder / "a", clock), second(folder / "a", clock);
  first.scalar("loss", 1, 1);
  second.scalar("loss", 2, 2);
  EXPECT_NE(first.path(), second.path());
  EXPECT_EQ(scalar_of(records_of(get(first.path())).at(1)).step, 1);
  EXPECT_EQ(scalar_of(records_of(get(second.path())).at(1)).step, 2);
}

TEST(Tensorboard, FolderThatCannotBeMadeIsAnIoError) {
  const test::Folder folder;
  test::put(folder / "file", "");
  EXPECT_THROW(TensorboardWriter(folder / "file/events"), IoError);
}

}  // namespace
