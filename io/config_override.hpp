// `--set a.b[0].c=yaml`: changes a YAML tree before it is checked.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/config.hpp"
#include "io/yaml.hpp"

#include <vector>

namespace r1::io {

/// Writes the override's value into `root`; keys on the way that are absent are made, and left to the check to know. An index
/// may name an item or the place after the last. A word that chooses a kind ("thermostat: langevin") opens into that kind's
/// options. Faults name the option as their place.
void apply_override(YamlNode& root, const Override& change, std::vector<YamlFault>& faults);

}  // namespace r1::io
