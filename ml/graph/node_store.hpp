// Where the nodes of a graph live: interned, at addresses that do not change, in topological order. Names of places in the model
// are a side table: they are for messages and never tell nodes apart.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

namespace r1::ml {

class NodeStore {
 public:
  NodeStore() = default;
  NodeStore(const NodeStore&) = delete;
  NodeStore& operator=(const NodeStore&) = delete;

  /// The node with these, new or found.
  const Node& intern(const Op& op, Attributes attributes, const Values& operands);
  const std::deque<Node>& nodes() const { return nodes_; }

  /// Where in the model `node` was made first: "blocks.3 / attention"; may be empty.
  const std::string& place_of(const Node& node) const;
  /// The same, or what it is where that is not known: for nodes that are derived from it.
  std::string place_or_name_of(const Node& node) const;
  const std::string& place() const { return place_; }
  void set_place(std::string place) { place_ = std::move(place); }

 private:
  std::deque<Node> nodes_;
  std::unordered_multimap<std::size_t, const Node*> by_hash_;
  std::string place_;                // of nodes that are made now
  std::vector<std::string> places_;  // by node
};

/// While it lives, nodes are made at a place one level deeper: Scope(store, "attention"). For messages and profiles.
class Scope {
 public:
  Scope(NodeStore& store, const std::string& name);
  ~Scope() { store_.set_place(std::move(outer_)); }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  NodeStore& store_;
  std::string outer_;
};

}  // namespace r1::ml
