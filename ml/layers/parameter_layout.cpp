// SPDX-License-Identifier: Apache-2.0
#include "ml/layers/parameter_layout.hpp"

#include "core/error.hpp"
#include "ml/ops/concat.hpp"
#include "ml/ops/leaves.hpp"
#include "ml/ops/reshape.hpp"

#include <algorithm>

namespace r1::ml {
namespace {

std::int64_t aligned(std::int64_t elements) {
  constexpr auto kAlignment = ParameterLayout::kAlignment;
  return (elements + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace

ParameterLayout::ParameterLayout(std::vector<Parameter> parameters)
    : parameters_(std::move(parameters)) {
  for (const Decay decay : {Decay::yes, Decay::no}) {
    std::int64_t elements = 0;
    for (const auto& p : parameters_) {
      if (p.decay != decay) continue;
      R1_ASSERT(p.type.dtype == parameters_.front().type.dtype);
      places_[p.name] = {buffers_.size(), elements};
      elements += aligned(p.type.shape.elements());
    }
    if (elements == 0) continue;
    const auto* name = decay == Decay::yes ? "parameters.decayed" : "parameters.plain";
    buffers_.push_back({name, {parameters_.front().type.dtype, {elements}}, {}, decay});
  }
}

ParameterLayout::Place ParameterLayout::place_of(const std::string& parameter) const {
  const auto found = places_.find(parameter);
  R1_ASSERT(found != places_.end());
  return found->second;
}

std::int64_t ParameterLayout::elements() const {
  std::int64_t sum = 0;
  for (const auto& p : parameters_) sum += p.type.shape.elements();
  return sum;
}

std::vector<float> ParameterLayout::initial(std::size_t buffer, std::uint64_t seed) const {
  std::vector<float> values(static_cast<std::size_t>(buffers_[buffer].type.shape.elements()));
  for (const auto& p : parameters_) {
    const auto place = place_of(p.name);
    if (place.buffer != buffer) continue;
    const auto own = initial_values(p, seed);
    std::transform(own.begin(), own.end(), values.begin() + place.offset,
                   [](double value) { return static_cast<float>(value); });
  }
  return values;
}

Values ParameterLayout::flat(const Values& of_parameters) const {
  std::vector<Values> parts(buffers_.size());
  for (std::size_t k = 0; k < parameters_.size(); ++k) {
    const Value& value = of_parameters[k];
    const auto elements = value.shape().elements();
    auto& buffer = parts[place_of(parameters_[k].name).buffer];
    buffer.push_back(reshape(value, {elements}));
    if (const auto gap = aligned(elements) - elements; gap > 0)
      buffer.push_back(constant(*value.node->store, 0.0, value.type().with(Shape{gap})));
  }
  Values flat;
  for (const auto& buffer : parts) flat.push_back(concat(buffer, 0));
  return flat;
}

}  // namespace r1::ml
