// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/topk.hpp"

#include "ml/ops/registry.hpp"
#include "ml/runtime/kernel.hpp"

namespace r1::ml {
namespace {

class TopK final : public ConstantOp {
 public:
  std::string_view name() const override { return "top_k"; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    const Type& x = operands[0];
    const auto k = attributes.integer("k");
    const int last = x.shape.rank() - 1;
    require(last >= 0 && k >= 0 && k <= x.shape[last], "{} has no {} largest along its last axis",
            x.text(), k);
    require(x.shape[last] < (std::int64_t{1} << 31), "{} is too long for its index", x.text());
    auto extents = x.shape.extents();
    extents.back() = k;
    return {{Dtype::i32, Shape(extents), x.spread}};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return top_k_kernel(request);
  }
  std::vector<Example> examples() const override {
    return {{{{{Dtype::f64, {3, 6}}}}, {{"k", std::int64_t{2}}}}};
  }
} const kTopK;

}  // namespace

Value top_k(const Value& x, std::int64_t k) { return apply1(kTopK, {{"k", k}}, {x}); }

void add_topk(OpRegistry& registry) { registry.add(kTopK); }

}  // namespace r1::ml
