// Values of a checkpoint that must make sense before anything is computed from them: a digest finds damage, not a file that another
// program has made. What does not fit is a CheckpointError that names the value.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/checkpoint.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace r1::md {

[[noreturn]] void refuse_saved(const std::string& of, const std::string& found,
                               const std::string& expected);

/// A count that is kept among real numbers: a whole number from 0 to 2^53.
std::int64_t saved_count(double value, const std::string& of);
/// Every number is finite.
void require_finite(std::span<const double> values, const std::string& of);

/// The only number of an array, from `low` to `high`.
std::int64_t read_between(const io::CheckpointReader& reader, const std::string& name,
                          std::int64_t low, std::int64_t high);
/// The only number of an array, finite.
double read_finite(const io::CheckpointReader& reader, const std::string& name);

/// Steps and ids are below it: what counts in real numbers is exact.
inline constexpr std::int64_t kMostSaved = std::int64_t{1} << 53;

}  // namespace r1::md
