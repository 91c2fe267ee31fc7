// SPDX-License-Identifier: Apache-2.0
#include "ml/passes/fuse_groups.hpp"

#include "ml/graph/op.hpp"
#include "ml/ops/leaves.hpp"
#include "ml/runtime/tile_machine.hpp"

#include <algorithm>
#include <set>
#include <unordered_set>

namespace r1::ml {
namespace {

bool is(const Value& value, std::string_view op) { return value.node->op->name() == op; }

/// How a broadcast repeats the elements of its operand: only where its new axes are together at one end, or at both.
std::optional<ChainOperand> repeated(const Node& node) {
  const auto& axes = node.attributes.integers("axes");
  const Shape& shape = node.result().shape();
  const auto is_new = [&](int axis) { return std::binary_search(axes.begin(), axes.end(), axis); };
  std::int64_t inner = 1, kept = 1;
  int axis = shape.rank() - 1;
  for (; axis >= 0 && (is_new(axis) || shape[axis] == 1); --axis) inner *= shape[axis];
  for (; axis >= 0 && (!is_new(axis) || shape[axis] == 1); --axis) kept *= shape[axis];
  for (; axis >= 0; --axis)
    if (!is_new(axis) && shape[axis] != 1) return std::nullopt;
  if (kept == shape.elements()) return ChainOperand{node.operands[0]};
  return ChainOperand{node.operands[0], inner, kept};
}

/// What a node's chain computes in; none: it cannot be part of one.
std::optional<Dtype> arithmetic_of(const Node& node) {
  if (!node.op->is_pointwise() || node.results.size() != 1) return std::nullopt;
  const auto real = [](Dtype dtype) { return dtype == Dtype::f32 || dtype == Dtype::f64; };
  const Dtype result = node.result().dtype();
  if (node.op->name() == "cast") {
    // In a register a number stays what it is: so to wider reals alone.
    const Dtype from = node.operands[0].dtype();
    const bool whole = from == Dtype::boolean || from == Dtype::u8;
    return real(result) && whole ? std::optional(result) : std::nullopt;
  }
  std::optional<Dtype> dtype;
  for (const auto& operand : node.operands)
    if (operand.dtype() != Dtype::boolean) dtype = operand.dtype();
  if (!dtype) return std::nullopt;  // of booleans alone
  return real(*dtype) ? dtype : std::nullopt;
}

}  // namespace

ChainOperand chain_operand(Value value) {
  const auto skip_reshapes = [](Value v) {
    while (is(v, "reshape")) v = v.node->operands[0];
    return v;
  };
  value = skip_reshapes(value);
  if (!is(value, "broadcast")) return {value};
  auto found = repeated(*value.node);
  if (!found) return {value};
  found->base = skip_reshapes(found->base);
  return *found;
}

FuseGroups::Members FuseGroups::merged(const Members& a, const Members& b) {
  Members both;
  std::merge(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both),
             [](const Node* x, const Node* y) { return x->id < y->id; });
  return both;
}

std::optional<int> FuseGroups::group_of(const Node* node) const {
  const auto found = of_node_.find(node);
  return found == of_node_.end() ? std::nullopt : std::optional(found->second);
}

FuseGroups::FuseGroups(const Graph& graph) {
  grow(graph);
  find_users(graph);
  for (int group = 0; group < count(); ++group) move_to_users(group);
  merge_neighbours();
}

void FuseGroups::grow(const Graph& graph) {
  for (const Node* node : graph.live_nodes()) {
    const auto arithmetic = arithmetic_of(*node);
    const auto elements = arithmetic ? node->result().shape().elements() : 0;
    if (elements == 0) continue;
    std::set<int, std::greater<>> near;  // groups of operands, the latest first
    for (const auto& operand : node->operands) {
      const auto o = chain_operand(operand);
      const auto group = o.modulus == 0 ? group_of(o.base.node) : std::nullopt;
      if (group && groups_[static_cast<std::size_t>(*group)].elements == elements &&
          groups_[static_cast<std::size_t>(*group)].computes_in == *arithmetic)
        near.insert(*group);
    }
    int own = -1;
    for (const int group : near) {
      if (own < 0 && try_join(node, group))
        own = group;
      else if (own >= 0)
        try_merge(own, group);
    }
    if (own >= 0) continue;
    of_node_[node] = count();
    groups_.push_back({{node}, elements, *arithmetic});
  }
}

/// Registers: operands, constants and instructions.
bool FuseGroups::fits(const std::vector<const Node*>& members) const {
  const std::unordered_set<const Node*> inside(members.begin(), members.end());
  std::vector<ChainOperand> outside;
  for (const Node* node : members)
    for (const auto& operand : node->operands) {
      const auto o = chain_operand(operand);
      const bool own = o.modulus == 0 && inside.count(o.base.node) > 0;
      if (!own && std::find(outside.begin(), outside.end(), o) == outside.end())
        outside.push_back(o);
    }
  return static_cast<int>(outside.size() + members.size()) < TileProgram::kMostRegisters;
}

/// Nodes below this number need no member of a group that reaches up to `lowest` or further.
std::int32_t FuseGroups::floor_of(std::int32_t lowest) const {
  auto floor = lowest;
  for (const auto& group : groups_)
    if (!group.members.empty() && group.members.back()->id >= lowest)
      floor = std::min(floor, group.members.front()->id);
  return floor;
}

/// Does computing `from` need a value of one of the two groups?
bool FuseGroups::leads_to(const Node* from, int group, int other) const {
  const auto first = [this](int k) { return this->group(k).members.front()->id; };
  const auto floor = floor_of(std::min(first(group), first(other)));
  std::vector<bool> seen(from->store->nodes().size());
  std::vector<const Node*> waiting{from};
  while (!waiting.empty()) {
    const Node* node = waiting.back();
    waiting.pop_back();
    const auto id = static_cast<std::size_t>(node->id);
    if (node->id < floor || seen[id]) continue;
    seen[id] = true;
    const auto own = group_of(node);
    if (own && (*own == group || *own == other)) return true;
    if (own)  // a group is computed at once
      for (const Node* member : this->group(*own).members) waiting.push_back(member);
    for (const auto& operand : node->operands) waiting.push_back(operand.node);
  }
  return false;
}

/// Does an operand of `members` from outside of both groups need one of them?
bool FuseGroups::leads_back(const std::vector<const Node*>& members, int group, int other) const {
  for (const Node* node : members)
    for (const auto& operand : node->operands) {
      const auto o = chain_operand(operand);
      const auto own = group_of(o.base.node);
      const bool inside = own && (*own == group || *own == other);
      // A value of the group that is repeated is read after all of it is there.
      if (inside && o.modulus != 0) return true;
      if (!inside && leads_to(o.base.node, group, other)) return true;
    }
  return false;
}

bool FuseGroups::try_join(const Node* node, int group) {
  auto& members = groups_[static_cast<std::size_t>(group)].members;
  if (leads_back({node}, group, group)) return false;
  members.push_back(node);
  if (!fits(members)) {
    members.pop_back();
    return false;
  }
  of_node_[node] = group;
  return true;
}

bool FuseGroups::try_merge(int into, int from) {
  auto &a = groups_[static_cast<std::size_t>(into)].members,
       &b = groups_[static_cast<std::size_t>(from)].members;
  auto both = merged(a, b);
  if (!fits(both) || leads_back(a, into, from) || leads_back(b, into, from)) return false;
  for (const Node* node : b) of_node_[node] = into;
  a = std::move(both);
  b.clear();
  return true;
}

}  // namespace r1::ml
