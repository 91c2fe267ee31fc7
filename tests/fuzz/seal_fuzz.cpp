// The seal of a checkpoint: a file is whole, byte by byte, or refused by plain reads. The first byte chooses: arbitrary bytes; a whole
// file that was cut, changed or made longer; a head of arbitrary sizes and extents whose own digest is right.
// SPDX-License-Identifier: Apache-2.0
#include "io/checkpoint.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <cstdlib>

namespace {

using namespace r1;

const fuzz::Scratch& scratch() {
  static const fuzz::Scratch folder;
  return folder;
}

std::string whole_file() {
  const auto file = scratch().folder() / "whole.h5";
  io::CheckpointWriter writer(Communicator::self());
  writer.add_one<std::int64_t>("step", 7);
  writer.add("numbers", std::vector<double>{1, 2, 3});
  writer.write(file, {"fuzz", "1", "", "2025-01-31T12:00:00Z", ""});
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Whether every digest agrees.
bool is_accepted(const std::string& bytes) {
  const auto file = scratch().put("checkpoint.h5", bytes);
  bool accepted = false;
  fuzz::allow_refusal([&] {
    io::check_extents(file, io::read_seal(file).extents);
    accepted = true;
  });
  return accepted;
}

std::string edited(std::string bytes, fuzz::Choices& choices) {
  for (std::size_t k = 1 + choices.below(6); k > 0; --k) {
    const std::size_t at = bytes.empty() ? 0 : choices.number<std::uint16_t>() % bytes.size();
    switch (choices.below(4)) {
      case 0:
        bytes.resize(at);
        break;
      case 1:
        bytes.append(choices.text());
        break;
      case 2:
        if (const auto text = choices.text(); at + text.size() <= bytes.size())
          bytes.replace(at, text.size(), text);
        break;
      default:
        if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << choices.below(8)));
    }
  }
  return bytes;
}

/// What the input says, with the digest of its head put in.
std::string sealed(std::string bytes) {
  constexpr std::size_t kHead = 512, kDigest = 40;
  bytes.resize(std::max(bytes.size(), kHead));
  bytes.replace(0, 12, std::string("R1SEAL\r\n\1\0\0\0", 12));
  std::uint64_t head = 0;
  std::memcpy(&head, bytes.data() + 16, sizeof head);
  head = std::min<std::uint64_t>(std::max<std::uint64_t>(head, kHead), bytes.size());
  std::fill_n(bytes.begin() + kDigest, 16, '\0');
  const auto digest = io::digest_of(std::as_bytes(std::span(bytes).first(head)));
  std::memcpy(bytes.data() + kDigest, digest.data(), digest.size());
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string whole = whole_file();
  fuzz::Choices choices(data, size);
  const auto kind = choices.below(3);
  const std::string rest(fuzz::text_of(data, size).substr(std::min<std::size_t>(size, 1)));
  if (kind == 0) is_accepted(rest);
  if (kind == 1) {
    const auto bytes = edited(whole, choices);
    if (is_accepted(bytes) != (bytes == whole)) std::abort();
  }
  if (kind == 2) is_accepted(sealed(rest));
  return 0;
}
