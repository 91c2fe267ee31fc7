// SPDX-License-Identifier: Apache-2.0
#include "comm/agree.hpp"
#include "io/checkpoint.hpp"

namespace r1::io {

CheckpointReader::CheckpointReader(const Communicator& comm, const std::filesystem::path& file)
    : path_(file) {
  agree(comm, [&] {
    const auto seal = read_seal(file);
    file_bytes_ = seal.file_bytes;
    std::vector<Extent> mine;
    const auto ranks = static_cast<std::size_t>(comm.size());
    for (auto k = static_cast<std::size_t>(comm.rank()); k < seal.extents.size(); k += ranks)
      mine.push_back(seal.extents[k]);
    check_extents(file, mine);
  });
  agree(comm, [&] { file_ = std::make_unique<hdf5::File>(hdf5::File::open_to_read(file)); });
}

hdf5::Dataset CheckpointReader::dataset(const std::string& name) const {
  if (!has(name)) refuse(name, "it is missing");
  return file_->root().dataset(name);
}

bool CheckpointReader::has(const std::string& name) const {
  hdf5::Group group = file_->root();
  std::size_t begin = 0;
  for (std::size_t end; (end = name.find('/', begin)) != std::string::npos; begin = end + 1) {
    const std::string part = name.substr(begin, end - begin);
    if (!group.has(part)) return false;
    group = group.group(part);
  }
  return group.has(name.substr(begin));
}

std::uint64_t CheckpointReader::rows(const std::string& name) const {
  return checked_shape(name)[0];
}

std::uint64_t CheckpointReader::columns(const std::string& name) const {
  return checked_shape(name)[1];
}

// The digests say that the file is as it was written, not that we have written it: sizes must fit before memory is taken for them.
hdf5::Shape CheckpointReader::checked_shape(const std::string& name) const {
  const auto array = dataset(name);
  auto shape = array.shape();
  if (shape.size() != 2) refuse(name, "it has " + std::to_string(shape.size()) + " dimensions");
  if (hdf5::element_count(shape) > file_bytes_ / hdf5::size_of(array.element()))
    refuse(name, "it claims more bytes than the file has");
  return shape;
}

std::string CheckpointReader::read_text(const std::string& name) const {
  const auto bytes = read<std::uint8_t>(name);
  return {bytes.begin(), bytes.end()};
}

std::string CheckpointReader::origin(const std::string& attribute) const {
  auto root = file_->root();
  return root.has_attribute(attribute) ? root.text(attribute) : "";
}

void CheckpointReader::check_array(const std::string& name, hdf5::Element element,
                                   int wanted) const {
  if (dataset(name).element() != element) refuse(name, "its numbers are of another type");
  if (columns(name) != static_cast<std::uint64_t>(wanted))
    refuse(name, "it has " + std::to_string(columns(name)) + " columns, expected " +
                     std::to_string(wanted));
}

void CheckpointReader::refuse(const std::string& name, const std::string& fault) const {
  throw CheckpointError('\'' + path_.string() + "' cannot be used: '" + name + "': " + fault +
                        "; it was written by another version or program");
}

}  // namespace r1::io
