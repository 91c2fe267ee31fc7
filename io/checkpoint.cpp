// Writing; reading is in checkpoint_read.cpp.
// SPDX-License-Identifier: Apache-2.0
#include "io/checkpoint.hpp"

#include "comm/agree.hpp"
#include "io/descriptor.hpp"

#include <algorithm>
#include <unistd.h>

namespace r1::io {
namespace {

constexpr const char* kFormat = "r1 checkpoint";
constexpr int kFormatVersion = 1;

/// Opens the group of a path, making what is missing; returns the last part of the path.
std::string descend(hdf5::Group& group, const std::string& path) {
  std::size_t begin = 0;
  for (std::size_t end; (end = path.find('/', begin)) != std::string::npos; begin = end + 1) {
    const std::string part = path.substr(begin, end - begin);
    group = group.has(part) ? group.group(part) : group.create_group(part);
  }
  return path.substr(begin);
}

/// What lies between the head and the contents of arrays: HDF5's own records.
std::vector<Extent> gaps(std::uint64_t head, std::vector<Extent> contents, std::uint64_t end) {
  std::sort(contents.begin(), contents.end(),
            [](const Extent& a, const Extent& b) { return a.offset < b.offset; });
  std::vector<Extent> found;
  contents.push_back({end, 0, {}});
  std::uint64_t at = head;
  for (const auto& c : contents) {
    if (c.offset > at) found.push_back({at, c.offset - at, {}});
    at = c.offset + c.bytes;
  }
  return found;
}

}  // namespace

struct CheckpointWriter::Places {
  std::uint64_t head_bytes = 0, file_bytes = 0;
  std::vector<std::vector<std::uint64_t>> bytes;  // (ranks, arrays)
  std::vector<std::uint64_t> begin;  // (arrays) of the whole array; 0 where it is empty
  std::vector<Extent> records;       // HDF5's own; rank 0 alone

  std::uint64_t total(std::size_t array) const {
    std::uint64_t sum = 0;
    for (const auto& of_rank : bytes) sum += of_rank[array];
    return sum;
  }
};

std::span<const std::byte> CheckpointWriter::bytes_of(const Array& array) {
  return std::visit([](const auto& rows) { return std::as_bytes(std::span(rows)); }, array.rows);
}

void CheckpointWriter::create_arrays(hdf5::Group root, Places& places) const {
  places.begin.assign(arrays_.size(), 0);
  for (std::size_t k = 0; k < arrays_.size(); ++k) {
    const auto& array = arrays_[k];
    const auto columns = static_cast<std::uint64_t>(array.columns);
    const std::uint64_t total = places.total(k);
    hdf5::Group group = root.group("/");
    const auto name = descend(group, array.name);
    auto dataset = group.create(name, array.element,
                                {total / (columns * hdf5::size_of(array.element)), columns});
    if (!array.unit.empty()) dataset.set_text("unit", array.unit);
    if (total > 0) places.begin[k] = dataset.file_offset();
  }
}

/// Makes the file in memory, and of it on the disk what is not the contents of an array.
CheckpointWriter::Places CheckpointWriter::lay_out(const std::filesystem::path& file,
                                                   const Provenance& provenance) const {
  Places places;
  places.bytes = comm_.all_gather(std::span<const std::uint64_t>([&] {
    std::vector<std::uint64_t> mine;
    for (const auto& array : arrays_) mine.push_back(bytes_of(array).size());
    return mine;
  }()));
  const std::size_t slabs = arrays_.size() * static_cast<std::size_t>(comm_.size());
  places.head_bytes = seal_bytes(slabs + arrays_.size() + 1);
  agree_on_root(comm_, [&] {
    auto memory = Descriptor::create_scratch();  // sparse: the arrays take no room in it
    {
      auto layout = hdf5::File::create(memory.path(), places.head_bytes);
      memory.remove_name();
      auto root = layout.root();
      write_provenance(root, provenance, kFormat, kFormatVersion);
      create_arrays(layout.root(), places);
    }
    places.file_bytes = memory.size();
    std::vector<Extent> contents;
    for (std::size_t k = 0; k < arrays_.size(); ++k)
      if (places.begin[k] > 0) contents.push_back({places.begin[k], places.total(k), {}});
    places.records = gaps(places.head_bytes, contents, places.file_bytes);
    auto disk = Descriptor::create(file);
    disk.resize(places.file_bytes);
    for (auto& record : places.records) {
      std::vector<std::byte> bytes(record.bytes);
      memory.read(bytes, record.offset);
      record.digest = digest_of(bytes);
      disk.write(bytes, record.offset);
    }
    disk.close();
  });
  places.begin.resize(arrays_.size());
  comm_.broadcast(std::span<std::uint64_t>(places.begin));
  return places;
}

std::vector<Extent> CheckpointWriter::write_rows(const std::filesystem::path& file,
                                                 const Places& places) const {
  const auto here = static_cast<std::size_t>(comm_.rank());
  std::vector<Extent> written;
  auto disk = Descriptor::open_to_write(file);
  for (std::size_t k = 0; k < arrays_.size(); ++k) {
    const auto bytes = bytes_of(arrays_[k]);
    if (bytes.empty()) continue;
    std::uint64_t at = places.begin[k];
    for (std::size_t r = 0; r < here; ++r) at += places.bytes[r][k];
    disk.write(bytes, at);
    written.push_back({at, bytes.size(), digest_of(bytes)});
    moved_();
  }
  disk.sync();
  disk.close();
  return written;
}

void CheckpointWriter::write(const std::filesystem::path& file,
                             const Provenance& provenance) const {
  try {
    auto places = lay_out(file, provenance);
    std::vector<Extent> mine;
    agree(comm_, [&] { mine = write_rows(file, places); });
    const auto all = comm_.gather(std::span<const Extent>(mine));
    agree_on_root(comm_, [&] {
      auto& extents = places.records;
      for (const auto& of_rank : all) extents.insert(extents.end(), of_rank.begin(), of_rank.end());
      std::sort(extents.begin(), extents.end(),
                [](const Extent& a, const Extent& b) { return a.offset < b.offset; });
      auto disk = Descriptor::open_to_write(file);
      disk.write(make_seal(places.head_bytes, places.file_bytes, extents), 0);
      disk.sync();
      disk.close();
    });
  } catch (...) {
    if (comm_.rank() == 0) ::unlink(file.c_str());
    throw;
  }
}

}  // namespace r1::io
