// A graph: a pure function with named inputs and outputs. What a program keeps between calls (parameters, moments, statistics) is an
// input of role `state` whose next value is an output that updates it; a plan then computes in place.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/node_store.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace r1::ml {

enum class Role : std::uint8_t {
  data,       // given anew for each call
  parameter,  // state that an optimizer updates
  state       // other state: moments, running statistics, counters
};

/// "data", "parameter", "state".
std::string_view name_of(Role role);

class Graph {
 public:
  struct Input {
    std::string name;
    Role role;
    Value value;
  };
  struct Output {
    std::string name;  // of an update: that of the input
    Value value;
    bool updates = false;  // the next value of the state input of this name
  };

  Graph() : store_(std::make_unique<NodeStore>()) {}

  /// Names are unique among the inputs: Error otherwise.
  Value input(const std::string& name, Type type, Role role = Role::data);
  /// Names are unique among the outputs.
  void output(const std::string& name, const Value& value);
  /// `next` replaces the state input `name` after each call. Types agree.
  void update(const std::string& name, const Value& next);

  const std::vector<Input>& inputs() const { return inputs_; }
  const std::vector<Output>& outputs() const { return outputs_; }
  /// Throw Error if there is none of this name.
  const Input& input_named(std::string_view name) const;
  const Output& output_named(std::string_view name) const;

  NodeStore& store() { return *store_; }
  const NodeStore& store() const { return *store_; }
  /// Nodes that the outputs need, in topological order.
  std::vector<const Node*> live_nodes() const;

 private:
  std::unique_ptr<NodeStore> store_;
  std::vector<Input> inputs_;
  std::vector<Output> outputs_;
};

/// Nodes that `values` need, in topological order, themselves included.
std::vector<const Node*> nodes_below(const Values& values);

/// One line a node that outputs need, and an input, in order: "%7 = add %3 %5 : f32(64, 10)  # layer 2 / linear"; then inputs and outputs by
/// name. ml/graph/parse.hpp reads it.
std::string dump(const Graph& graph);
/// "f32(64, 10), i32(64,)".
std::string types_text(const Node& node);

}  // namespace r1::ml
