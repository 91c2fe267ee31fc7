// A model while it is traced: layers ask it for parameters, random numbers and the mode; it knows where in the model they are.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/graph.hpp"
#include "ml/ops/random.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace r1::ml {

/// How a parameter or a state begins.
struct Initial {
  enum class Kind : std::uint8_t { constant, uniform, normal } kind = Kind::constant;
  double scale = 0;  // the value; half the width around 0; the standard deviation
};

/// Does weight decay pull at it? Matrices and kernels, yes; biases and scales, no.
enum class Decay : std::uint8_t { no, yes };

struct Parameter {
  std::string name;  // path in the model: "3.weight"; also that of the graph's input
  Type type;
  Initial initial;
  Decay decay;
};

/// What a layer keeps from step to step and no gradient reaches, such as a running mean.
struct ModelState {
  std::string name;  // path in the model: "3.running_mean"; also that of the graph's input
  Type type;
  Initial initial;
};

enum class Mode : std::uint8_t { training, evaluation };

class ParameterLayout;  // ml/layers/parameter_layout.hpp

class ModelTrace {
 public:
  /// `key`: what random layers depend on; needed in training alone.
  ModelTrace(Graph& graph, Mode mode, RandomKey key = {}) : graph_(graph), mode_(mode), key_(key) {}
  /// Parameters are parts of the flat buffers of `layout`, which become inputs of the graph.
  ModelTrace(Graph& graph, Mode mode, RandomKey key, const ParameterLayout& layout);

  /// An input of the graph of role parameter, or a part of one, named by the present place and `name`.
  Value parameter(const std::string& name, const Type& type, Initial initial, Decay decay);
  /// An input of the graph of role state, named by the present place and `name`.
  Value state(const std::string& name, const Type& type, Initial initial);
  /// In training: `value` is what the state `name` of the present place becomes, if the step is a good one. Whoever makes the graph of
  /// a step makes the update.
  void next(const std::string& name, const Value& value);
  /// Booleans (N, extents...), true with `probability`; other ones at each place, step and sample.
  Value random_choice(const Integers& extents, double probability) const;

  Graph& graph() { return graph_; }
  Mode mode() const { return mode_; }
  /// What layers compute in whose input is no floating number, such as tokens; fp32 unless said otherwise.
  Dtype dtype() const { return dtype_; }
  void compute_in(Dtype dtype) { dtype_ = dtype; }
  /// From now on the inputs of states have names that begin with `prefix`.
  void prefix_states(std::string prefix) { state_prefix_ = std::move(prefix); }
  const std::vector<Parameter>& parameters() const { return parameters_; }
  /// Of parameters(), in their order.
  const Values& values() const { return values_; }
  const std::vector<ModelState>& states() const { return states_; }
  /// Of states(), in their order; no value where one stays as it is.
  const Values& next_states() const { return next_states_; }

  /// While it lives, layers are one level deeper: "3" / "attention".
  class Place {
   public:
    Place(ModelTrace& trace, const std::string& name, const std::string& kind);
    ~Place() { trace_.path_.resize(length_); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    ModelTrace& trace_;
    std::size_t length_;  // of the path outside
    Scope scope_;
  };

 private:
  Graph& graph_;
  Mode mode_;
  RandomKey key_;
  Dtype dtype_ = Dtype::f32;
  std::string path_;  // "3.attention."
  std::vector<Parameter> parameters_;
  Values values_;
  std::string state_prefix_;
  std::vector<ModelState> states_;
  Values next_states_;
  const ParameterLayout* layout_ = nullptr;
  Values buffers_;  // of the layout
};

/// Values at the start: a function of the seed, the name and the element's place, so the same on any number of ranks.
std::vector<double> initial_values(const Parameter& parameter, std::uint64_t seed);
std::vector<double> initial_values(const ModelState& state, std::uint64_t seed);

}  // namespace r1::ml
