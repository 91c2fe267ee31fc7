// SPDX-License-Identifier: Apache-2.0
#include "comm/agree.hpp"
#include "io/checkpoint.hpp"

namespace r1::io {
namespace {

/// Of a file whose digests were right.
class FileContents final : public CheckpointContents {
 public:
  FileContents(const std::filesystem::path& file, std::uint64_t bytes)
      : file_(hdf5::File::open_to_read(file)), bytes_(bytes) {}

  std::uint64_t bytes() const override { return bytes_; }
  std::optional<Form> find(const std::string& name) const override {
    const auto array = dataset(name);
    if (!array) return std::nullopt;
    return Form{array->element(), array->shape()};
  }
  void read(const std::string& name, const Block& block, void* to) const override {
    const auto array = dataset(name);
    R1_ASSERT(array.has_value());
    array->read_into(array->element(), to, {block.first, 0}, {block.rows, block.columns});
  }
  std::string origin(const std::string& attribute) const override {
    auto root = file_.root();
    return root.has_attribute(attribute) ? root.text(attribute) : "";
  }

 private:
  std::optional<hdf5::Dataset> dataset(const std::string& name) const {
    hdf5::Group group = file_.root();
    std::size_t begin = 0;
    for (std::size_t end; (end = name.find('/', begin)) != std::string::npos; begin = end + 1) {
      const std::string part = name.substr(begin, end - begin);
      if (!group.has(part)) return std::nullopt;
      group = group.group(part);
    }
    const std::string last = name.substr(begin);
    if (!group.has(last)) return std::nullopt;
    return group.dataset(last);
  }

  hdf5::File file_;
  std::uint64_t bytes_;
};

}  // namespace

CheckpointReader::CheckpointReader(const Communicator& comm, const std::filesystem::path& file)
    : path_(file) {
  std::uint64_t bytes = 0;
  agree(comm, [&] {
    const auto seal = read_seal(file);
    bytes = seal.file_bytes;
    std::vector<Extent> mine;
    const auto ranks = static_cast<std::size_t>(comm.size());
    for (auto k = static_cast<std::size_t>(comm.rank()); k < seal.extents.size(); k += ranks)
      mine.push_back(seal.extents[k]);
    check_extents(file, mine);
  });
  agree(comm, [&] { contents_ = std::make_unique<FileContents>(file, bytes); });
}

// The digests say that the file is as it was written, not that we have written it: sizes must fit before memory is taken for them.
CheckpointContents::Form CheckpointReader::checked(const std::string& name) const {
  auto form = contents_->find(name);
  if (!form) refuse(name, "it is missing");
  if (form->shape.size() != 2)
    refuse(name, "it has " + std::to_string(form->shape.size()) + " dimensions");
  if (hdf5::element_count(form->shape) > contents_->bytes() / hdf5::size_of(form->element))
    refuse(name, "it claims more bytes than the file has");
  return *std::move(form);
}

void CheckpointReader::check_block(const std::string& name, hdf5::Element element,
                                   const CheckpointContents::Block& block) const {
  const auto form = checked(name);
  if (form.element != element) refuse(name, "its numbers are of another type");
  const auto rows = form.shape[0], columns = form.shape[1];
  if (columns != block.columns)
    refuse(name, "it has " + std::to_string(columns) + " columns, expected " +
                     std::to_string(block.columns));
  if (block.first > rows || block.rows > rows - block.first)
    refuse(name, "it has " + std::to_string(rows) + " rows, expected " +
                     std::to_string(block.first + block.rows));
}

std::string CheckpointReader::read_text(const std::string& name) const {
  const auto bytes = read<std::uint8_t>(name);
  return {bytes.begin(), bytes.end()};
}

void CheckpointReader::refuse(const std::string& name, const std::string& fault) const {
  throw CheckpointError('\'' + path_.string() + "' cannot be used: '" + name + "': " + fault +
                        "; it was written by another version or program");
}

}  // namespace r1::io
