// What the fuzz targets share. A target is one function from bytes to nothing: r1's errors for users are a sound answer to a hostile
// file, any other exception leaves the function and ends the process, which is how libFuzzer and the replay notice it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <unistd.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);

namespace r1::fuzz {

/// The errors that a hostile file may end in.
template <class Work>
void allow_refusal(const Work& work) {
  try {
    work();
  } catch (const ConfigError&) {
  } catch (const IoError&) {
  } catch (const CheckpointError&) {
  } catch (const NumericError&) {
  }
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Decisions that are taken from an input, byte by byte; behind its end all are 0.
class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}

  bool more() const { return at_ != end_; }
  std::size_t below(std::size_t n) { return number<std::uint8_t>() % n; }
  template <class T>
  T number() {
    T value{};
    const auto bytes = std::min(sizeof value, static_cast<std::size_t>(end_ - at_));
    std::memcpy(&value, at_, bytes);
    at_ += bytes;
    return value;
  }
  /// Up to 255 bytes, as many as the next byte says.
  std::string_view text() {
    const std::size_t wanted = below(256);
    const auto bytes = std::min(wanted, static_cast<std::size_t>(end_ - at_));
    const auto* begin = at_;
    at_ += bytes;
    return {reinterpret_cast<const char*>(begin), bytes};
  }

 private:
  const std::uint8_t *at_, *end_;
};

/// Readers of paths take two buffers and a system call or five for each input: most inputs are read from memory, compressed ones and
/// every 16th length through a file.
inline bool goes_through_a_file(std::string_view text) {
  return text.substr(0, 2) == "\x1f\x8b" || text.size() % 16 == 0;
}

/// A folder in memory for the readers that take paths; it vanishes with the process.
class Scratch {
 public:
  Scratch() {
    const std::filesystem::path memory = "/dev/shm";
    const auto base =
        std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
    folder_ = base / ("r1_fuzz_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path put(const std::string& name, std::string_view bytes) const {
    auto file = folder_ / name;
    std::ofstream(file, std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return file;
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace r1::fuzz
