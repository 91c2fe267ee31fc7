// SPDX-License-Identifier: Apache-2.0
#include "ml/layers/model_trace.hpp"

#include "core/error.hpp"
#include "core/random.hpp"
#include "ml/graph/shape_error.hpp"
#include "ml/layers/parameter_layout.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/ops/slice.hpp"

#include <algorithm>

namespace r1::ml {
namespace {

std::vector<double> values_at_start(const std::string& name, const Type& type,
                                    const Initial& initial, std::uint64_t seed) {
  const auto count = static_cast<std::size_t>(type.shape.elements());
  std::vector<double> values(count, initial.scale);
  if (initial.kind == Initial::Kind::constant) return values;
  const TensorRandom random(seed, static_cast<std::uint64_t>(stream_of(name)));
  for (std::size_t pair = 0; 2 * pair < count; ++pair) {
    const auto bits = random.block(0, 0, static_cast<std::uint32_t>(pair));
    auto draws = initial.kind == Initial::Kind::normal ? normal_pair(bits) : uniform_pair(bits);
    if (initial.kind == Initial::Kind::uniform) draws = {2 * draws[0] - 1, 2 * draws[1] - 1};
    for (std::size_t k = 0; k < 2 && 2 * pair + k < count; ++k)
      values[2 * pair + k] = initial.scale * draws[k];
  }
  return values;
}

}  // namespace

ModelTrace::ModelTrace(Graph& graph, Mode mode, RandomKey key, const ParameterLayout& layout)
    : graph_(graph), mode_(mode), key_(key), layout_(&layout) {
  for (const auto& buffer : layout.buffers())
    buffers_.push_back(graph.input(buffer.name, buffer.type, Role::parameter));
}

Value ModelTrace::parameter(const std::string& name, const Type& type, Initial initial,
                            Decay decay) {
  const auto path = path_ + name;
  parameters_.push_back({path, type, initial, decay});
  if (layout_ == nullptr) {
    values_.push_back(graph_.input(path, type, Role::parameter));
  } else {
    const auto place = layout_->place_of(path);
    const auto end = place.offset + type.shape.elements();
    values_.push_back(
        reshape(slice_axis(buffers_[place.buffer], 0, place.offset, end), type.shape));
  }
  return values_.back();
}

Value ModelTrace::state(const std::string& name, const Type& type, Initial initial) {
  states_.push_back({path_ + name, type, initial});
  next_states_.emplace_back();
  return graph_.input(state_prefix_ + states_.back().name, type, Role::state);
}

void ModelTrace::next(const std::string& name, const Value& value) {
  const auto found = std::find_if(states_.begin(), states_.end(),
                                  [&](const auto& state) { return state.name == path_ + name; });
  R1_ASSERT(found != states_.end() && mode_ == Mode::training);
  next_states_[static_cast<std::size_t>(found - states_.begin())] = value;
}

Value ModelTrace::random_choice(const Integers& extents, double probability) const {
  require(bool(key_.samples), "a model that draws random numbers needs a seed, a step and samples");
  return ml::random_choice(key_, stream_of(path_), extents, probability);
}

ModelTrace::Place::Place(ModelTrace& trace, const std::string& name, const std::string& kind)
    : trace_(trace),
      length_(trace.path_.size()),
      scope_(trace.graph_.store(), kind.empty() ? name : name + " (" + kind + ")") {
  trace.path_ += name + '.';
}

std::vector<double> initial_values(const Parameter& parameter, std::uint64_t seed) {
  return values_at_start(parameter.name, parameter.type, parameter.initial, seed);
}
std::vector<double> initial_values(const ModelState& state, std::uint64_t seed) {
  return values_at_start(state.name, state.type, state.initial, seed);
}

}  // namespace r1::ml
