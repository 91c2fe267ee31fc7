// SPDX-License-Identifier: Apache-2.0
#include "io/sealed_file.hpp"

#include "core/error.hpp"
#include "io/descriptor.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <xxhash.h>

namespace r1::io {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are stored as they are");

constexpr std::array<char, 8> kMagic{'R', '1', 'S', 'E', 'A', 'L', '\r', '\n'};
constexpr std::uint32_t kVersion = 1;
constexpr std::uint64_t kFixedBytes = 64, kExtentBytes = 32, kLeastHead = 512;
constexpr std::uint64_t kMostHead = std::uint64_t{1} << 30;  // 30 million extents
constexpr std::size_t kDigestPlace = 40;
constexpr std::uint64_t kChunkBytes = std::uint64_t{4} << 20;

[[noreturn]] void damaged(const std::filesystem::path& file, const std::string& fault) {
  throw CheckpointError('\'' + file.string() + "' is damaged: " + fault);
}

template <class T>
void put(std::vector<std::byte>& bytes, std::uint64_t at, const T& value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}
template <class T>
T get(std::span<const std::byte> bytes, std::uint64_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

Digest canonical(XXH128_hash_t hash) {
  XXH128_canonical_t bytes;
  XXH128_canonicalFromHash(&bytes, hash);
  Digest digest;
  static_assert(sizeof bytes.digest == sizeof digest);
  std::memcpy(digest.data(), bytes.digest, sizeof digest);
  return digest;
}

/// XXH3-128 of bytes that come in pieces.
class Hasher {
 public:
  Hasher() : state_(XXH3_createState()) {
    if (state_ == nullptr) throw std::bad_alloc();
    XXH3_128bits_reset(state_);
  }
  ~Hasher() { XXH3_freeState(state_); }
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;
  void add(std::span<const std::byte> bytes) {
    XXH3_128bits_update(state_, bytes.data(), bytes.size());
  }
  Digest digest() const { return canonical(XXH3_128bits_digest(state_)); }

 private:
  XXH3_state_t* state_;
};

/// Head with zeros in the place of its digest.
Digest head_digest(std::vector<std::byte> head) {
  put(head, kDigestPlace, Digest{});
  return digest_of(head);
}

/// The sizes that a head states, checked against the file before anything is allocated for them.
struct Sizes {
  std::uint64_t head, file, extents;
};
Sizes checked_sizes(const std::filesystem::path& file, std::span<const std::byte> fixed,
                    std::uint64_t found) {
  if (get<std::array<char, 8>>(fixed, 0) != kMagic)
    damaged(file, "it does not begin as a sealed file of r1 does");
  if (const auto version = get<std::uint32_t>(fixed, 8); version != kVersion)
    damaged(file, "its seal is of version " + std::to_string(version) + ", expected " +
                      std::to_string(kVersion));
  const Sizes sizes{get<std::uint64_t>(fixed, 16), get<std::uint64_t>(fixed, 24),
                    get<std::uint64_t>(fixed, 32)};
  if (sizes.file != found)
    damaged(file, "it has " + std::to_string(found) + " bytes, its head says " +
                      std::to_string(sizes.file));
  if (sizes.head < kLeastHead || sizes.head > std::min(kMostHead, found) ||
      !std::has_single_bit(sizes.head) || sizes.extents > (sizes.head - kFixedBytes) / kExtentBytes)
    damaged(file, "its head states sizes that do not fit together");
  return sizes;
}

std::vector<Extent> checked_extents(const std::filesystem::path& file,
                                    std::span<const std::byte> head, const Sizes& sizes) {
  std::vector<Extent> extents(sizes.extents);
  std::uint64_t expected = sizes.head;
  for (std::uint64_t k = 0; k < sizes.extents; ++k) {
    const std::uint64_t at = kFixedBytes + k * kExtentBytes;
    auto& e = extents[k];
    e = {get<std::uint64_t>(head, at), get<std::uint64_t>(head, at + 8),
         get<Digest>(head, at + 16)};
    if (e.offset != expected || e.bytes == 0 || e.bytes > sizes.file - e.offset)
      damaged(file, "its extents do not tile it");
    expected += e.bytes;
  }
  if (expected != sizes.file) damaged(file, "its extents do not reach its end");
  return extents;
}

}  // namespace

Digest digest_of(std::span<const std::byte> bytes) {
  return canonical(XXH3_128bits(bytes.data(), bytes.size()));
}

std::uint64_t seal_bytes(std::size_t extents) {
  return std::bit_ceil(std::max(kLeastHead, kFixedBytes + kExtentBytes * extents));
}

std::vector<std::byte> make_seal(std::uint64_t head_bytes, std::uint64_t file_bytes,
                                 std::span<const Extent> extents) {
  R1_ASSERT(std::has_single_bit(head_bytes) && head_bytes >= seal_bytes(extents.size()));
  std::vector<std::byte> head(head_bytes);
  put(head, 0, kMagic);
  put(head, 8, kVersion);
  put(head, 16, head_bytes);
  put(head, 24, file_bytes);
  put(head, 32, std::uint64_t{extents.size()});
  std::uint64_t at = kFixedBytes, expected = head_bytes;
  for (const auto& e : extents) {
    R1_ASSERT(e.offset == expected && e.bytes > 0);
    expected += e.bytes;
    put(head, at, e.offset);
    put(head, at + 8, e.bytes);
    put(head, at + 16, e.digest);
    at += kExtentBytes;
  }
  R1_ASSERT(expected == file_bytes);
  put(head, kDigestPlace, head_digest(head));
  return head;
}

Seal read_seal(const std::filesystem::path& file) {
  const auto source = Descriptor::open_to_read(file);
  const std::uint64_t found = source.size();
  if (found < kLeastHead) damaged(file, "it has only " + std::to_string(found) + " bytes");
  std::vector<std::byte> head(kFixedBytes);
  source.read(head, 0);
  const auto sizes = checked_sizes(file, head, found);
  head.resize(sizes.head);
  source.read(head, 0);
  if (get<Digest>(head, kDigestPlace) != head_digest(head))
    damaged(file, "the digest of its head does not agree");
  return {sizes.head, sizes.file, checked_extents(file, head, sizes)};
}

void check_extents(const std::filesystem::path& file, std::span<const Extent> extents) {
  const auto source = Descriptor::open_to_read(file);
  std::vector<std::byte> chunk;
  for (const auto& e : extents) {
    Hasher hasher;
    for (std::uint64_t done = 0; done < e.bytes; done += chunk.size()) {
      chunk.resize(std::min(kChunkBytes, e.bytes - done));
      source.read(chunk, e.offset + done);
      hasher.add(chunk);
    }
    if (hasher.digest() != e.digest)
      damaged(file, "the digest of its bytes " + std::to_string(e.offset) + " to " +
                        std::to_string(e.offset + e.bytes - 1) + " does not agree");
  }
}

}  // namespace r1::io
