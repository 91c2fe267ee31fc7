// Standard atomic weights of the elements, abridged to five digits: IUPAC 2021 (Prohaska et al., Pure Appl. Chem. 94, 573
// (2022)). Elements without a stable isotope have none, but for Th, Pa and U.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace r1::md {

/// Weight [u] of the element with this symbol, "Cu".
std::optional<double> standard_atomic_weight(std::string_view symbol);

}  // namespace r1::md
