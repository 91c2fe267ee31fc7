// A value is one result of a node; a node is an operation applied to values. Nodes are immutable and interned: the same operation
// on the same operands with the same attributes is the same node, so common subexpressions never exist twice.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/attributes.hpp"
#include "ml/graph/type.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace r1::ml {

class NodeStore;
class Op;
struct Node;

/// A handle of two words, valid as long as its graph. A default one is no value: "zero" among cotangents and tangents.
struct Value {
  const Node* node = nullptr;
  std::int32_t output = 0;

  explicit operator bool() const { return node != nullptr; }
  const Type& type() const;
  const Shape& shape() const { return type().shape; }
  Dtype dtype() const { return type().dtype; }
  friend bool operator==(const Value&, const Value&) = default;
};
using Values = std::vector<Value>;

struct Node {
  const Op* op;
  Attributes attributes;
  Values operands;
  std::vector<Type> results;
  std::int32_t id;   // grows in the order of creation, which is topological
  NodeStore* store;  // where operations on its results go

  Value result(std::int32_t output = 0) const { return {this, output}; }
  Values all_results() const;
};

inline const Type& Value::type() const { return node->results[static_cast<std::size_t>(output)]; }

/// Applies `op`, in the graph of its operands: the one way in which nodes with operands come to be. Operands are values, in one
/// graph. Throws ShapeError with the place in the model.
Values apply(const Op& op, Attributes attributes, const Values& operands);
/// The same for operations with one result.
Value apply1(const Op& op, Attributes attributes, const Values& operands);
/// For operations without operands, in the graph of `near`.
Value leaf(const Op& op, Attributes attributes, const Value& near);

}  // namespace r1::ml
