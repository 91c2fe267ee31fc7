// A sealed file carries a digest over all of its bytes, so that damage is found by plain reads before any library parses it.
//
//   bytes 0..7     magic "R1SEAL\r\n" (a transfer in text mode breaks it)
//   8..11, 12..15  format version (1), 0
//   16..23         head bytes H: 512 or a larger power of two (HDF5 calls the head a user block)
//   24..31         bytes of the file
//   32..39         number of extents E
//   40..55         XXH3-128 of the head, taken with zeros here
//   56..63         0
//   64..64+32E     extents: offset, bytes, XXH3-128 of these bytes
//   ..H            zeros
//
// Numbers are little-endian, digests in XXH3's canonical form. A file is whole if its size is the one stated, the extents tile
// [H, size) in ascending order, and all digests agree. A digest finds accidents; it is no signature: whoever changes a file on
// purpose can seal it again.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace r1::io {

using Digest = std::array<std::byte, 16>;
/// XXH3-128.
Digest digest_of(std::span<const std::byte> bytes);

struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  Digest digest{};
};

/// Bytes of a head with room for `extents` extents.
std::uint64_t seal_bytes(std::size_t extents);
/// The head of a file of `file_bytes` bytes: `head_bytes` of it. The extents tile what follows it.
std::vector<std::byte> make_seal(std::uint64_t head_bytes, std::uint64_t file_bytes,
                                 std::span<const Extent> extents);

struct Seal {
  std::uint64_t head_bytes = 0;
  std::uint64_t file_bytes = 0;
  std::vector<Extent> extents;
};
/// Reads and checks the head. CheckpointError if it is none, IoError if the file cannot be read.
Seal read_seal(const std::filesystem::path& file);
/// Reads the bytes of each extent and compares. CheckpointError where they differ, IoError where they cannot be read.
void check_extents(const std::filesystem::path& file, std::span<const Extent> extents);

}  // namespace r1::io
