// A registry: the kinds of one thing (potentials, integrators, thermostats, observables, layers) by name. It is a value, filled
// by an explicit list of add_...() functions in the thing's all.cpp: linkers drop self-registering objects of static libraries.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/config.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace r1::io {

/// T: what is made. Context: what a factory needs beside its options (species, units, communicator, ...).
template <class T, class Context>
class Registry {
 public:
  using Factory = std::function<std::unique_ptr<T>(const Config& options, const Context& context)>;
  struct Entry {
    std::string name;
    std::string sentence;  // documentation
    Schema options;
    Factory make;
    std::string
        example;  // options as YAML, "{cutoff: 2.5, ...}": suites that walk the registry run it
  };

  void add(std::string name, std::string sentence, Schema options, Factory make,
           std::string example = "{}") {
    entries_.push_back({std::move(name), std::move(sentence), std::move(options), std::move(make),
                        std::move(example)});
  }
  const std::vector<Entry>& entries() const { return entries_; }

  /// The schema of a value that chooses one of the entries.
  Schema schema() const {
    std::vector<ChoiceKind> kinds;
    for (const auto& entry : entries_) kinds.push_back({entry.name, entry.sentence, entry.options});
    return choice(std::move(kinds));
  }
  /// Makes what `chosen`, a value checked against schema(), asks for.
  std::unique_ptr<T> make(const Config& chosen, const Context& context) const {
    for (const auto& entry : entries_)
      if (entry.name == chosen.kind()) return entry.make(chosen.options(), context);
    assertion_failed("a checked choice names a registered kind", SourceLocation::here());
  }

 private:
  std::vector<Entry> entries_;
};

}  // namespace r1::io
