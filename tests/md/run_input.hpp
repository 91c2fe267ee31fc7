// For tests of r1md's input: a complete small input, changed where a test wants it, and the faults that come of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/config.hpp"
#include "md/config/run_schema.hpp"

#include <memory>
#include <string>
#include <vector>

namespace r1::test {

inline io::Schema named(const std::string& kind, io::Schema options = io::mapping({})) {
  return io::choice({{kind, "For tests.", std::move(options)}});
}

/// Kinds that stand in for those of the registries.
inline md::RunKinds test_kinds() {
  return {named("nothing"), named("velocity_verlet"), named("none"), named("rdf")};
}

inline std::shared_ptr<io::ConfigDocument> parse_run(const std::string& text) {
  return io::parse_config(text, "input.yaml", md::run_schema(test_kinds()));
}

/// A valid input in `units`, with `more` at its end.
inline std::string small_input(
    const std::string& more = "",
    const std::string& system =
        "{lattice: {type: fcc, constant: 4, repeat: [3, 3, 3], species: Cu}}",
    const std::string& units = "metal", const std::string& run = "[evaluate: {}]") {
  return "r1md: 1\nunits: " + units + "\nsystem: " + system +
         "\npotential: [nothing]\nrun: " + run + "\n" + more + "\n";
}

/// Messages of all faults of a document, joined by lines; "" if there are none.
inline std::string faults_of(io::ConfigDocument& document) {
  try {
    document.check();
  } catch (const ConfigError& error) {
    std::string all;
    for (const auto& fault : error.faults())
      all += std::to_string(fault.line) + ": " + fault.message + '\n';
    return all;
  }
  return "";
}

}  // namespace r1::test
