// Rows of a table (ml/data/csv_table.hpp):  x (features) and y, a class () or real numbers (targets). Data to evaluate have the columns
// and the classes of those that were trained on, by name: the order may be another, and not every class need be there.
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
    for (const auto* column : features) feature_names_.push_back(column->name);
    if (classes > 0) class_names_ = targets[0]->classes;
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
  const std::vector<std::string>& feature_names() const { return feature_names_; }
  /// Ascending; none where classes are numbers.
  const std::vector<std::string>& class_names() const { return class_names_; }
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
  std::vector<std::string> feature_names_, class_names_;
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

bool contains(const Columns& columns, const CsvColumn* column) {
  return std::find(columns.begin(), columns.end(), column) != columns.end();
}

Columns chosen(const CsvTable& table, const io::Config& names) {
  Columns columns;
  for (const auto& name : names.items()) {
    columns.push_back(&column_at(table, name));
    if (std::count(columns.begin(), columns.end(), columns.back()) > 1)
      name.fail("column '" + name.text() + "' is given twice");
  }
  return columns;
}

/// Those that the input names.
Columns given_features(const CsvTable& table, const io::Config& names, const Columns& targets) {
  auto columns = chosen(table, names);
  for (std::size_t k = 0; k < columns.size(); ++k) {
    if (contains(targets, columns[k]))
      names.items()[k].fail("column '" + columns[k]->name + "' is what the model predicts");
    if (!columns[k]->classes.empty())
      names.items()[k].fail("column '" + columns[k]->name + "' holds text, expected numbers");
  }
  return columns;
}

/// All but the targets; those of the training data, in their order, where there are such.
Columns other_columns(const CsvTable& table, const io::Config& file, const Columns& targets,
                      const CsvDataset* training) {
  Columns columns;
  if (training != nullptr) {
    for (const auto& name : training->feature_names()) {
      columns.push_back(table.find(name));
      if (columns.back() == nullptr)
        file.fail("the table has no column '" + name + "', which the training data have");
    }
  } else {
    for (const auto& column : table.columns)
      if (!contains(targets, &column)) columns.push_back(&column);
  }
  if (columns.empty()) file.fail("the table has no column beside the target");
  for (const auto* column : columns)
    if (!column->classes.empty())
      file.fail("column '" + column->name +
                "' holds text, expected numbers; leave it out with 'features'");
  return columns;
}

/// Classes by the numbers that they have in the training data.
void number_as(const CsvDataset& training, const io::Config& target, CsvColumn& column) {
  const auto& known = training.class_names();
  if (known.empty() != column.classes.empty())
    target.fail(fmt::format("column '{}' holds {}, that of the training data {}", column.name,
                            known.empty() ? "names" : "numbers",
                            known.empty() ? "numbers" : "names"));
  std::vector<double> number;
  for (const auto& name : column.classes) {
    const auto found = std::lower_bound(known.begin(), known.end(), name);
    if (found == known.end() || *found != name)
      target.fail("the training data have no class '" + shortened(name) + "'; they have " +
                  shortened(joined(known), 300));
    number.push_back(static_cast<double>(found - known.begin()));
  }
  if (number.empty()) return;
  for (auto& value : column.values) value = number[static_cast<std::size_t>(value)];
  column.classes = known;
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

std::unique_ptr<Dataset> made(const io::Config& options, const DatasetContext& how) {
  CsvTable table;
  try {
    table = read_csv(options["file"].path());
  } catch (const ConfigError& error) {
    options["file"].fail(error);
  }
  if (table.rows() == 0) options["file"].fail("the table has no rows");
  const auto* training = dynamic_cast<const CsvDataset*>(how.training);
  const auto target = options["target"];
  if (training != nullptr && options["kind"].is("class"))
    for (auto& column : table.columns)
      if (column.name == target.items().front().text()) number_as(*training, target, column);
  const auto targets = chosen(table, target);
  const auto features = options.has("features")
                            ? given_features(table, options["features"], targets)
                            : other_columns(table, options["file"], targets, training);
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
