// SPDX-License-Identifier: Apache-2.0
#include "ml/passes/jvp.hpp"

#include "core/error.hpp"
#include "ml/graph/graph.hpp"
#include "ml/graph/op.hpp"

#include <algorithm>
#include <unordered_map>

namespace r1::ml {
namespace {

class ForwardPass {
 public:
  ForwardPass(const Values& inputs, const Values& tangents) : inputs_(inputs), given_(tangents) {}

  void step(const Node& node) {
    Values tangents;
    for (const auto& operand : node.operands) tangents.push_back(tangent_of(operand));
    if (std::none_of(tangents.begin(), tangents.end(), [](const Value& t) { return bool(t); }))
      return;
    const Scope scope(*node.store, node.store->place_or_name_of(node) + " (tangent)");
    auto results = node.op->jvp(node, tangents);
    R1_ASSERT(results.size() == node.results.size());
    tangents_.emplace(&node, std::move(results));
  }

  Value tangent_of(const Value& value) const {
    const auto input = std::find(inputs_.begin(), inputs_.end(), value);
    if (input != inputs_.end()) return given_[static_cast<std::size_t>(input - inputs_.begin())];
    const auto found = tangents_.find(value.node);
    return found == tangents_.end() ? Value()
                                    : found->second[static_cast<std::size_t>(value.output)];
  }

 private:
  const Values &inputs_, &given_;
  std::unordered_map<const Node*, Values> tangents_;
};

}  // namespace

Values push_forward(const Values& outputs, const Values& inputs, const Values& tangents) {
  R1_ASSERT(inputs.size() == tangents.size());
  ForwardPass pass(inputs, tangents);
  for (const Node* node : nodes_below(outputs)) pass.step(*node);
  Values results;
  for (const auto& output : outputs) results.push_back(pass.tangent_of(output));
  return results;
}

}  // namespace r1::ml
