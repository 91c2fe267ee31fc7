// SPDX-License-Identifier: Apache-2.0
#include "md/checkpoint/saved_values.hpp"

#include "core/error.hpp"

#include <cmath>

namespace r1::md {

void refuse_saved(const std::string& of, const std::string& found, const std::string& expected) {
  throw CheckpointError("the checkpoint cannot be used: " + of + " is " + found + ", expected " +
                        expected + "; it was written by another version or program");
}

std::int64_t saved_count(double value, const std::string& of) {
  if (!(value >= 0 && value <= static_cast<double>(kMostSaved)) || value != std::floor(value))
    refuse_saved(of, std::to_string(value), "a whole number from 0 to 2^53");
  return static_cast<std::int64_t>(value);
}

void require_finite(std::span<const double> values, const std::string& of) {
  for (const double value : values)
    if (!std::isfinite(value)) refuse_saved(of, std::to_string(value), "a finite number");
}

std::int64_t read_between(const io::CheckpointReader& reader, const std::string& name,
                          std::int64_t low, std::int64_t high) {
  const auto value = reader.read_one<std::int64_t>(name);
  if (value < low || value > high)
    refuse_saved("'" + name + "'", std::to_string(value),
                 "a number from " + std::to_string(low) + " to " + std::to_string(high));
  return value;
}

double read_finite(const io::CheckpointReader& reader, const std::string& name) {
  const auto value = reader.read_one<double>(name);
  require_finite(std::span(&value, 1), "'" + name + "'");
  return value;
}

}  // namespace r1::md
