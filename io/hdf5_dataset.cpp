// HDF5: groups, links and data sets.
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "io/hdf5.hpp"
#include "io/hdf5_detail.hpp"

#include <algorithm>
#include <limits>

namespace r1::io::hdf5 {

namespace {

std::string joined(const std::string& group, const std::string& name) {
  if (!name.empty() && name.front() == '/') return name;
  return group.back() == '/' ? group + name : group + "/" + name;
}

std::string text_of(const Shape& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i)
    text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return text + ")";
}

std::vector<hsize_t> extents(const Shape& shape) { return {shape.begin(), shape.end()}; }

Dataspace make_space(const Shape& shape, const Shape& largest, const std::string& file,
                     const std::string& path) {
  if (shape.empty()) return Dataspace(H5Screate(H5S_SCALAR));
  const auto now = extents(shape), bound = extents(largest);
  return Dataspace(check(H5Screate_simple(static_cast<int>(shape.size()), now.data(),
                                          largest.empty() ? nullptr : bound.data()),
                         file, path, "giving a shape to"));
}

/// Creation properties without time stamps, so that equal contents are equal bytes.
Properties creation(Id kind) {
  Properties made(H5Pcreate(kind));
  H5Pset_obj_track_times(made.id(), 0);
  return made;
}

void select_block(Id space, const Shape& offset, const Shape& count, const std::string& file,
                  const std::string& path) {
  const auto start = extents(offset), extent = extents(count);
  check(H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, extent.data(), nullptr),
        file, path, "selecting a block of");
}

// Throws where the block leaves the data set; the library itself would find it only later, with a worse message.
void require_inside(const Shape& shape, const Shape& offset, const Shape& count,
                    const std::string& file, const std::string& path) {
  bool inside = offset.size() == shape.size() && count.size() == shape.size();
  for (std::size_t i = 0; inside && i < shape.size(); ++i)
    inside = offset[i] <= shape[i] && count[i] <= shape[i] - offset[i];
  if (!inside)
    throw IoError(file + ": the block at " + text_of(offset) + " of extents " + text_of(count) +
                  " is not inside '" + path + "', which is " + text_of(shape));
}

}  // namespace

// Groups

bool Group::has(const std::string& name) const {
  const Guard guard;
  return check(H5Lexists(id(), name.c_str(), H5P_DEFAULT), file(), joined(path(), name),
               "looking for") > 0;
}

std::vector<std::string> Group::members() const {
  const Guard guard;
  std::vector<std::string> names;
  const auto add = [](hid_t, const char* name, const H5L_info_t*, void* list) -> herr_t {
    static_cast<std::vector<std::string>*>(list)->emplace_back(name);
    return 0;
  };
  check(H5Literate(id(), H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &names), file(), path(),
        "listing");
  return names;
}

Group Group::create_group(const std::string& name) {
  const Guard guard;
  const std::string made = joined(path(), name);
  const Properties properties = creation(H5P_GROUP_CREATE);
  return Group(
      Handle(check(H5Gcreate2(id(), name.c_str(), H5P_DEFAULT, properties.id(), H5P_DEFAULT),
                   file(), made, "creating group")),
      file(), made);
}

Group Group::group(const std::string& name) const {
  const Guard guard;
  const std::string found = joined(path(), name);
  refuse_links(name);
  return Group(
      Handle(check(H5Gopen2(id(), name.c_str(), H5P_DEFAULT), file(), found, "opening group")),
      file(), found);
}

// A link into another file would let a data file read any file of its reader's; soft links can lead to such a link.
// Every part of the path is looked at.
void Group::refuse_links(const std::string& name) const {
  for (std::size_t end = 0; end != std::string::npos;) {
    end = name.find('/', end + 1);
    const std::string part = name.substr(0, end);
    if (part.empty() || part == "/") continue;
    H5L_info_t info;
    check(H5Lget_info(id(), part.c_str(), &info, H5P_DEFAULT), file(), joined(path(), part),
          "looking for");
    if (info.type != H5L_TYPE_HARD)
      throw IoError(file() + ": '" + joined(path(), part) +
                    "' is a link to another place or file; such links are not followed");
  }
}

Dataset Group::create(const std::string& name, Element element, const Shape& shape,
                      const Layout& layout) {
  const Guard guard;
  const std::string made = joined(path(), name);
  const Properties properties = creation(H5P_DATASET_CREATE);
  Shape largest;
  if (layout.chunk.empty()) {
    // Space at once and no fill values: all of it is about to be written, perhaps around the library.
    H5Pset_alloc_time(properties.id(), H5D_ALLOC_TIME_EARLY);
    H5Pset_fill_time(properties.id(), H5D_FILL_TIME_NEVER);
  } else {
    const auto chunk = extents(layout.chunk);
    check(H5Pset_chunk(properties.id(), static_cast<int>(chunk.size()), chunk.data()), file(), made,
          "cutting into chunks");
    if (layout.deflate > 0) {
      H5Pset_shuffle(properties.id());
      check(H5Pset_deflate(properties.id(), static_cast<unsigned>(layout.deflate)), file(), made,
            "compressing");
    }
    largest = shape;
    largest.at(0) = H5S_UNLIMITED;
  }
  const Dataspace space = make_space(shape, largest, file(), made);
  return Dataset(Handle(check(H5Dcreate2(id(), name.c_str(), file_type(element), space.id(),
                                         H5P_DEFAULT, properties.id(), H5P_DEFAULT),
                              file(), made, "creating data set")),
                 file(), made);
}

Dataset Group::dataset(const std::string& name, Accept accept) const {
  const Guard guard;
  const std::string found = joined(path(), name);
  refuse_links(name);
  Dataset opened(
      Handle(check(H5Dopen2(id(), name.c_str(), H5P_DEFAULT), file(), found, "opening data set")),
      file(), found);
  const Properties properties(H5Dget_create_plist(opened.id()));
  const H5D_layout_t layout = H5Pget_layout(properties.id());
  if (layout == H5D_CONTIGUOUS && H5Pget_external_count(properties.id()) > 0)
    throw IoError(file() + ": '" + found +
                  "' keeps its bytes in another file; such data sets are not read");
  if (accept == Accept::plain && layout == H5D_VIRTUAL)
    throw IoError(file() + ": '" + found +
                  "' is a virtual data set, made of other files; not accepted here");
  return opened;
}

Dataset Group::create_virtual(const std::string& name, Element element, const Shape& shape,
                              std::span<const VirtualPart> parts) {
  const Guard guard;
  const std::string made = joined(path(), name);
  const Properties properties = creation(H5P_DATASET_CREATE);
  const bool is_float = element == Element::float64 || element == Element::float32;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::int64_t minus_one = -1;
  check(is_float ? H5Pset_fill_value(properties.id(), H5T_NATIVE_DOUBLE, &nan)
                 : H5Pset_fill_value(properties.id(), H5T_NATIVE_INT64, &minus_one),
        file(), made, "setting the fill value of");
  const Dataspace space = make_space(shape, {}, file(), made);
  for (const VirtualPart& part : parts) {
    Shape offset(shape.size(), 0), count = shape;
    offset.at(0) = part.first;
    count.at(0) = part.rows;
    require_inside(shape, offset, count, file(), made);
    select_block(space.id(), offset, count, file(), made);
    // An explicit block, not "all": the file may hold more rows by the time it is read.
    const Dataspace source = make_space(count, {}, file(), made);
    select_block(source.id(), Shape(count.size(), 0), count, file(), made);
    check(H5Pset_virtual(properties.id(), space.id(), part.file.c_str(), part.dataset.c_str(),
                         source.id()),
          file(), made, "mapping rows of");
  }
  H5Sselect_all(space.id());
  return Dataset(Handle(check(H5Dcreate2(id(), name.c_str(), file_type(element), space.id(),
                                         H5P_DEFAULT, properties.id(), H5P_DEFAULT),
                              file(), made, "creating virtual data set")),
                 file(), made);
}

void Group::link(const std::string& target, const std::string& name) {
  const Guard guard;
  check(H5Lcreate_hard(id(), target.c_str(), id(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), file(),
        joined(path(), name), "linking '" + target + "' as");
}

// Data sets

Shape Dataset::shape() const {
  const Guard guard;
  const Dataspace space(check(H5Dget_space(id()), file(), path(), "sizing"));
  const int rank = check(H5Sget_simple_extent_ndims(space.id()), file(), path(), "sizing");
  std::vector<hsize_t> now(static_cast<std::size_t>(rank));
  check(H5Sget_simple_extent_dims(space.id(), now.data(), nullptr), file(), path(), "sizing");
  return {now.begin(), now.end()};
}

Element Dataset::element() const {
  const Guard guard;
  const Datatype type(check(H5Dget_type(id()), file(), path(), "the type of"));
  for (const Element element :
       {Element::float64, Element::float32, Element::int64, Element::int32, Element::uint8})
    if (H5Tequal(type.id(), file_type(element)) > 0) return element;
  throw IoError(file() + ": '" + path() + "' holds elements of a type that r1 does not use");
}

bool Dataset::is_virtual() const {
  const Guard guard;
  const Properties properties(check(H5Dget_create_plist(id()), file(), path(), "the layout of"));
  return H5Pget_layout(properties.id()) == H5D_VIRTUAL;
}

void Dataset::resize(const Shape& shape) {
  const Guard guard;
  const auto extent = extents(shape);
  if (shape.size() != this->shape().size())
    throw IoError(file() + ": '" + path() + "' cannot change its number of dimensions to " +
                  text_of(shape));
  check(H5Dset_extent(id(), extent.data()), file(), path(), "resizing");
}

std::uint64_t Dataset::file_offset() const {
  const Guard guard;
  const haddr_t offset = H5Dget_offset(id());
  if (offset == HADDR_UNDEF)
    throw IoError(file() + ": '" + path() +
                  "' has no one place in the file: it is not contiguous, or empty");
  return offset;
}

std::size_t Dataset::checked_count(const Shape& count, std::uint64_t limit) const {
  const std::uint64_t elements = element_count(count);
  if (elements > limit)
    throw IoError(file() + ": '" + path() + "' of shape " + text_of(count) + " has more than the " +
                  std::to_string(limit) + " elements that are accepted here");
  return static_cast<std::size_t>(elements);
}

void Dataset::write_raw(Element element, std::size_t size, const void* data, const Shape& offset,
                        const Shape& count) {
  const Guard guard;
  const Shape whole = shape();
  const Shape& block = count.empty() ? whole : count;
  if (element_count(block) != size)
    throw IoError(file() + ": " + std::to_string(size) + " elements cannot fill " + text_of(block) +
                  " of '" + path() + "'");
  if (size == 0) return;
  Handle memory, target;
  if (!count.empty()) {
    require_inside(whole, offset, count, file(), path());
    memory = make_space(count, {}, file(), path());
    target = Handle(check(H5Dget_space(id()), file(), path(), "sizing"));
    select_block(target.id(), offset, count, file(), path());
  }
  check(H5Dwrite(id(), memory_type(element), memory.valid() ? memory.id() : H5S_ALL,
                 target.valid() ? target.id() : H5S_ALL, H5P_DEFAULT, data),
        file(), path(), "writing");
}

void Dataset::read_into(Element element, void* data, const Shape& offset, const Shape& count) const {
  const Guard guard;
  const Datatype type(check(H5Dget_type(id()), file(), path(), "the type of"));
  require_readable(type.id(), element, file(), path());
  if (element_count(count) == 0) return;
  Handle memory, source;
  if (offset.empty()) {
    if (count != shape())
      throw IoError(file() + ": '" + path() + "' is " + text_of(shape()) + ", not " +
                    text_of(count));
  } else {
    require_inside(shape(), offset, count, file(), path());
    memory = make_space(count, {}, file(), path());
    source = Handle(check(H5Dget_space(id()), file(), path(), "sizing"));
    select_block(source.id(), offset, count, file(), path());
  }
  check(H5Dread(id(), memory_type(element), memory.valid() ? memory.id() : H5S_ALL,
                source.valid() ? source.id() : H5S_ALL, H5P_DEFAULT, data),
        file(), path(), "reading");
}

}  // namespace r1::io::hdf5
