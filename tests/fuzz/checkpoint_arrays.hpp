// The arrays of a checkpoint as a fuzzer sees them: read once from a sound file, changed as an input says, written by HDF5 and sealed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/hdf5.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <string>
#include <vector>

namespace r1::fuzz {

class CheckpointArrays {
 public:
  static CheckpointArrays read(const std::filesystem::path& file);

  /// The bytes of a checkpoint with the changes that `choices` asks for.
  std::string changed(Choices& choices) const;

 private:
  struct Array {
    std::string name;
    io::hdf5::Element element{};
    io::hdf5::Shape shape;
    std::string bytes;
    /// What takes its place.
    enum class Kind { array, nothing, group, soft_link, outer_link, endless, attribute } kind{};
  };
  static void read_group(const io::hdf5::Group& group, const std::string& prefix,
                         std::vector<Array>& arrays);
  static void change(Array& array, Choices& choices);
  static void change_values(Array& array, Choices& choices);
  static void write(io::hdf5::Group root, const Array& array);
  static std::string image_of(const std::vector<Array>& arrays,
                              std::vector<std::size_t>* offsets = nullptr);
  static std::string sealed(const std::string& image);

  std::vector<Array> arrays_;
  std::string image_;                 // of the unchanged arrays
  std::vector<std::size_t> offsets_;  // (arrays) of their bytes in it
};

}  // namespace r1::fuzz
