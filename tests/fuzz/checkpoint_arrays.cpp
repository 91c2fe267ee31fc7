// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/checkpoint_arrays.hpp"

#include "io/sealed_file.hpp"

#include <hdf5.h>

#include <array>
#include <limits>
#include <map>

namespace r1::fuzz {
namespace {

using io::hdf5::Element;
using io::hdf5::Group;
using io::hdf5::Shape;

constexpr std::array kElements{Element::float64, Element::float32, Element::int64, Element::int32,
                               Element::uint8};

template <class T>
T special(std::size_t k) {
  using Limits = std::numeric_limits<T>;
  const std::array values{T{0},
                          T{1},
                          static_cast<T>(-1),
                          Limits::max(),
                          Limits::lowest(),
                          static_cast<T>(Limits::max() / 2),
                          Limits::has_quiet_NaN ? Limits::quiet_NaN() : T{2},
                          Limits::has_infinity ? Limits::infinity() : T{3}};
  return values.at(k % values.size());
}

template <class T>
std::string value_bytes(Choices& choices) {
  const auto how = choices.below(16);
  const T value = how < 8 ? special<T>(how) : choices.number<T>();
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string value_bytes(Element element, Choices& choices) {
  switch (element) {
    case Element::float64:
      return value_bytes<double>(choices);
    case Element::float32:
      return value_bytes<float>(choices);
    case Element::int64:
      return value_bytes<std::int64_t>(choices);
    case Element::int32:
      return value_bytes<std::int32_t>(choices);
    case Element::uint8:
      return value_bytes<std::uint8_t>(choices);
  }
  return {};
}

/// Calls work(value of the element's type).
template <class Work>
void with_type(Element element, const Work& work) {
  switch (element) {
    case Element::float64:
      return work(double{});
    case Element::float32:
      return work(float{});
    case Element::int64:
      return work(std::int64_t{});
    case Element::int32:
      return work(std::int32_t{});
    case Element::uint8:
      return work(std::uint8_t{});
  }
}

std::string descend(Group& group, const std::string& path) {
  std::size_t begin = 0;
  for (std::size_t end; (end = path.find('/', begin)) != std::string::npos; begin = end + 1) {
    const std::string part = path.substr(begin, end - begin);
    group = group.has(part) ? group.group(part) : group.create_group(part);
  }
  return path.substr(begin);
}

}  // namespace

CheckpointArrays CheckpointArrays::read(const std::filesystem::path& file) {
  const auto opened = io::hdf5::File::open_to_read(file);
  CheckpointArrays all;
  read_group(opened.root(), "", all.arrays_);
  return all;
}

void CheckpointArrays::read_group(const Group& group, const std::string& prefix,
                                  std::vector<Array>& arrays) {
  for (const auto& name : group.members()) {
    try {
      read_group(group.group(name), prefix + name + '/', arrays);
    } catch (const IoError&) {  // no group
      const auto data = group.dataset(name);
      Array array{prefix + name, data.element(), data.shape(), "", {}};
      with_type(array.element, [&](auto zero) {
        const auto values = data.read<decltype(zero)>();
        array.bytes.assign(reinterpret_cast<const char*>(values.data()),
                           values.size() * sizeof zero);
      });
      arrays.push_back(std::move(array));
    }
  }
}

CheckpointArrays CheckpointArrays::changed(Choices& choices) const {
  auto all = *this;
  for (int k = 0; k < 8 && choices.more(); ++k)
    change(all.arrays_[choices.below(all.arrays_.size())], choices);
  return all;
}

void CheckpointArrays::change(Array& array, Choices& choices) {
  const std::size_t width = io::hdf5::size_of(array.element);
  switch (choices.below(8)) {
    case 0: {  // rows
      if (array.shape.size() != 2) break;
      array.shape[0] = choices.below(24);
      array.bytes.resize(array.shape[0] * array.shape[1] * width);
      break;
    }
    case 1: {  // columns
      if (array.shape.size() != 2) break;
      array.shape[1] = choices.below(6);
      array.bytes.resize(array.shape[0] * array.shape[1] * width);
      break;
    }
    case 2: {  // type
      const std::size_t elements = array.bytes.size() / width;
      array.element = kElements.at(choices.below(kElements.size()));
      array.bytes.resize(elements * io::hdf5::size_of(array.element));
      break;
    }
    case 3:  // dimensions
      array.shape = Shape(choices.below(5), 1);
      array.bytes.resize(width);
      break;
    case 4:
      array.kind = static_cast<Array::Kind>(choices.below(7));
      break;
    case 5: {  // text
      const auto text = choices.text();
      if (array.element != Element::uint8) break;
      const auto at = std::min<std::size_t>(choices.number<std::uint16_t>(), array.bytes.size());
      array.bytes.replace(at, std::min(choices.below(32), array.bytes.size() - at), text);
      array.shape = {array.bytes.size(), 1};
      break;
    }
    default:
      change_values(array, choices);
  }
}

void CheckpointArrays::change_values(Array& array, Choices& choices) {
  const std::size_t width = io::hdf5::size_of(array.element);
  const std::size_t count = array.bytes.size() / width;
  if (count == 0) return;
  const std::size_t first = choices.number<std::uint16_t>() % count;
  const std::size_t rows = std::min(count - first, 1 + choices.below(4) * choices.below(16));
  for (std::size_t k = 0; k < rows; ++k)
    array.bytes.replace((first + k) * width, width, value_bytes(array.element, choices));
}

void CheckpointArrays::write(Group root, const Array& array) {
  const auto name = descend(root, array.name);
  switch (array.kind) {
    case Array::Kind::nothing:
      return;
    case Array::Kind::group:
      root.create_group(name);
      return;
    case Array::Kind::soft_link:
      H5Lcreate_soft("/simulation/step", root.id(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT);
      return;
    case Array::Kind::outer_link:
      H5Lcreate_external("sound.h5", "/simulation/step", root.id(), name.c_str(), H5P_DEFAULT,
                         H5P_DEFAULT);
      return;
    case Array::Kind::endless:
      root.create(name, array.element, {std::uint64_t{1} << 40, 1},
                  io::hdf5::Layout::chunked({1024, 1}));
      return;
    case Array::Kind::array:
    case Array::Kind::attribute:
      break;
  }
  auto made = root.create(name, array.element, array.shape);
  if (array.kind == Array::Kind::attribute) made.set_text("unit", std::string(70'000, 'x'));
  with_type(array.element, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> values(io::hdf5::element_count(array.shape));
    const auto known = std::min(array.bytes.size(), values.size() * sizeof(T));
    if (known > 0) std::memcpy(values.data(), array.bytes.data(), known);
    made.template write<T>(std::span<const T>(values));
  });
}

std::string CheckpointArrays::file() const {
  const auto memory = io::hdf5::File::create_in_memory("memory");
  for (const auto& array : arrays_) write(memory.root(), array);
  const auto image = memory.image();
  return sealed({reinterpret_cast<const char*>(image.data()), image.size()});
}

/// Only arrays are in it: links, groups and attributes are matters of a file.
class CheckpointArrays::Memory final : public io::CheckpointContents {
 public:
  explicit Memory(const std::vector<Array>& arrays) {
    for (const auto& array : arrays)
      if (array.kind == Array::Kind::array || array.kind == Array::Kind::endless)
        arrays_.emplace(array.name, array);
    for (const auto& [unused, array] : arrays_) bytes_ += array.bytes.size();
  }
  std::uint64_t bytes() const override { return bytes_; }
  std::optional<Form> find(const std::string& name) const override {
    const auto found = arrays_.find(name);
    if (found == arrays_.end()) return std::nullopt;
    const auto& array = found->second;
    if (array.kind == Array::Kind::endless) return Form{array.element, {std::uint64_t{1} << 40, 1}};
    return Form{array.element, array.shape};
  }
  void read(const std::string& name, const Block& block, void* to) const override {
    const auto& array = arrays_.at(name);
    const std::size_t row = block.columns * io::hdf5::size_of(array.element);
    std::memcpy(to, array.bytes.data() + block.first * row, block.rows * row);
  }
  std::string origin(const std::string&) const override { return ""; }

 private:
  std::map<std::string, Array> arrays_;
  std::uint64_t bytes_ = 0;
};

std::unique_ptr<io::CheckpointContents> CheckpointArrays::contents() const {
  return std::make_unique<Memory>(arrays_);
}

std::string CheckpointArrays::sealed(const std::string& image) {
  const std::uint64_t head = io::seal_bytes(1);
  const io::Extent extent{head, image.size(), io::digest_of(std::as_bytes(std::span(image)))};
  const auto seal = io::make_seal(head, head + image.size(), std::span(&extent, 1));
  return std::string(reinterpret_cast<const char*>(seal.data()), seal.size()) + image;
}

}  // namespace r1::fuzz
