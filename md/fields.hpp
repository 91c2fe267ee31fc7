// Per-atom fields. Every field is registered once, with what must happen to it; permutation, migration, halo, output and
// checkpoints walk the registry, and nobody else lists fields. Rows are atoms: locals first, then ghosts, then one filler.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device.hpp"

#include <string>
#include <variant>
#include <vector>

namespace r1::md {

/// What a field takes part in.
struct FieldTraits {
  enum class Ghosts {
    none,
    at_rebuild
  } ghosts = Ghosts::none;  // copied to ghosts when they are chosen
  enum class Migrates {
    no,
    yes
  } migrates = Migrates::yes;  // follows its atom to a new owner or place
  enum class Checkpointed { no, yes } checkpointed = Checkpointed::yes;
};

struct FieldInfo {
  std::string name;    // "position"
  int components = 1;  // row length
  std::string unit;    // of the run's style: "length", "velocity", "" ...
  FieldTraits traits;
  int padding = 0;  // trailing components without a meaning; left out of files
};

using FieldStorage = std::variant<View<double**>, View<std::int32_t**>, View<std::int64_t**>>;

struct Field {
  FieldInfo info;
  FieldStorage data;  // (capacity, components)
};

/// Names a field of element type T with C components; stays valid while fields grow.
template <class T, int C>
struct FieldHandle {
  int index = -1;
};

class Fields {
 public:
  template <class T, int C>
  FieldHandle<T, C> add(FieldInfo info) {
    info.components = C;
    fields_.push_back({std::move(info), View<T**>("field", rows_, C)});
    return {static_cast<int>(fields_.size()) - 1};
  }

  /// The field's rows. Do not keep it across a call that may grow the fields (a rebuild).
  template <class T, int C>
  View<T* [C]> view(FieldHandle<T, C> handle) const {
    return std::get<View<T**>>(fields_[static_cast<std::size_t>(handle.index)].data);
  }

  const std::vector<Field>& all() const {
    return fields_;
  }
  std::vector<Field>& all() { return fields_; }
  int rows() const { return rows_; }

  /// Makes room for at least `rows` rows, with slack for growth, and keeps the first `used`.
  void reserve(const Exec& exec, int rows, int used);
  /// New row i is old row order(i), for the fields that migrate.
  void permute(const Exec& exec, View<const int*> order, int used);

 private:
  FieldStorage spare_like(const Exec& exec, const Field& field);

  int rows_ = 0;
  std::vector<Field> fields_;
  std::vector<FieldStorage> spares_;  // what the last permutation left, one of each shape
};

}  // namespace r1::md
