// SPDX-License-Identifier: Apache-2.0
#include "io/tensorboard.hpp"

#include <boost/crc.hpp>
#include <fmt/format.h>

#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <string>
#include <unistd.h>
#include <utility>

namespace r1::io {
namespace {

using google::protobuf::io::CodedOutputStream;
using google::protobuf::io::StringOutputStream;

constexpr std::string_view kFileVersion = "brain.Event:2";

enum class Wire : std::uint32_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

void begin_field(CodedOutputStream& out, std::uint32_t number, Wire type) {
  out.WriteTag(number << 3 | static_cast<std::uint32_t>(type));
}

void write_field(CodedOutputStream& out, std::uint32_t number, double value) {
  begin_field(out, number, Wire::fixed64);
  out.WriteLittleEndian64(std::bit_cast<std::uint64_t>(value));
}

void write_field(CodedOutputStream& out, std::uint32_t number, float value) {
  begin_field(out, number, Wire::fixed32);
  out.WriteLittleEndian32(std::bit_cast<std::uint32_t>(value));
}

void write_field(CodedOutputStream& out, std::uint32_t number, std::int64_t value) {
  begin_field(out, number, Wire::varint);
  out.WriteVarint64(static_cast<std::uint64_t>(value));
}

void write_field(CodedOutputStream& out, std::uint32_t number, std::string_view bytes) {
  begin_field(out, number, Wire::bytes);
  out.WriteVarint32(static_cast<std::uint32_t>(bytes.size()));
  out.WriteRaw(bytes.data(), static_cast<int>(bytes.size()));
}

/// The bytes of what `write` puts out.
template <class Write>
std::string serialised(const Write& write) {
  std::string bytes;
  StringOutputStream stream(&bytes);
  CodedOutputStream out(&stream);
  write(out);
  out.Trim();
  return bytes;
}

std::uint32_t masked_checksum(std::string_view bytes) {
  // CRC-32C: the polynomial, initial and final value, bits in and out reflected.
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> checksum;
  checksum.process_bytes(bytes.data(), bytes.size());
  return std::rotr(static_cast<std::uint32_t>(checksum.checksum()), 15) + 0xa282ead8U;
}

std::string record_of(std::string_view data) {
  std::array<std::uint8_t, sizeof(std::uint64_t)> length;
  CodedOutputStream::WriteLittleEndian64ToArray(data.size(), length.data());
  const std::string_view length_bytes(reinterpret_cast<const char*>(length.data()), length.size());
  return serialised([&](CodedOutputStream& out) {
    out.WriteRaw(length.data(), static_cast<int>(length.size()));
    out.WriteLittleEndian32(masked_checksum(length_bytes));
    out.WriteRaw(data.data(), static_cast<int>(data.size()));
    out.WriteLittleEndian32(masked_checksum(data));
  });
}

std::string host_name() {
  std::array<char, 256> name{};
  // Of a name that is too long the beginning will do.
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

/// Makes an empty file under the first free name: several writers of a process may start within a second.
std::filesystem::path make_event_file(const std::filesystem::path& folder, double time) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw_io_error("make the folder", folder, error.value());
  const auto seconds = static_cast<std::int64_t>(time);
  const std::string stem =
      fmt::format("events.out.tfevents.{:010}.{}.{}", seconds, host_name(), ::getpid());
  for (int n = 0;; ++n) {
    std::filesystem::path file = folder / fmt::format("{}.{}", stem, n);
    if (std::FILE* const created = std::fopen(file.c_str(), "wx")) {
      std::fclose(created);
      return file;
    }
    if (errno != EEXIST) throw_io_error("create", file, errno);
  }
}

}  // namespace

double TensorboardWriter::seconds_since_1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

TensorboardWriter::TensorboardWriter(const std::filesystem::path& folder, WallClock clock)
    : clock_(std::move(clock)),
      file_(make_event_file(folder, clock_()), AppendFile::Open::replace) {
  file_.write(record_of(serialised([this](CodedOutputStream& out) {
    write_field(out, 1, clock_());
    write_field(out, 3, kFileVersion);
  })));
  sync_folder(folder);
}

void TensorboardWriter::scalar(std::string_view tag, std::int64_t step, double value) {
  const std::string entry = serialised([&](CodedOutputStream& out) {
    write_field(out, 1, tag);
    write_field(out, 2, static_cast<float>(value));
  });
  const std::string summary =
      serialised([&](CodedOutputStream& out) { write_field(out, 1, std::string_view(entry)); });
  file_.write(record_of(serialised([&](CodedOutputStream& out) {
    write_field(out, 1, clock_());
    write_field(out, 2, step);
    write_field(out, 5, std::string_view(summary));
  })));
}

}  // namespace r1::io
