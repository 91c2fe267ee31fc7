// Writes checked values as YAML that loads again to the same values: bare numbers in the style's unit with the fewest digits that
// round-trip, paths absolute, kinds with all their options.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/config_node.hpp"

#include <string>

namespace r1::io {

/// A mapping as a block, one value a line.
std::string block_yaml(const ConfigNode& root, ConfigDocument::Origins origins);

/// Every value below the root by its path.
std::vector<ConfigDocument::Value> flat_values(const ConfigNode& root);

/// Any value on one line: "{fire: {max_steps: 10}}".
std::string inline_yaml(const ConfigNode& node);

}  // namespace r1::io
