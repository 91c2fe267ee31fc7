// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/graph.hpp"

#include "core/error.hpp"
#include "ml/graph/op.hpp"
#include "ml/graph/shape_error.hpp"
#include "ml/ops/leaves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace r1::ml {
namespace {

template <class Items>
auto find_named(Items& items, std::string_view name) {
  return std::find_if(items.begin(), items.end(),
                      [name](const auto& item) { return item.name == name; });
}

template <class Items>
auto& named(Items& items, std::string_view name, const char* what) {
  const auto found = find_named(items, name);
  if (found == items.end()) throw Error(fmt::format("the graph has no {} '{}'", what, name));
  return *found;
}

template <class Items>
void refuse_second(const Items& items, std::string_view name, const char* what) {
  if (find_named(items, name) != items.end())
    throw Error(fmt::format("the graph has two {}s '{}'", what, name));
}

using Numbers = std::unordered_map<const Node*, std::size_t>;

std::string reference(const Value& value, const Numbers& numbers) {
  auto text = fmt::format("%{}", numbers.at(value.node));
  if (value.node->results.size() > 1) text += fmt::format(".{}", value.output);
  return text;
}

}  // namespace

Value Graph::input(const std::string& name, Type type, Role role) {
  refuse_second(inputs_, name, "input");
  const Value value = input_leaf(*store_, name, std::move(type));
  inputs_.push_back({name, role, value});
  return value;
}

void Graph::output(const std::string& name, const Value& value) {
  R1_ASSERT(value.node->store == store_.get());
  refuse_second(outputs_, name, "output");
  outputs_.push_back({name, value});
}

void Graph::update(const std::string& name, const Value& next) {
  const auto& state = input_named(name);
  if (state.role == Role::data)
    throw Error(fmt::format("input '{}' is given anew for each call: it has no next value", name));
  require(next.type() == state.value.type(), "the next value of '{}' is {}, and it is {}", name,
          next.type().text(), state.value.type().text());
  refuse_second(outputs_, name, "output");
  outputs_.push_back({name, next, true});
}

const Graph::Input& Graph::input_named(std::string_view name) const {
  return named(inputs_, name, "input");
}

const Graph::Output& Graph::output_named(std::string_view name) const {
  return named(outputs_, name, "output");
}

std::vector<const Node*> Graph::live_nodes() const {
  Values values;
  for (const auto& output : outputs_) values.push_back(output.value);
  return nodes_below(values);
}

std::vector<const Node*> nodes_below(const Values& values) {
  std::unordered_set<const Node*> seen;
  std::vector<const Node*> nodes;
  const auto visit = [&](const Value& value) {
    if (value && seen.insert(value.node).second) nodes.push_back(value.node);
  };
  for (const auto& value : values) visit(value);
  for (std::size_t k = 0; k < nodes.size(); ++k)  // grows meanwhile
    for (const auto& operand : std::vector(nodes[k]->operands)) visit(operand);
  std::sort(nodes.begin(), nodes.end(), [](auto* a, auto* b) { return a->id < b->id; });
  return nodes;
}

std::string types_text(const Node& node) {
  std::string text;
  for (const auto& type : node.results) text += (text.empty() ? "" : ", ") + type.text();
  return text;
}

std::string_view name_of(Role role) {
  if (role == Role::data) return "data";
  return role == Role::parameter ? "parameter" : "state";
}

std::string dump(const Graph& graph) {
  Values values;
  for (const auto& output : graph.outputs()) values.push_back(output.value);
  for (const auto& input : graph.inputs()) values.push_back(input.value);
  Numbers numbers;
  std::string text;
  for (const Node* node : nodes_below(values)) {
    text += fmt::format("%{} = {}", numbers.size(), node->op->name());
    numbers.emplace(node, numbers.size());
    for (const auto& operand : node->operands) text += ' ' + reference(operand, numbers);
    if (const auto attributes = node->attributes.to_text(); !attributes.empty())
      text += " {" + attributes + '}';
    text += " : " + types_text(*node);
    if (const auto& place = graph.store().place_of(*node); !place.empty())
      text += "  # " + escaped(place);
    text += '\n';
  }
  for (const auto& input : graph.inputs())
    text += fmt::format("{} \"{}\" = {}\n", name_of(input.role), escaped(input.name),
                        reference(input.value, numbers));
  for (const auto& output : graph.outputs())
    text += fmt::format("{} \"{}\" = {}\n", output.updates ? "update" : "output",
                        escaped(output.name), reference(output.value, numbers));
  return text;
}

}  // namespace r1::ml
