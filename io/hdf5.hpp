// HDF5 over its C API: move-only handles of files, groups and data sets, typed reads and writes of spans, attributes. Every
// failure is an IoError that names the file, the object and what HDF5 said; nothing is printed, nothing is global state of ours.
// All calls of a process run under one mutex, since the library as packaged is not thread-safe.
// Numbers are stored little-endian IEEE / two's complement; texts as variable-length UTF-8. No hdf5.h is needed here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace r1::io::hdf5 {

using Id = std::int64_t;                   // HDF5's hid_t (checked where hdf5.h is included)
using Shape = std::vector<std::uint64_t>;  // extents, slowest first; empty: a scalar

/// Elements that we store and accept; anything else in a file is refused.
enum class Element { float64, float32, int64, int32, uint8 };

template <class T>
constexpr Element element_of() {
  static_assert(std::is_same_v<T, double> || std::is_same_v<T, float> ||
                    std::is_same_v<T, std::int64_t> || std::is_same_v<T, std::int32_t> ||
                    std::is_same_v<T, std::uint8_t>,
                "an element type that r1 stores in HDF5");
  if constexpr (std::is_same_v<T, double>) return Element::float64;
  if constexpr (std::is_same_v<T, float>) return Element::float32;
  if constexpr (std::is_same_v<T, std::int64_t>) return Element::int64;
  if constexpr (std::is_same_v<T, std::int32_t>) return Element::int32;
  return Element::uint8;
}
std::size_t size_of(Element element);  // bytes

/// Product of the extents; an IoError where it overflows 64 bits.
std::uint64_t element_count(const Shape& shape);

/// Owns one identifier of the library, of whatever kind.
class Handle {
 public:
  Handle() = default;
  explicit Handle(Id id) : id_(id) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, kNone)) {}
  Handle& operator=(Handle&& other) noexcept;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { release(); }

  Id id() const { return id_; }
  bool valid() const { return id_ >= 0; }
  /// Closes; false where the library reports a failure (its error stack then tells which).
  bool release() noexcept;

 private:
  static constexpr Id kNone = -1;
  Id id_ = kNone;
};
/// The kinds that appear in signatures only inside the implementation.
class Dataspace : public Handle {
  using Handle::Handle;
};
class Datatype : public Handle {
  using Handle::Handle;
};
class Attribute : public Handle {
  using Handle::Handle;
};
class Properties : public Handle {
  using Handle::Handle;
};

/// What groups and data sets share: a place in a file, and attributes.
class Object {
 public:
  const std::string& path() const { return path_; }  // inside the file: "/particles/trajectory"
  const std::string& file() const { return file_; }
  Id id() const { return handle_.id(); }

  /// Sets an attribute, replacing one of that name. Texts are variable-length UTF-8, numbers scalars or 1-D.
  void set_text(const std::string& name, std::string_view value);
  void set_texts(const std::string& name, const std::vector<std::string>& values);
  template <class T>
  void set_number(const std::string& name, T value) {
    set_raw(name, element_of<T>(), {}, &value);
  }
  template <class T>
  void set_numbers(const std::string& name, std::span<const T> values) {
    set_raw(name, element_of<T>(), {values.size()}, values.data());
  }

  bool has_attribute(const std::string& name) const;
  /// A scalar text, of variable or fixed length.
  std::string text(const std::string& name) const;
  std::vector<std::string> texts(const std::string& name) const;
  /// All numbers of an attribute (one for a scalar), converted to T without loss of range.
  template <class T>
  std::vector<T> numbers(const std::string& name) const {
    std::vector<T> values(attribute_size(name));
    get_raw(name, element_of<T>(), values.size(), values.data());
    return values;
  }
  /// The one number of an attribute.
  template <class T>
  T number(const std::string& name) const {
    T value{};
    get_raw(name, element_of<T>(), 1, &value);
    return value;
  }

 protected:
  Object(Handle handle, std::string file, std::string path)
      : handle_(std::move(handle)), file_(std::move(file)), path_(std::move(path)) {}

 private:
  void set_raw(const std::string& name, Element element, const Shape& shape, const void* data);
  std::size_t attribute_size(const std::string& name) const;
  void get_raw(const std::string& name, Element element, std::size_t count, void* data) const;

  Handle handle_;
  std::string file_, path_;
};

/// How a data set lies in its file.
struct Layout {
  Shape chunk;      // empty: contiguous, space allocated at once
  int deflate = 0;  // 1 to 9: shuffle and deflate (chunked only)

  static Layout contiguous() { return {}; }
  /// Extendible along the first dimension, in chunks of this shape.
  static Layout chunked(Shape chunk, int deflate = 0) { return {std::move(chunk), deflate}; }
};

/// An N-dimensional array in a file.
class Dataset : public Object {
 public:
  Shape shape() const;
  Element element() const;
  bool is_virtual() const;

  /// Writes everything; `data` has exactly the data set's elements.
  template <class T>
  void write(std::span<const T> data) {
    write_raw(element_of<T>(), data.size(), data.data(), {}, {});
  }
  /// Writes the block of extents `count` that starts at `offset`.
  template <class T>
  void write(std::span<const T> data, const Shape& offset, const Shape& count) {
    write_raw(element_of<T>(), data.size(), data.data(), offset, count);
  }
  /// Grows (or cuts) a chunked data set.
  void resize(const Shape& shape);

  /// Everything, or the block [offset, offset + count). More than `limit` elements are refused before anything is allocated.
  /// float32 widens to double and int32 to int64; any other difference of type is an error.
  template <class T>
  std::vector<T> read(std::uint64_t limit = kDefaultLimit) const {
    return read<T>({}, shape(), limit);
  }
  template <class T>
  std::vector<T> read(const Shape& offset, const Shape& count,
                      std::uint64_t limit = kDefaultLimit) const {
    std::vector<T> values(checked_count(count, limit));
    read_into(element_of<T>(), values.data(), offset, count);
    return values;
  }
  /// The block as numbers of type `element`, into memory that has room for it.
  void read_into(Element element, void* data, const Shape& offset, const Shape& count) const;

  /// Where the bytes of a contiguous data set begin in the file, for writers that go around the library.
  std::uint64_t file_offset() const;

  static constexpr std::uint64_t kDefaultLimit = std::uint64_t{1} << 28;

 private:
  friend class Group;
  using Object::Object;
  std::size_t checked_count(const Shape& count, std::uint64_t limit) const;
  void write_raw(Element element, std::size_t size, const void* data, const Shape& offset,
                 const Shape& count);
};

/// Rows [first, first + rows) of a virtual data set are the first `rows` rows of `dataset` in `file`.
struct VirtualPart {
  std::string file;  // relative: to the folder of the file that holds the virtual data set
  std::string dataset;
  std::uint64_t first;
  std::uint64_t rows;
};

class Group : public Object {
 public:
  bool has(const std::string& name) const;
  std::vector<std::string> members() const;  // in alphabetical order

  Group create_group(const std::string& name);
  Group group(const std::string& name) const;
  Dataset create(const std::string& name, Element element, const Shape& shape,
                 const Layout& layout = {});
  /// Opens. Links other than hard ones and data sets with their bytes in other raw files are refused, virtual ones unless
  /// accepted: a file from elsewhere must not choose which of its reader's files are read.
  enum class Accept { plain, virtual_too };
  Dataset dataset(const std::string& name, Accept accept = Accept::plain) const;
  /// Creates a contiguous data set and fills it.
  template <class T>
  Dataset write(const std::string& name, std::span<const T> data, const Shape& shape) {
    Dataset made = create(name, element_of<T>(), shape);
    made.write(data);
    return made;
  }
  /// A data set whose rows lie in other files. Rows whose file is missing read as NaN (numbers of integer type as -1).
  Dataset create_virtual(const std::string& name, Element element, const Shape& shape,
                         std::span<const VirtualPart> parts);
  /// A second name for `target`, a path relative to this group or absolute.
  void link(const std::string& target, const std::string& name);

 private:
  friend class File;
  using Object::Object;
  void refuse_links(const std::string& name) const;
};

class File {
 public:
  /// On the disk; an existing file is emptied. HDF5 1.10 does not survive a write that fails (a full disk ends in a crash
  /// when it exits): results and checkpoints are made in memory, or laid out here and filled around the library.
  /// `user_block` bytes at its head are left to the caller: 0, 512 or a larger power of two.
  static File create(const std::filesystem::path& path, std::uint64_t user_block = 0);
  /// In memory only; `name` is for messages. image() is then what goes to the disk.
  static File create_in_memory(const std::string& name);
  static File open_to_read(const std::filesystem::path& path);
  static File open_to_write(const std::filesystem::path& path);
  Group root() const;
  /// The bytes of the file as they would be after closing.
  std::vector<std::byte> image() const;
  /// Closes and reports a failure; without it the destructor closes in silence. Groups and data sets of it must be gone.
  void close();
  const std::string& path() const { return path_; }

 private:
  File(Handle handle, std::string path) : handle_(std::move(handle)), path_(std::move(path)) {}
  Handle handle_;
  std::string path_;
};

}  // namespace r1::io::hdf5
