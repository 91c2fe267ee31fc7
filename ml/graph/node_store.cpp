// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/node_store.hpp"

#include "ml/graph/op.hpp"
#include "ml/graph/shape_error.hpp"

#include <fmt/format.h>

#include <functional>
#include <utility>

namespace r1::ml {
namespace {

std::size_t hash_of(const Op& op, const Attributes& attributes, const Values& operands) {
  std::size_t seed = hash_combine(std::hash<const void*>()(&op), attributes.hash());
  for (const auto& operand : operands) {
    seed = hash_combine(seed, static_cast<std::size_t>(operand.node->id));
    seed = hash_combine(seed, static_cast<std::size_t>(operand.output));
  }
  return seed;
}

std::vector<Type> types_of(const Values& values) {
  std::vector<Type> types;
  types.reserve(values.size());
  for (const auto& value : values) types.push_back(value.type());
  return types;
}

}  // namespace

Values Node::all_results() const {
  Values all;
  for (std::size_t k = 0; k < results.size(); ++k) all.push_back(result(static_cast<int>(k)));
  return all;
}

const Node& NodeStore::intern(const Op& op, Attributes attributes, const Values& operands) {
  for (const auto& operand : operands) R1_ASSERT(operand && operand.node->store == this);
  const auto hash = hash_of(op, attributes, operands);
  const auto [begin, end] = by_hash_.equal_range(hash);
  for (auto it = begin; it != end; ++it) {
    const Node& node = *it->second;
    if (node.op == &op && node.operands == operands && node.attributes == attributes) return node;
  }
  const auto types = types_of(operands);
  try {
    auto results = result_types(op, attributes, types);
    nodes_.push_back({&op, std::move(attributes), operands, std::move(results),
                      static_cast<std::int32_t>(nodes_.size()), this});
  } catch (ShapeError& error) {
    error.add_context(op.name());
    if (!place_.empty()) error.place(place_);
    throw;
  }
  places_.push_back(place_);
  by_hash_.emplace(hash, &nodes_.back());
  return nodes_.back();
}

const std::string& NodeStore::place_of(const Node& node) const {
  return places_[static_cast<std::size_t>(node.id)];
}

std::string NodeStore::place_or_name_of(const Node& node) const {
  const auto& place = place_of(node);
  return place.empty() ? std::string(node.op->name()) : place;
}

Scope::Scope(NodeStore& store, const std::string& name) : store_(store), outer_(store.place()) {
  store_.set_place(outer_.empty() ? name : outer_ + " / " + name);
}

Values apply(const Op& op, Attributes attributes, const Values& operands) {
  R1_ASSERT(!operands.empty() && operands.front());
  return operands.front().node->store->intern(op, std::move(attributes), operands).all_results();
}

Value apply1(const Op& op, Attributes attributes, const Values& operands) {
  R1_ASSERT(!operands.empty() && operands.front());
  return operands.front().node->store->intern(op, std::move(attributes), operands).result();
}

Value leaf(const Op& op, Attributes attributes, const Value& near) {
  return near.node->store->intern(op, std::move(attributes), {}).result();
}

}  // namespace r1::ml
