// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/verify.hpp"

#include "core/error.hpp"
#include "ml/graph/op.hpp"

#include <fmt/format.h>

#include <cassert>
#include <set>
#include <string>
#include <utility>

namespace r1::ml {
namespace {

std::string texts_of(const std::vector<Type>& types) {
  std::string text;
  for (const auto& type : types) text += (text.empty() ? "" : ", ") + type.text();
  return text;
}

class Verifier {
 public:
  explicit Verifier(const Graph& graph) : graph_(graph) {}

  void run() const {
    std::int32_t id = 0;
    for (const Node& node : graph_.store().nodes()) check_node(node, id++);
    std::set<std::string_view> inputs, outputs;
    for (const auto& input : graph_.inputs()) {
      check(inputs.insert(input.name).second, "two inputs are '{}'", input.name);
      check_value(input.value, "input " + input.name);
      check(input.value.node->op->name() == "input", "input '{}' is '{}'", input.name,
            input.value.node->op->name());
    }
    for (const auto& output : graph_.outputs()) {
      check(outputs.insert(output.name).second, "two outputs are '{}'", output.name);
      check_value(output.value, "output " + output.name);
      if (output.updates) check_update(output);
    }
    for (const Node* node : graph_.live_nodes())
      check(node->op->name() != "input" || inputs.count(node->attributes.text("name")) > 0,
            "what is computed reads '{}', which is no input", node->attributes.to_text());
  }

 private:
  template <class... T>
  static void check(bool condition, fmt::format_string<T...> message, T&&... values) {
    if (!condition)
      throw Error("the graph is not sound: " + fmt::format(message, std::forward<T>(values)...));
  }

  std::string text_of(const Node& node) const {
    return fmt::format("node %{} = {}", node.id, graph_.store().place_or_name_of(node));
  }

  void check_value(const Value& value, const std::string& user) const {
    check(bool(value) && value.node->store == &graph_.store(), "{} is no value of it", user);
    check(value.output >= 0 && std::cmp_less(value.output, value.node->results.size()),
          "{} is result {} of {}", user, value.output, text_of(*value.node));
  }

  void check_node(const Node& node, std::int32_t id) const {
    check(node.id == id && node.store == &graph_.store(), "a node in place {} says {}", id,
          node.id);
    std::vector<Type> operands;
    for (const auto& operand : node.operands) {
      check_value(operand, "an operand of " + text_of(node));
      check(operand.node->id < id, "{} comes before its operand %{}", text_of(node),
            operand.node->id);
      operands.push_back(operand.type());
    }
    try {
      const auto results = result_types(*node.op, node.attributes, operands);
      check(results == node.results, "{} is {} and should be {}", text_of(node),
            texts_of(node.results), texts_of(results));
    } catch (Error& error) {
      error.add_context(text_of(node));
      throw;
    }
  }

  void check_update(const Graph::Output& output) const {
    const auto& state = graph_.input_named(output.name);
    check(state.role != Role::data, "'{}' is given anew for each call and updated", output.name);
    check(state.value.type() == output.value.type(), "'{}' is {} and its next value {}",
          output.name, state.value.type().text(), output.value.type().text());
  }

  const Graph& graph_;
};

[[maybe_unused]] bool is_sound(const Graph& graph) {
  verify(graph);
  return true;
}

}  // namespace

void verify(const Graph& graph) { Verifier(graph).run(); }

Graph verified_in_debug(Graph graph) {
  assert(is_sound(graph));
  return graph;
}

}  // namespace r1::ml
