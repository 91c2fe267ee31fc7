// How groups change once all are known: members that are better computed in another group move there, and neighbours become one.
// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/op.hpp"
#include "ml/passes/fuse_groups.hpp"

#include <algorithm>
#include <set>

namespace r1::ml {

void FuseGroups::find_users(const Graph& graph) {
  const auto nodes = graph.live_nodes();
  for (const auto& output : graph.outputs())
    users_[chain_operand(output.value).base.node].push_back({nullptr, false});
  for (const Node* node : nodes)
    for (const auto& operand : node->operands) {
      const auto o = chain_operand(operand);
      const bool in_chain = group_of(node).has_value();
      users_[o.base.node].push_back({node, in_chain && o.modulus == 0});
    }
}

/// By `others` alone, each element in its place?
bool FuseGroups::is_used_by(const Node* node, const std::unordered_set<const Node*>& others) const {
  const auto found = users_.find(node);
  return found != users_.end() &&
         std::all_of(found->second.begin(), found->second.end(), [&](const User& user) {
           const bool passes_on = user.node != nullptr && user.node->op->name() == "reshape";
           return passes_on || (user.whole && others.count(user.node) > 0);
         });
}

/// Arrays that a chain of these nodes reads and writes.
std::int64_t FuseGroups::traffic(const Members& members) const {
  const std::unordered_set<const Node*> inside(members.begin(), members.end());
  std::vector<Value> read;
  std::int64_t written = 0;
  for (const Node* node : members) {
    for (const auto& operand : node->operands) {
      const auto o = chain_operand(operand);
      if (o.modulus == 0 && inside.count(o.base.node) == 0 &&
          std::find(read.begin(), read.end(), o.base) == read.end())
        read.push_back(o.base);
    }
    if (!is_used_by(node, inside)) ++written;
  }
  return static_cast<std::int64_t>(read.size()) + written;
}

/// Groups that read a value of `from`, other than itself.
std::set<int> FuseGroups::readers_of(int from) const {
  std::set<int> readers;
  for (const Node* node : group(from).members) {
    const auto found = users_.find(node);
    if (found == users_.end()) continue;
    for (const auto& user : found->second) {
      const auto own = user.whole ? group_of(user.node) : std::nullopt;
      if (own && *own != from && group(*own).elements == group(from).elements &&
          group(*own).computes_in == group(from).computes_in)
        readers.insert(*own);
    }
  }
  return readers;
}

/// Readers of the same values become one group first, where they can.
void FuseGroups::move_to_users(int from) {
  const auto readers = readers_of(from);
  for (const int first : readers)
    for (const int second : readers)
      if (first < second && !group(first).members.empty() && !group(second).members.empty())
        try_merge(first, second);
  for (const int to : readers_of(from)) try_move(from, to);
}

/// Members of `from` that nobody but `to` and they themselves need. Nothing leads back: what they need, `to` needed before.
bool FuseGroups::try_move(int from, int to) {
  const auto &a = group(from).members, &b = group(to).members;
  std::unordered_set<const Node*> users(b.begin(), b.end());
  Members moved, left;
  for (auto it = a.rbegin(); it != a.rend(); ++it) {
    const bool moves = is_used_by(*it, users);
    (moves ? moved : left).push_back(*it);
    if (moves) users.insert(*it);
  }
  if (moved.empty() || left.empty()) return false;
  std::reverse(moved.begin(), moved.end());
  std::reverse(left.begin(), left.end());
  auto both = merged(moved, b);
  if (!fits(both) || traffic(left) + traffic(both) >= traffic(a) + traffic(b)) return false;
  for (const Node* node : moved) of_node_[node] = to;
  groups_[static_cast<std::size_t>(from)].members = std::move(left);
  groups_[static_cast<std::size_t>(to)].members = std::move(both);
  return true;
}

/// Groups of which one reads what the other computes.
void FuseGroups::merge_neighbours() {
  for (int group = 0; group < count(); ++group)
    for (const int reader : readers_of(group)) try_merge(group, reader);
}

}  // namespace r1::ml
