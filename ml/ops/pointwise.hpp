// What pointwise operations have in common: operands and result of one shape, a derivative for each operand, and one kernel (the
// tile machine, ml/runtime/tile_machine.hpp) that knows their functions by name (ml/runtime/pointwise_functions.hpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/op.hpp"

#include <string_view>

namespace r1::ml {

class Pointwise : public Op {
 public:
  enum class Linear : std::uint8_t { no, in_first, in_each, jointly };
  struct Traits {
    std::string_view name;
    int arity;
    /// d result / d operand, for each; no value: zero. Made of the node's operands and result.
    Values (*derivatives)(const Node& node) = nullptr;
    Linear linear = Linear::no;
    double low = -1, high = 1;   // of the operands in examples
    Attributes attributes = {};  // of examples
  };
  explicit Pointwise(Traits traits) : traits_(std::move(traits)) {}

  std::string_view name() const override { return traits_.name; }
  int arity() const override { return traits_.arity; }
  std::vector<Type> infer(std::span<const Type> operands, const Attributes&) const override;
  Spread spread(std::span<const Type> operands) const override;
  bool is_pointwise() const override { return true; }
  Values vjp(const Node& node, const Values& cotangents) const override;
  Values jvp(const Node& node, const Values& tangents) const override;
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override;
  std::vector<Example> examples() const override;

 private:
  Traits traits_;
};

}  // namespace r1::ml
