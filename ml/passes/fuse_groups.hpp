// Which nodes are fused with which: groups of pointwise nodes over the same number of elements. A group is computed at once, so no value
// may lead out of it and back into it. Groups grow along the order of the nodes; then what a later group alone needs is moved there,
// where that saves reading and writing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/graph.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace r1::ml {

/// A value as a chain reads it: element i of the chain is element (i / divisor) % modulus of `base`; modulus 0: element i.
struct ChainOperand {
  Value base;
  std::int64_t divisor = 1, modulus = 0;
  friend bool operator==(const ChainOperand&, const ChainOperand&) = default;
};

/// Through reshapes and one broadcast, where that is possible.
ChainOperand chain_operand(Value value);

struct FuseGroup {
  std::vector<const Node*> members;  // in order
  std::int64_t elements = 0;
  Dtype computes_in = Dtype::f32;
};

class FuseGroups {
 public:
  explicit FuseGroups(const Graph& graph);
  /// Of a node; none: it is on its own.
  std::optional<int> group_of(const Node* node) const;
  const FuseGroup& group(int k) const { return groups_[static_cast<std::size_t>(k)]; }
  int count() const { return static_cast<int>(groups_.size()); }

 private:
  using Members = std::vector<const Node*>;
  struct User {
    const Node* node;
    bool whole;  // reads each element once, in its place
  };
  static Members merged(const Members& a, const Members& b);
  void grow(const Graph& graph);
  void find_users(const Graph& graph);
  std::set<int> readers_of(int from) const;
  void move_to_users(int from);
  bool try_move(int from, int to);
  void merge_neighbours();
  std::int64_t traffic(const Members& members) const;
  bool is_used_by(const Node* node, const std::unordered_set<const Node*>& others) const;
  bool try_join(const Node* node, int group);
  bool try_merge(int into, int from);
  bool fits(const Members& members) const;
  std::int32_t floor_of(std::int32_t lowest) const;
  bool leads_to(const Node* from, int group, int other) const;
  bool leads_back(const Members& members, int group, int other) const;

  std::vector<FuseGroup> groups_;
  std::unordered_map<const Node*, int> of_node_;
  std::unordered_map<const Node*, std::vector<User>> users_;  // through reshapes; null: an output
};

}  // namespace r1::ml
