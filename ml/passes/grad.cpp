// SPDX-License-Identifier: Apache-2.0
#include "ml/passes/grad.hpp"

#include "ml/graph/graph.hpp"
#include "ml/graph/op.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/control.hpp"
#include "ml/passes/jvp.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace r1::ml {
namespace {

enum class AtWrt : std::uint8_t { go_on, stop };

class ReversePass {
 public:
  ReversePass(const Values& outputs, const Values& wrt, AtWrt at_wrt)
      : wrt_(wrt), at_wrt_(at_wrt), nodes_(nodes_below(outputs)) {
    for (const Node* node : nodes_)
      if (std::any_of(node->operands.begin(), node->operands.end(),
                      [this](const Value& operand) { return is_wanted(operand); }))
        active_.insert(node);
  }

  void add(const Value& to, const Value& cotangent) {
    if (!cotangent || !is_wanted(to)) return;
    require(cotangent.shape() == to.shape() && cotangent.dtype() == to.dtype(),
            "a cotangent of {} cannot be {}", to.type().text(), cotangent.type().text());
    auto& results = cotangents_[to.node];
    results.resize(to.node->results.size());
    auto& sum = results[static_cast<std::size_t>(to.output)];
    sum = accumulate(sum, cotangent);
  }

  void run() {
    for (auto it = nodes_.rbegin(); it != nodes_.rend(); ++it) {
      const auto found = cotangents_.find(*it);
      if (found != cotangents_.end() && active_.count(*it) > 0) step(**it, found->second);
    }
  }

  Value cotangent_of(const Value& value) const {
    const auto found = cotangents_.find(value.node);
    return found == cotangents_.end() ? Value()
                                      : found->second[static_cast<std::size_t>(value.output)];
  }

 private:
  bool is_wrt(const Value& value) const {
    return std::find(wrt_.begin(), wrt_.end(), value) != wrt_.end();
  }
  bool is_wanted(const Value& value) const {
    return is_floating(value.dtype()) && (is_wrt(value) || active_.count(value.node) > 0);
  }

  void step(const Node& node, Values cotangents) {
    if (at_wrt_ == AtWrt::stop)
      for (const auto& result : node.all_results())
        if (is_wrt(result)) cotangents[static_cast<std::size_t>(result.output)] = Value();
    if (std::none_of(cotangents.begin(), cotangents.end(), [](const Value& c) { return bool(c); }))
      return;
    const Scope scope(*node.store, node.store->place_or_name_of(node) + " (gradient)");
    const Values parts = node.op->vjp(node, cotangents);
    R1_ASSERT(parts.size() == node.operands.size());
    for (std::size_t k = 0; k < parts.size(); ++k) add(node.operands[k], parts[k]);
  }

  const Values& wrt_;
  AtWrt at_wrt_;
  std::vector<const Node*> nodes_;
  std::unordered_set<const Node*> active_;  // depend on a value of wrt
  std::unordered_map<const Node*, Values> cotangents_;
};

Values run_reverse(const Values& outputs, const Values& cotangents, const Values& wrt,
                   AtWrt at_wrt) {
  ReversePass pass(outputs, wrt, at_wrt);
  for (std::size_t k = 0; k < outputs.size(); ++k) pass.add(outputs[k], cotangents[k]);
  pass.run();
  Values results;
  for (const auto& value : wrt) results.push_back(pass.cotangent_of(value));
  return results;
}

void check_loss(const Value& loss) {
  require(is_floating(loss.dtype()) && loss.shape().rank() == 0,
          "a gradient is taken of a floating scalar, this is {}", loss.type().text());
}

void fill_with_zeros(Values& gradients, const Values& wrt) {
  for (std::size_t k = 0; k < wrt.size(); ++k)
    if (!gradients[k]) gradients[k] = zeros_like(wrt[k]);
}

}  // namespace

Values pull_back(const Values& outputs, const Values& cotangents, const Values& wrt) {
  return run_reverse(outputs, cotangents, wrt, AtWrt::go_on);
}

Values pull_back_to(const Values& outputs, const Values& cotangents, const Values& wrt) {
  return run_reverse(outputs, cotangents, wrt, AtWrt::stop);
}

Values gradients(const Value& loss, const Values& wrt) {
  check_loss(loss);
  Values results = pull_back({loss}, {constant_like(loss, 1.0)}, wrt);
  fill_with_zeros(results, wrt);
  return results;
}

Values gradients_reverse_over_forward(const Value& loss, const InnerGradient& inner,
                                      const Values& wrt) {
  check_loss(loss);
  Values cuts = inner.inner;
  cuts.insert(cuts.end(), wrt.begin(), wrt.end());
  const Values partial = pull_back_to({loss}, {constant_like(loss, 1.0)}, cuts);
  Values directions;
  for (std::size_t k = 0; k < inner.inputs.size(); ++k)
    directions.push_back(partial[k] ? stop_gradient(partial[k]) : Value());
  Values results(partial.begin() + static_cast<std::ptrdiff_t>(inner.inner.size()), partial.end());
  const Value slope = push_forward({inner.energy}, inner.inputs, directions)[0];
  if (slope) {
    const Values indirect = gradients(slope, wrt);
    for (std::size_t k = 0; k < wrt.size(); ++k) results[k] = accumulate(results[k], indirect[k]);
  }
  fill_with_zeros(results, wrt);
  return results;
}

}  // namespace r1::ml
