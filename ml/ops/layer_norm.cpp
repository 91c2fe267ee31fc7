// layer_norm(x, scale, [shift]) -> (y, mean, r) and rms_norm(x, scale) -> (y, r), where r = 1/sqrt(variance or mean square + epsilon) and mean
// have one value for each row. Their gradient is a composite too: with u = (x - mean) r, which has no mean in rms_norm, and g = dy scale,
//   dx = r (g - <g> - u <g u>)   (without <g> in rms_norm),   dscale = sum over rows of dy u,   dshift = sum over rows of dy.
// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/layer_norm.hpp"

#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/composite.hpp"
#include "ml/ops/registry.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/ops/transcendental.hpp"
#include "ml/runtime/norm_kernels.hpp"

namespace r1::ml {
namespace {

enum class Centred : std::uint8_t { no, yes };

Type row_type(const Type& x) { return x.with(without_axes(x.shape, {x.shape.rank() - 1})); }
Value by_row(const Value& value) {
  auto extents = value.shape().extents();
  extents.push_back(1);
  return reshape(value, Shape(extents));
}
Integers last_axis(const Value& x) { return {x.shape().rank() - 1}; }
Integers other_axes(const Value& x) {
  auto axes = all_axes(x.shape());
  axes.pop_back();
  return axes;
}

/// What is kept of the rows: mean (or no value) and reciprocal deviation.
struct RowStatistics {
  Value mean, r;
};

class NormGradient final : public CompositeOp {
 public:
  explicit NormGradient(Centred centred) : centred_(centred) {}
  std::string_view name() const override {
    return centred_ == Centred::yes ? "layer_norm_gradient" : "rms_norm_gradient";
  }
  std::vector<Type> infer(std::span<const Type> operands, const Attributes&) const override {
    const Type& x = operands[0];
    const Type row = row_type(x);
    bool fits = operands.back() == x && operands[1] == x.with(Shape{x.shape[x.shape.rank() - 1]});
    for (const auto& statistic : operands.subspan(2, operands.size() - 3))
      fits = fits && statistic == row;
    require(fits, "the gradient of a norm of {} needs statistics of {} and a cotangent of its type",
            x.text(), row.text());
    std::vector<Type> results{x, operands[1]};
    if (centred_ == Centred::yes) results.push_back(operands[1]);
    return results;
  }
  Values compose(const Values& operands, const Attributes&) const override {
    const Value &x = operands[0], &scale = operands[1], &dy = operands.back();
    const Value r = by_row(operands[operands.size() - 2]);
    const Integers last = last_axis(x);
    const Value u = (centred_ == Centred::yes ? x - by_row(operands[2]) : x) * r;
    const Value g = dy * scale;
    Value inner = g - u * mean_keeping(g * u, last);
    if (centred_ == Centred::yes) inner = inner - mean_keeping(g, last);
    Values results{inner * r, reduce_sum(dy * u, other_axes(x))};
    if (centred_ == Centred::yes) results.push_back(reduce_sum(dy, other_axes(x)));
    return results;
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return norm_gradient_kernel(request);
  }
  std::vector<Example> examples() const override {
    const Type x{Dtype::f64, {2, 3, 4}}, row{Dtype::f64, {2, 3}}, features{Dtype::f64, {4}};
    std::vector<Example::Operand> operands{{x}, {features}, {row}, {row, 0.5, 2}, {x}};
    if (centred_ == Centred::no) operands.erase(operands.begin() + 2);
    return {{operands, {}}};
  }

 private:
  Centred centred_;
};
const NormGradient kLayerNormGradient(Centred::yes), kRmsNormGradient(Centred::no);

class Norm final : public CompositeOp {
 public:
  explicit Norm(Centred centred) : centred_(centred) {}
  std::string_view name() const override {
    return centred_ == Centred::yes ? "layer_norm" : "rms_norm";
  }
  std::vector<Type> infer(std::span<const Type> operands, const Attributes&) const override {
    const Type& x = operands[0];
    require(x.shape.rank() >= 1 && is_floating(x.dtype),
            "features (N, ..., C) are normalised, not {}", x.text());
    for (const auto& features : operands.subspan(1))
      require(features.dtype == x.dtype && features.shape == Shape{x.shape[x.shape.rank() - 1]},
              "a scale or shift of {} does not fit to {}", features.text(), x.text());
    std::vector<Type> results{x, row_type(x)};
    if (centred_ == Centred::yes) results.push_back(row_type(x));
    return results;
  }
  Values compose(const Values& operands, const Attributes& attributes) const override {
    const Value& x = operands[0];
    const Integers last = last_axis(x);
    const Value mean = mean_keeping(x, last);
    const Value centred = centred_ == Centred::yes ? x - mean : x;
    const Value r = 1.0 / sqrt(mean_keeping(square(centred), last) + attributes.real("epsilon"));
    Value y = centred * r * operands[1];
    if (operands.size() > 2) y = y + operands[2];
    const Shape rows = row_type(x.type()).shape;
    if (centred_ == Centred::no) return {y, reshape(r, rows)};
    return {y, reshape(mean, rows), reshape(r, rows)};
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    for (std::size_t k = 1; k < cotangents.size(); ++k)
      if (cotangents[k]) return CompositeOp::vjp(node, cotangents);
    Values operands{node.operands[0], node.operands[1]};
    for (std::size_t k = 1; k < node.results.size(); ++k)
      operands.push_back(node.result(static_cast<int>(k)));
    operands.push_back(cotangents[0]);
    Values results =
        apply(centred_ == Centred::yes ? kLayerNormGradient : kRmsNormGradient, {}, operands);
    results.resize(node.operands.size());
    return results;
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return norm_kernel(request);
  }
  std::vector<Example> examples() const override {
    const Type x{Dtype::f64, {2, 3, 4}}, features{Dtype::f64, {4}};
    const Attributes epsilon{{"epsilon", 1e-2}};
    std::vector<Example> all{{{{x}, {features}}, epsilon}};
    if (centred_ == Centred::yes) all.push_back({{{x}, {features}, {features}}, epsilon});
    return all;
  }

 private:
  Centred centred_;
};
const Norm kLayerNorm(Centred::yes), kRmsNorm(Centred::no);

}  // namespace

Value layer_norm(const Value& x, const Value& scale, const Value& shift, double epsilon) {
  Values operands{x, scale};
  if (shift) operands.push_back(shift);
  return apply(kLayerNorm, {{"epsilon", epsilon}}, operands)[0];
}

Value rms_norm(const Value& x, const Value& scale, double epsilon) {
  return apply(kRmsNorm, {{"epsilon", epsilon}}, {x, scale})[0];
}

void add_layer_norm(OpRegistry& registry) {
  registry.add(kLayerNorm);
  registry.add(kLayerNormGradient);
  registry.add(kRmsNorm);
  registry.add(kRmsNormGradient);
}

}  // namespace r1::ml
