// The arrays of a checkpoint as a fuzzer sees them: read once from a sound file, changed as an input says, then handed to a reader as
// they are, or written by HDF5 and sealed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/checkpoint.hpp"
#include "io/hdf5.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <memory>
#include <string>
#include <vector>

namespace r1::fuzz {

class CheckpointArrays {
 public:
  static CheckpointArrays read(const std::filesystem::path& file);

  /// With the changes that `choices` asks for.
  CheckpointArrays changed(Choices& choices) const;
  /// The bytes of a checkpoint.
  std::string file() const;
  /// The same for a reader, without a file in between.
  std::unique_ptr<io::CheckpointContents> contents() const;

  struct Array {
    std::string name;
    io::hdf5::Element element{};
    io::hdf5::Shape shape;
    std::string bytes;
    /// What takes its place.
    enum class Kind { array, nothing, group, soft_link, outer_link, endless, attribute } kind{};
  };

 private:
  class Memory;
  static void read_group(const io::hdf5::Group& group, const std::string& prefix,
                         std::vector<Array>& arrays);
  static void change(Array& array, Choices& choices);
  static void change_values(Array& array, Choices& choices);
  static void write(io::hdf5::Group root, const Array& array);
  static std::string sealed(const std::string& image);

  std::vector<Array> arrays_;
};

}  // namespace r1::fuzz
