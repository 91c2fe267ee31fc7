// Checkpoint: a sealed HDF5 file (sealed_file.hpp) of named logical arrays that knows nothing of what they mean. An array's rows
// lie in one global order, whoever held them when it was written: any number of ranks can read it.
//
// Writing, collective. Rank 0 lays the file out in memory (HDF5 1.10 does not survive a failing write) with a contiguous data set
// for each array, copies all but their contents to the file; then every rank writes its rows in place, digests and syncs
// them; at last rank 0 adds the seal. Giving the file its final name is the business of CheckpointStore.
// Reading. The ranks share out the extents and compare digests by plain reads; HDF5 sees a file only after that.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"
#include "io/hdf5_output.hpp"
#include "io/sealed_file.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace r1::io {

class CheckpointWriter {
 public:
  /// `moved` is called whenever another array is written: a large state takes its time.
  explicit CheckpointWriter(
      Communicator comm, std::function<void()> moved = [] {})
      : comm_(std::move(comm)), moved_(std::move(moved)) {}
  const Communicator& comm() const { return comm_; }

  /// An array (N, columns) of which each rank gives some rows: those of rank 0 come first, then those of rank 1, ... Names are paths
  /// ("atoms/position"). Every rank adds the same arrays in the same order.
  template <class T>
  void add_rows(const std::string& name, std::vector<T> rows, int columns,
                const std::string& unit = "") {
    arrays_.push_back({name, unit, hdf5::element_of<T>(), columns, std::move(rows)});
  }
  /// A vector that all ranks know: rank 0's is written.
  template <class T>
  void add(const std::string& name, std::vector<T> values) {
    if (comm_.rank() > 0) values.clear();
    add_rows(name, std::move(values), 1);
  }
  template <class T>
  void add_one(const std::string& name, T value) {
    add(name, std::vector<T>{value});
  }
  void add_text(const std::string& name, std::string_view text) {
    add(name, std::vector<std::uint8_t>(text.begin(), text.end()));
  }

  /// Writes everything to `file` and brings it to the disk. Collective. If that fails on one rank, all throw its error, and the file is
  /// removed again.
  void write(const std::filesystem::path& file, const Provenance& provenance) const;

 private:
  using Rows = std::variant<std::vector<double>, std::vector<float>, std::vector<std::int64_t>,
                            std::vector<std::int32_t>, std::vector<std::uint8_t>>;
  struct Array {
    std::string name, unit;
    hdf5::Element element;
    int columns;
    Rows rows;  // (rows of this rank, columns)
  };
  static std::span<const std::byte> bytes_of(const Array& array);
  /// Where the rows of every array and rank lie.
  struct Places;
  Places lay_out(const std::filesystem::path& file, const Provenance& provenance) const;
  void create_arrays(hdf5::Group root, Places& places) const;
  std::vector<Extent> write_rows(const std::filesystem::path& file, const Places& places) const;

  Communicator comm_;
  std::function<void()> moved_;
  std::vector<Array> arrays_;
};

/// What a reader looks into: arrays by name. A file's, or others that stand in for one.
class CheckpointContents {
 public:
  struct Form {
    hdf5::Element element;
    hdf5::Shape shape;
  };
  virtual ~CheckpointContents() = default;
  /// No array may claim more than all have together.
  virtual std::uint64_t bytes() const = 0;
  virtual std::optional<Form> find(const std::string& name) const = 0;
  /// Rows [first, first + rows) of an array that there is, of two dimensions and these numbers of columns, into `to`.
  struct Block {
    std::uint64_t first, rows, columns;
  };
  virtual void read(const std::string& name, const Block& block, void* to) const = 0;
  /// A text attribute of the whole; empty if there is none.
  virtual std::string origin(const std::string& attribute) const = 0;
};

class CheckpointReader {
 public:
  /// Checks every byte of `file`, then opens it. Collective. All ranks throw alike: CheckpointError if it is
  /// damaged, IoError if it cannot be read.
  CheckpointReader(const Communicator& comm, const std::filesystem::path& file);
  /// `path`: for messages.
  CheckpointReader(std::filesystem::path path, std::unique_ptr<CheckpointContents> contents)
      : path_(std::move(path)), contents_(std::move(contents)) {}

  const std::filesystem::path& path() const { return path_; }
  bool has(const std::string& name) const { return contents_->find(name).has_value(); }
  std::uint64_t rows(const std::string& name) const { return checked(name).shape[0]; }
  std::uint64_t columns(const std::string& name) const { return checked(name).shape[1]; }

  /// Rows [first, first + count), row by row. Any rank may ask for any rows. CheckpointError if the file lacks them or holds another type.
  template <class T>
  std::vector<T> read_rows(const std::string& name, std::uint64_t first, std::uint64_t count,
                           int columns) const {
    const CheckpointContents::Block block{first, count, static_cast<std::uint64_t>(columns)};
    check_block(name, hdf5::element_of<T>(), block);
    std::vector<T> values(count * block.columns);
    if (count > 0) contents_->read(name, block, values.data());
    return values;
  }
  template <class T>
  std::vector<T> read(const std::string& name) const {
    return read_rows<T>(name, 0, rows(name), 1);
  }
  template <class T>
  T read_one(const std::string& name) const {
    return only(name, read<T>(name));
  }
  std::string read_text(const std::string& name) const;
  /// A text attribute of the root: creator_version, git_sha, input_yaml, ...
  std::string origin(const std::string& attribute) const { return contents_->origin(attribute); }

 private:
  CheckpointContents::Form checked(const std::string& name) const;
  void check_block(const std::string& name, hdf5::Element element,
                   const CheckpointContents::Block& block) const;
  [[noreturn]] void refuse(const std::string& name, const std::string& fault) const;
  template <class T>
  T only(const std::string& name, const std::vector<T>& values) const {
    if (values.size() != 1) refuse(name, "it is no single value");
    return values[0];
  }

  std::filesystem::path path_;
  std::unique_ptr<CheckpointContents> contents_;
};

}  // namespace r1::io
