// An operation: what it makes of types, its derivatives as further nodes, and how it is computed. Each is one object for the whole
// program, without state; what differs between nodes are their attributes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/shape_error.hpp"
#include "ml/graph/value.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace r1::ml {

class Kernel;          // ml/runtime/kernel.hpp
struct KernelRequest;  // ml/runtime/kernel.hpp

/// An application that the suites run for every operation: values against formulas, derivatives against finite differences.
struct Example {
  struct Operand {
    Type type;
    double low = -1, high = 1;  // uniform between them; integers from low to high - 1
  };
  std::vector<Operand> operands;
  Attributes attributes;
};

class Op {
 public:
  virtual ~Op() = default;
  virtual std::string_view name() const = 0;
  /// Number of operands.
  static constexpr int kAny = -1;
  virtual int arity() const { return 1; }

  /// Types of the results; throws ShapeError. The spread is set by spread() unless sets_spread() is false.
  virtual std::vector<Type> infer(std::span<const Type> operands,
                                  const Attributes& attributes) const = 0;
  /// How results are spread over ranks. Here: partial sums are refused, one sharded operand makes sharded results.
  virtual Spread spread(std::span<const Type> operands) const;
  virtual bool sets_spread() const { return true; }
  /// Ranks exchange values: all of them run it, in the same order. Its attribute `ranks` is their number.
  virtual bool communicates() const { return false; }

  /// Cotangents of the operands, given those of the results (no value: zero). No value: nothing flows to that operand.
  /// They have the operands' types, and are made of registered operations alone, so that they can be differentiated again.
  virtual Values vjp(const Node& node, const Values& cotangents) const = 0;
  /// Tangents of the results, given those of the operands (no value: zero; at least one is there).
  virtual Values jvp(const Node& node, const Values& tangents) const = 0;

  /// Result `result` is the first operand's memory from this byte on, under another type; none: it has memory of its own. All results of
  /// a node are alike in that.
  virtual std::optional<std::size_t> alias_offset([[maybe_unused]] const Node& node,
                                                  [[maybe_unused]] int result) const {
    return std::nullopt;
  }
  /// Each element of the result is the function of pointwise_functions.hpp that has this name, of the same elements of the operands.
  virtual bool is_pointwise() const { return false; }
  /// How it is computed; null for those that a pass replaces (composites) and for aliases.
  virtual std::unique_ptr<Kernel> kernel(const KernelRequest& request) const;

  virtual std::vector<Example> examples() const = 0;
};

/// What `op` makes of operands of these types, spread included; throws ShapeError.
std::vector<Type> result_types(const Op& op, const Attributes& attributes,
                               std::span<const Type> operands);

/// How a cotangent of what is spread like this is: that of a partial sum is the same on all ranks, and what ranks contribute to that
/// of a replicated value adds up.
Spread cotangent_spread(Spread spread);

/// The spread of what is linear in all operands together, and of what is linear in each for itself.
Spread spread_of_linear(std::span<const Type> operands);
Spread spread_of_product(std::span<const Type> operands);
/// Of what is linear in operand `k` alone: a partial sum goes through where the others are the same on all ranks.
Spread spread_of_linear_in(std::size_t k, std::span<const Type> operands);

/// Linear in all operands together: tangents and partial sums go through as the operands do.
class LinearOp : public Op {
 public:
  Spread spread(std::span<const Type> operands) const override {
    return spread_of_linear(operands);
  }
  Values jvp(const Node& node, const Values& tangents) const override;
};

/// Linear in each operand for itself, such as a product.
class MultilinearOp : public Op {
 public:
  Spread spread(std::span<const Type> operands) const override {
    return spread_of_product(operands);
  }
  Values jvp(const Node& node, const Values& tangents) const override;
};

/// Nothing flows through it: results are integers or booleans, or constant by definition.
class ConstantOp : public Op {
 public:
  Values vjp(const Node& node, const Values& cotangents) const override;
  Values jvp(const Node& node, const Values& tangents) const override;
};

}  // namespace r1::ml
