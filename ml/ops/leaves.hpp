// Values without operands: inputs of the graph, constants, indices along an axis.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

#include <optional>
#include <string>

namespace r1::ml {

/// For Graph::input alone.
Value input_leaf(NodeStore& store, const std::string& name, Type type);

/// Every element is `value`, rounded to the element type.
Value constant(NodeStore& store, double value, const Type& type);
/// As many values as the shape has elements; for small tables.
Value constant(NodeStore& store, const Reals& values, const Type& type);
/// Of the type of `like`, replicated.
Value constant_like(const Value& like, double value);
/// Zero, spread as `like` is: what stands for an absent tangent.
Value zeros_like(const Value& like);
/// Of `shape`, each element its index along `axis`. `near` tells the graph. `dtype` is an integer or floating.
Value iota(const Value& near, Dtype dtype, const Shape& shape, int axis);

/// The one value of all elements, if the node says so.
std::optional<double> splat_of(const Value& value);

}  // namespace r1::ml
