// The input language: a Schema describes what a mapping may hold, once; parser, --help, docs/config.md and the JSON Schema are
// made from it. load() turns a YAML file into a Config tree that is checked, completed with defaults and in internal units.
// All faults of a file are reported together. No Kokkos here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.hpp"
#include "core/units.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace r1::io {

struct Key;
struct SchemaNode;

/// What a value may be. A cheap immutable value; built by the free functions below.
class Schema {
 public:
  explicit Schema(std::shared_ptr<const SchemaNode> node) : node_(std::move(node)) {}
  const SchemaNode& node() const { return *node_; }

  Schema min(double bound) const;    // numbers: value >= bound (in the file's units)
  Schema max(double bound) const;    // value <= bound
  Schema above(double bound) const;  // value > bound

 private:
  std::shared_ptr<const SchemaNode> node_;
};

/// A unit is accepted and converted; a bare number is in the style's unit.
Schema real(Quantity quantity = Quantity::number);
Schema integer();
Schema boolean();
Schema text();
/// Relative to the YAML file; Config::path() is resolved.
Schema path();
Schema word(std::vector<std::string> words);
/// max_size < 0: no bound.
Schema list(Schema element, int min_size = 0, int max_size = -1);
/// A lone value counts as a list of one.
Schema list_or_one(Schema element);
Schema mapping(std::vector<Key> keys);
/// A scalar x (or a list, if the key takes one) stands for {shorthand: x}.
Schema mapping(std::vector<Key> keys, std::string shorthand);
/// The first that fits.
Schema any_of(std::vector<Schema> alternatives);

/// One key of a mapping. `later` names values (or, if it holds "*", every value but the default) whose feature is not built:
/// they are refused by name, never ignored.
struct Key {
  std::string name;
  Schema schema;
  std::string sentence;  // documentation: one sentence, with a full stop
  bool required = false;
  std::optional<std::string> fallback;  // the default, as YAML: "2.5", "[true, true]"; none: absent
  std::vector<std::string> later;
  std::string later_feature;  // "mixed precision": "... is not available (mixed precision)"

  Key(std::string name, Schema schema, std::string sentence);
  Key required_() const;
  Key or_(std::string yaml) const;  // sets the default
  Key refused(std::vector<std::string> values, std::string feature) const;
};

/// One of several kinds: a bare word chooses the kind with its defaults, a mapping with one key gives its options.
struct ChoiceKind {
  std::string name;
  std::string sentence;
  Schema options = mapping({});
};
Schema choice(std::vector<ChoiceKind> kinds);

/// Rules between keys of one mapping.
enum class Rule { exactly_one, at_most_one };
Schema with_rule(const Schema& mapping, Rule rule, std::vector<std::string> keys);

/// Where a value came from.
enum class Origin { file, command_line, fallback };

struct ConfigNode;
class ConfigDocument;

/// A checked value and its place in the file. Cheap to copy; keeps its document alive.
/// Reading it as something that its schema does not say is an internal error (assertion), not the user's.
class Config {
 public:
  Config() = default;
  Config(std::shared_ptr<ConfigDocument> document, const ConfigNode* node)
      : document_(std::move(document)), node_(node) {}

  // mappings
  bool has(std::string_view key) const;
  Config operator[](std::string_view key) const;  // assertion if absent
  std::vector<std::string> keys() const;

  // scalars
  double real() const;  // in the style's units
  std::int64_t integer() const;
  bool boolean() const;
  const std::string& text() const;       // text and words
  std::filesystem::path path() const;    // resolved against the YAML file's folder
  bool is(std::string_view word) const;  // text() == word; for any_of(word, ...) false if not text

  // lists and choices
  std::vector<Config> items() const;
  std::vector<double> reals() const;
  const std::string& kind() const;  // of a choice
  Config options() const;           // of a choice: its mapping

  /// Which alternative of an any_of matched, from 0.
  int alternative() const;

  Origin origin() const;
  /// Records a fault at this value ("input.yaml:14:7: error: message" with the line); ConfigDocument::check() throws them all.
  void fault(std::string message) const;
  /// Records the fault and throws everything that was found so far.
  [[noreturn]] void fail(std::string message) const;
  /// The same with the faults of a file that this value names: one of the file as a whole (it is missing, say) is this value's,
  /// at its place; the others keep theirs.
  void fault(const ConfigError& of_its_file) const;
  [[noreturn]] void fail(const ConfigError& of_its_file) const;

  const std::shared_ptr<ConfigDocument>& document() const { return document_; }

 private:
  std::shared_ptr<ConfigDocument> document_;
  const ConfigNode* node_ = nullptr;
};

/// One `--set a.b=c`, or `run[0].dynamics.steps=10`: lists are indexed from 0.
struct Override {
  std::string path;
  std::string yaml;
};

/// A loaded file: the root, the faults found so far, the style its bare numbers are in.
class ConfigDocument : public std::enable_shared_from_this<ConfigDocument> {
 public:
  virtual ~ConfigDocument() = default;
  virtual Config root() = 0;
  virtual UnitStyle style() const = 0;
  virtual std::filesystem::path file() const = 0;
  virtual void add_fault(Diagnostic fault) = 0;
  virtual std::size_t faults() const = 0;
  /// Throws ConfigError with every fault in file order, if there is any.
  virtual void check() = 0;
  /// Every value used, as YAML; with `origins`, each line ends in "# file", "# --set" or "# default".
  enum class Origins { hidden, shown };
  virtual std::string print(Origins origins) const = 0;
  /// The same values one by one: their paths ("run[0].dynamics.steps") and their YAML.
  struct Value {
    std::string path, yaml;
    std::filesystem::path file;  // of a path
  };
  virtual std::vector<Value> values() const = 0;
};

/// Parses and checks `text` (named `file` in messages). The root schema is a mapping; the value of its key `units` (lj, metal,
/// real), if it has one, sets the style of bare numbers. Faults are collected in the document: call check().
std::shared_ptr<ConfigDocument> parse_config(std::string text, std::filesystem::path file,
                                             const Schema& root,
                                             const std::vector<Override>& overrides = {});
/// The same from a file; IoError-free: a missing or unreadable file is a ConfigError.
std::shared_ptr<ConfigDocument> load_config(const std::filesystem::path& file, const Schema& root,
                                            const std::vector<Override>& overrides = {});

/// docs/config.md's section for `root`, and the JSON Schema (draft 7) for editors. Pure functions of the schema.
std::string config_markdown(const Schema& root, std::string_view title);
std::string config_json_schema(const Schema& root, std::string_view title);

}  // namespace r1::io
