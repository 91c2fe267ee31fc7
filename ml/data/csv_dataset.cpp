// Rows of a table (ml/data/csv_table.hpp):  x (features) and y, a class () or real numbers (targets).
// SPDX-License-Identifier: Apache-2.0
#include "core/text.hpp"
#include "ml/data/csv_table.hpp"
#include "ml/data/dataset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace r1::ml {
namespace {

using Columns = std::vector<const CsvColumn*>;

class CsvDataset final : public Dataset {
 public:
  CsvDataset(std::int64_t rows, const Columns& features, const Columns& targets,
             std::int64_t classes)
      : rows_(rows),
        x_{Dtype::f32, {static_cast<std::int64_t>(features.size())}},
        y_(classes > 0 ? Type{Dtype::i32, {}}
                       : Type{Dtype::f32, {static_cast<std::int64_t>(targets.size())}}),
        classes_(classes) {
    for (std::int64_t row = 0; row < rows; ++row) {
      const auto at = static_cast<std::size_t>(row);
      for (const auto* column : features) append(features_, static_cast<float>(column->values[at]));
      for (const auto* column : targets) {
        if (classes > 0)
          append(targets_, static_cast<std::int32_t>(column->values[at]));
        else
          append(targets_, static_cast<float>(column->values[at]));
      }
    }
  }
  std::int64_t samples() const override { return rows_; }
  const Type& x() const override { return x_; }
  const Type& y() const override { return y_; }
  std::int64_t classes() const override { return classes_; }
  void read(Pick pick, std::byte* x, std::byte* y) const override {
    const auto row = static_cast<std::size_t>(pick.index);
    std::memcpy(x, features_.data() + row * x_.bytes(), x_.bytes());
    std::memcpy(y, targets_.data() + row * y_.bytes(), y_.bytes());
  }

 private:
  template <class T>
  static void append(std::vector<std::byte>& to, T value) {
    const auto at = to.size();
    to.resize(at + sizeof value);
    std::memcpy(to.data() + at, &value, sizeof value);
  }

  std::int64_t rows_;
  std::vector<std::byte> features_, targets_;
  Type x_, y_;
  std::int64_t classes_;
};

std::vector<std::string> names_of(const CsvTable& table) {
  std::vector<std::string> names;
  for (const auto& column : table.columns) names.push_back(column.name);
  return names;
}

const CsvColumn& column_at(const CsvTable& table, const io::Config& name) {
  if (const auto* found = table.find(name.text())) return *found;
  const auto near = nearest_name(name.text(), names_of(table));
  name.fail("the table has no column '" + name.text() + "'" +
            (near ? " (did you mean '" + *near + "'?)"
                  : "; it has " + shortened(joined(names_of(table)), 300)));
}

Columns chosen(const CsvTable& table, const io::Config& names) {
  Columns columns;
  for (const auto& name : names.items()) columns.push_back(&column_at(table, name));
  return columns;
}

Columns all_but(const CsvTable& table, const Columns& taken) {
  Columns columns;
  for (const auto& column : table.columns)
    if (std::find(taken.begin(), taken.end(), &column) == taken.end()) columns.push_back(&column);
  return columns;
}

/// How many classes the target has; 0 where it is real.
std::int64_t classes_of(const Columns& targets, const io::Config& options) {
  if (options["kind"].is("real")) {
    for (const auto* target : targets)
      if (!target->classes.empty())
        options["target"].fail("column '" + target->name +
                               "' holds text, expected numbers; or give 'kind: class'");
    return 0;
  }
  if (targets.size() != 1) options["target"].fail("a class is one column");
  if (!targets[0]->classes.empty()) return static_cast<std::int64_t>(targets[0]->classes.size());
  double most = 0;
  for (const double value : targets[0]->values) {
    if (!(value >= 0 && value < 1 << 24 && value == std::floor(value)))
      options["target"].fail(fmt::format(
          "column '{}' holds {}, expected classes: whole numbers from 0, or names; or give 'kind: "
          "real'",
          targets[0]->name, value));
    most = std::max(most, value);
  }
  return static_cast<std::int64_t>(most) + 1;
}

std::unique_ptr<Dataset> made(const io::Config& options, const DatasetContext&) {
  CsvTable table;
  try {
    table = read_csv(options["file"].path());
  } catch (const ConfigError& error) {
    options["file"].fail(error);
  }
  if (table.rows() == 0) options["file"].fail("the table has no rows");
  const auto targets = chosen(table, options["target"]);
  const auto features =
      options.has("features") ? chosen(table, options["features"]) : all_but(table, targets);
  if (features.empty()) options["file"].fail("the table has no column beside the target");
  for (const auto* feature : features)
    if (!feature->classes.empty())
      options["file"].fail("column '" + feature->name +
                           "' holds text, expected numbers; leave it out with 'features'");
  return std::make_unique<CsvDataset>(table.rows(), features, targets,
                                      classes_of(targets, options));
}

}  // namespace

void add_csv(DatasetRegistry& registry) {
  using namespace io;
  const Schema options = mapping({
      Key("file", path(), "The table, with a line of names; it may be compressed (.gz).")
          .required_(),
      Key("target", list_or_one(text()), "Column, or columns, that the model predicts.")
          .required_(),
      Key("kind", word({"class", "real"}), "What the target is.").or_("class"),
      Key("features", list_or_one(text()),
          "Columns that the model gets; default: all others, which must be numbers."),
  });
  registry.add("csv", "Rows of a table.", options, made);
}

}  // namespace r1::ml
