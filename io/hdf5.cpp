// HDF5: lock, errors, handles, files and attributes. Groups and data sets are in hdf5_dataset.cpp.
// SPDX-License-Identifier: Apache-2.0
#include "io/hdf5.hpp"

#include "core/error.hpp"
#include "io/hdf5_detail.hpp"

#include <cstring>
#include <limits>
#include <mutex>

namespace r1::io::hdf5 {

namespace {

// The library is one per process and so must be its lock; living inside a function it exists from the first use on, whatever
// the order of static initialisation, and nobody else can reach it. Recursive: a guarded call may destroy a handle.
std::recursive_mutex& library_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

// An attribute is meant for settings, not for data: more than this is a damaged or hostile file.
constexpr std::size_t kMaxAttributeBytes = std::size_t{64} << 20;

struct Trace {
  std::string innermost;  // the cause
  std::string outermost;  // what the program had asked for
};

herr_t collect(unsigned, const H5E_error2_t* entry, void* data) {
  auto& trace = *static_cast<Trace*>(data);
  const std::string text = entry->desc != nullptr ? entry->desc : "";
  if (trace.innermost.empty()) trace.innermost = text;
  trace.outermost = text;
  return 0;
}

Handle text_type() {
  Handle type(H5Tcopy(H5T_C_S1));
  H5Tset_size(type.id(), H5T_VARIABLE);
  H5Tset_cset(type.id(), H5T_CSET_UTF8);
  return type;
}

struct FreeByHdf5 {
  void operator()(char* text) const { H5free_memory(text); }
};
using LibraryText = std::unique_ptr<char, FreeByHdf5>;

}  // namespace

Guard::Guard() {
  library_mutex().lock();
  H5Eget_auto2(H5E_DEFAULT, &print_, &data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Guard::~Guard() {
  H5Eset_auto2(H5E_DEFAULT, print_, data_);
  library_mutex().unlock();
}

void fail(const std::string& file, const std::string& object, std::string_view doing) {
  Trace trace;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, collect, &trace);
  std::string message = file + ": " + std::string(doing);
  if (!object.empty()) message += " '" + object + "'";
  message += " failed: ";
  message += trace.innermost.empty() ? "HDF5 gives no reason" : trace.innermost;
  if (trace.outermost != trace.innermost) message += " (" + trace.outermost + ")";
  if (message.find("lock file") != std::string::npos)
    message += "; on a file system without locks set HDF5_USE_FILE_LOCKING=FALSE";
  throw IoError(message);
}

std::size_t size_of(Element element) {
  switch (element) {
    case Element::float64:
    case Element::int64:
      return 8;
    case Element::float32:
    case Element::int32:
      return 4;
    case Element::uint8:
      return 1;
  }
  return 0;
}

std::uint64_t element_count(const Shape& shape) {
  std::uint64_t count = 1;
  for (const std::uint64_t extent : shape) {
    if (extent != 0 && count > std::numeric_limits<std::uint64_t>::max() / extent)
      throw IoError("an array's extents multiply to more than 2^64 elements: the file is damaged");
    count *= extent;
  }
  return count;
}

Id file_type(Element element) {
  switch (element) {
    case Element::float64:
      return H5T_IEEE_F64LE;
    case Element::float32:
      return H5T_IEEE_F32LE;
    case Element::int64:
      return H5T_STD_I64LE;
    case Element::int32:
      return H5T_STD_I32LE;
    case Element::uint8:
      return H5T_STD_U8LE;
  }
  return -1;
}

Id memory_type(Element element) {
  switch (element) {
    case Element::float64:
      return H5T_NATIVE_DOUBLE;
    case Element::float32:
      return H5T_NATIVE_FLOAT;
    case Element::int64:
      return H5T_NATIVE_INT64;
    case Element::int32:
      return H5T_NATIVE_INT32;
    case Element::uint8:
      return H5T_NATIVE_UINT8;
  }
  return -1;
}

void require_readable(Id stored_type, Element element, const std::string& file,
                      const std::string& object) {
  const bool want_float = element == Element::float64 || element == Element::float32;
  const bool want_unsigned = element == Element::uint8;
  const H5T_class_t stored_class = H5Tget_class(stored_type);
  const std::size_t stored_size = H5Tget_size(stored_type);
  bool fits = stored_class == (want_float ? H5T_FLOAT : H5T_INTEGER) && stored_size > 0 &&
              stored_size <= size_of(element);
  if (fits && !want_float) fits = (H5Tget_sign(stored_type) == H5T_SGN_NONE) == want_unsigned;
  if (fits) return;
  const char* kind = stored_class == H5T_FLOAT     ? "floating-point numbers"
                     : stored_class == H5T_INTEGER ? "integers"
                                                   : "something that is no number";
  throw IoError(file + ": '" + object + "' holds " + kind + " of " + std::to_string(stored_size) +
                " bytes; expected " + (want_float ? "floating-point numbers" : "integers") +
                " of at most " + std::to_string(size_of(element)));
}

Handle& Handle::operator=(Handle&& other) noexcept {
  if (this != &other) {
    release();
    id_ = std::exchange(other.id_, kNone);
  }
  return *this;
}

bool Handle::release() noexcept {
  if (!valid()) return true;
  const Guard guard;
  const Id id = std::exchange(id_, kNone);
  switch (H5Iget_type(id)) {
    case H5I_FILE:
      return H5Fclose(id) >= 0;
    case H5I_GROUP:
      return H5Gclose(id) >= 0;
    case H5I_DATASET:
      return H5Dclose(id) >= 0;
    case H5I_DATASPACE:
      return H5Sclose(id) >= 0;
    case H5I_DATATYPE:
      return H5Tclose(id) >= 0;
    case H5I_ATTR:
      return H5Aclose(id) >= 0;
    default:
      return H5Idec_ref(id) >= 0;
  }
}

// Attributes

bool Object::has_attribute(const std::string& name) const {
  const Guard guard;
  return check(H5Aexists(id(), name.c_str()), file_, path_,
               "looking for attribute " + name + " of") > 0;
}

void Object::set_text(const std::string& name, std::string_view value) {
  const Guard guard;
  if (has_attribute(name)) check(H5Adelete(id(), name.c_str()), file_, path_, "replacing " + name);
  const Handle type = text_type();
  const Dataspace space(H5Screate(H5S_SCALAR));
  const Attribute made(
      check(H5Acreate2(id(), name.c_str(), type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT), file_,
            path_, "creating attribute " + name + " of"));
  const std::string terminated(value);
  const char* text = terminated.c_str();
  check(H5Awrite(made.id(), type.id(), &text), file_, path_, "writing attribute " + name + " of");
}

void Object::set_texts(const std::string& name, const std::vector<std::string>& values) {
  const Guard guard;
  if (has_attribute(name)) check(H5Adelete(id(), name.c_str()), file_, path_, "replacing " + name);
  const Handle type = text_type();
  const hsize_t extent = values.size();
  const Dataspace space(
      check(H5Screate_simple(1, &extent, nullptr), file_, path_, "sizing " + name));
  const Attribute made(
      check(H5Acreate2(id(), name.c_str(), type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT), file_,
            path_, "creating attribute " + name + " of"));
  std::vector<const char*> pointers;
  for (const std::string& value : values) pointers.push_back(value.c_str());
  if (pointers.empty()) return;
  check(H5Awrite(made.id(), type.id(), pointers.data()), file_, path_,
        "writing attribute " + name + " of");
}

void Object::set_raw(const std::string& name, Element element, const Shape& shape,
                     const void* data) {
  const Guard guard;
  if (has_attribute(name)) check(H5Adelete(id(), name.c_str()), file_, path_, "replacing " + name);
  const hsize_t extent = shape.empty() ? 1 : shape[0];
  const Dataspace space(shape.empty() ? H5Screate(H5S_SCALAR)
                                      : H5Screate_simple(1, &extent, nullptr));
  const Attribute made(check(
      H5Acreate2(id(), name.c_str(), file_type(element), space.id(), H5P_DEFAULT, H5P_DEFAULT),
      file_, path_, "creating attribute " + name + " of"));
  if (extent == 0) return;
  check(H5Awrite(made.id(), memory_type(element), data), file_, path_,
        "writing attribute " + name + " of");
}

std::size_t Object::attribute_size(const std::string& name) const {
  const Guard guard;
  const Attribute found(check(H5Aopen(id(), name.c_str(), H5P_DEFAULT), file_, path_,
                              "opening attribute " + name + " of"));
  const Dataspace space(
      check(H5Aget_space(found.id()), file_, path_, "sizing attribute " + name + " of"));
  const hssize_t size =
      check(H5Sget_simple_extent_npoints(space.id()), file_, path_, "sizing " + name);
  if (static_cast<std::size_t>(size) > kMaxAttributeBytes / sizeof(double))
    throw IoError(file_ + ": attribute " + name + " of '" + path_ + "' claims " +
                  std::to_string(size) +
                  " elements; an attribute is small, so the file is damaged");
  return static_cast<std::size_t>(size);
}

void Object::get_raw(const std::string& name, Element element, std::size_t count,
                     void* data) const {
  const Guard guard;
  if (attribute_size(name) != count)
    throw IoError(file_ + ": attribute " + name + " of '" + path_ + "' has " +
                  std::to_string(attribute_size(name)) + " elements, expected " +
                  std::to_string(count));
  const Attribute found(check(H5Aopen(id(), name.c_str(), H5P_DEFAULT), file_, path_,
                              "opening attribute " + name + " of"));
  const Datatype type(
      check(H5Aget_type(found.id()), file_, path_, "the type of attribute " + name + " of"));
  require_readable(type.id(), element, file_, path_ + "@" + name);
  if (count == 0) return;
  check(H5Aread(found.id(), memory_type(element), data), file_, path_,
        "reading attribute " + name + " of");
}

std::string Object::text(const std::string& name) const {
  std::vector<std::string> values = texts(name);
  if (values.size() != 1)
    throw IoError(file_ + ": attribute " + name + " of '" + path_ + "' has " +
                  std::to_string(values.size()) + " texts, expected one");
  return std::move(values[0]);
}

std::vector<std::string> Object::texts(const std::string& name) const {
  const Guard guard;
  const std::size_t count = attribute_size(name);
  const Attribute found(check(H5Aopen(id(), name.c_str(), H5P_DEFAULT), file_, path_,
                              "opening attribute " + name + " of"));
  const Datatype type(
      check(H5Aget_type(found.id()), file_, path_, "the type of attribute " + name + " of"));
  if (H5Tget_class(type.id()) != H5T_STRING)
    throw IoError(file_ + ": attribute " + name + " of '" + path_ + "' is no text");
  std::vector<std::string> values;
  if (count == 0) return values;
  if (H5Tis_variable_str(type.id()) > 0) {
    std::vector<char*> raw(count, nullptr);
    check(H5Aread(found.id(), type.id(), raw.data()), file_, path_,
          "reading attribute " + name + " of");
    for (char* text : raw) {
      const LibraryText owned(text);
      values.emplace_back(owned ? owned.get() : "");
    }
    return values;
  }
  const std::size_t width = H5Tget_size(type.id());
  if (width == 0 || width > kMaxAttributeBytes / count)
    throw IoError(file_ + ": attribute " + name + " of '" + path_ + "' claims texts of " +
                  std::to_string(width) + " bytes; the file is damaged");
  std::vector<char> raw(width * count);
  check(H5Aread(found.id(), type.id(), raw.data()), file_, path_,
        "reading attribute " + name + " of");
  for (std::size_t i = 0; i < count; ++i)
    values.emplace_back(raw.data() + i * width, strnlen(raw.data() + i * width, width));
  return values;
}

// Files

File File::create(const std::filesystem::path& path, std::uint64_t user_block) {
  const Guard guard;
  const Properties creation(
      check(H5Pcreate(H5P_FILE_CREATE), path.string(), "", "setting up the file"));
  check(H5Pset_userblock(creation.id(), user_block), path.string(), "", "reserving the head of");
  return {Handle(check(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.id(), H5P_DEFAULT),
                       path.string(), "", "creating the file")),
          path.string()};
}

File File::create_in_memory(const std::string& name) {
  const Guard guard;
  constexpr std::size_t kGrowth = std::size_t{1} << 20;
  // The library looks for a file of this name first: one that cannot be there.
  constexpr const char* kNowhere = "/dev/null/in memory";
  const Properties access(check(H5Pcreate(H5P_FILE_ACCESS), name, "", "setting up memory for"));
  check(H5Pset_fapl_core(access.id(), kGrowth, 0), name, "", "setting up memory for");
  return {Handle(check(H5Fcreate(kNowhere, H5F_ACC_TRUNC, H5P_DEFAULT, access.id()), name, "",
                       "creating the file in memory")),
          name};
}

std::vector<std::byte> File::image() const {
  const Guard guard;
  check(H5Fflush(handle_.id(), H5F_SCOPE_GLOBAL), path_, "", "completing the file");
  const ssize_t size =
      check(H5Fget_file_image(handle_.id(), nullptr, 0), path_, "", "sizing the file");
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  check(H5Fget_file_image(handle_.id(), bytes.data(), bytes.size()), path_, "", "copying the file");
  return bytes;
}

File File::open_to_read(const std::filesystem::path& path) {
  const Guard guard;
  // Filters that would be loaded from a plug-in folder are code: a data file must not be able to ask for them.
  H5PLset_loading_state(0);
  return {Handle(check(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), path.string(), "",
                       "opening the file")),
          path.string()};
}

File File::open_to_write(const std::filesystem::path& path) {
  const Guard guard;
  H5PLset_loading_state(0);
  return {Handle(check(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), path.string(), "",
                       "opening the file to write")),
          path.string()};
}

Group File::root() const {
  const Guard guard;
  return Group(Handle(check(H5Gopen2(handle_.id(), "/", H5P_DEFAULT), path_, "/", "opening")),
               path_, "/");
}

void File::close() {
  const Guard guard;
  if (!handle_.release()) fail(path_, "", "closing the file");
}

}  // namespace r1::io::hdf5
