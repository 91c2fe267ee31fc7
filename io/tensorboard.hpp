// Scalars over steps as an event file that TensorBoard reads: a chain of TFRecords, each a serialised `Event` message.
//
//   record   u64 length | u32 mask(crc of the 8 length bytes) | data (length bytes) | u32 mask(crc of data)   little endian;
//            crc is CRC-32C (Castagnoli), mask(c) = rotate_right(c, 15) + 0xa282ead8
//   Event    1: wall_time double [s since 1970] | 2: step int64 | 3: file_version string or 5: summary Summary
//   Summary  1: repeated Value;   Value  1: tag string (UTF-8) | 2: simple_value float     protocol buffer field numbers
//
// The first record is the file version "brain.Event:2". A reader takes records until one is cut short or its checksums fail, which
// only the last can be after a kill: each record is one append. A restarted program writes a file of its own beside the old ones
// and TensorBoard merges what a folder holds, so there is no way to continue a file.
// Source: TensorFlow's core/lib/io/record_writer.cc, core/util/event.proto and core/framework/summary.proto.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/write_file.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

namespace r1::io {

class TensorboardWriter {
 public:
  using WallClock = std::function<double()>;  // [s since 1970]

  /// Starts `folder`/events.out.tfevents.<seconds>.<host>.<process>.<n>, n the first that is free; makes the folder.
  explicit TensorboardWriter(const std::filesystem::path& folder,
                             WallClock clock = seconds_since_1970);

  /// `tag` names the curve; slashes group curves: "loss/train". The format keeps `value` in single precision.
  void scalar(std::string_view tag, std::int64_t step, double value);
  void sync() { file_.sync(); }
  void close() { file_.close(); }
  const std::filesystem::path& path() const { return file_.path(); }

  static double seconds_since_1970();

 private:
  WallClock clock_;
  AppendFile file_;
};

}  // namespace r1::io
