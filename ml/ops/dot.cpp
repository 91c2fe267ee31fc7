// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/dot.hpp"

#include "ml/ops/broadcast.hpp"
#include "ml/ops/registry.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/runtime/kernel.hpp"

#include <algorithm>

namespace r1::ml {
namespace {

As flipped(As as) { return as == As::is ? As::transposed : As::is; }
As as_of(const Attributes& attributes, std::string_view name) {
  return attributes.integer(name) == 0 ? As::is : As::transposed;
}

/// C = A B:  dA = dC B^T, dB = A^T dC; transposed where the operand is.
class Dot final : public MultilinearOp {
 public:
  std::string_view name() const override { return "dot"; }
  int arity() const override { return 2; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    const Type &a = operands[0], &b = operands[1];
    require(a.shape.rank() == 3 && b.shape.rank() == 3 && a.dtype == b.dtype,
            "batches of matrices of one element type are needed, these are {} and {}", a.text(),
            b.text());
    const int ta = as_of(attributes, "a_as") == As::is ? 0 : 1;
    const int tb = as_of(attributes, "b_as") == As::is ? 0 : 1;
    require(a.shape[2 - ta] == b.shape[1 + tb] && a.shape[0] == b.shape[0],
            "{}{} does not multiply {}{}", a.text(), ta == 0 ? "" : " transposed", b.text(),
            tb == 0 ? "" : " transposed");
    return {a.with(Shape{a.shape[0], a.shape[1 + ta], b.shape[2 - tb]})};
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    const Value &a = node.operands[0], &b = node.operands[1], &c = cotangents[0];
    const As ta = as_of(node.attributes, "a_as"), tb = as_of(node.attributes, "b_as");
    // That of the weights first: after it an activation is not needed any more, whose gradient comes next.
    const Value db = tb == As::is ? dot(a, c, flipped(ta), As::is) : dot(c, a, As::transposed, ta);
    return {ta == As::is ? dot(c, b, As::is, flipped(tb)) : dot(b, c, tb, As::transposed), db};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return dot_kernel(request);
  }
  std::vector<Example> examples() const override {
    const auto operand = [](Shape shape) {
      return Example::Operand{{Dtype::f64, std::move(shape)}};
    };
    const auto as = [](std::int64_t a, std::int64_t b) {
      return Attributes{{"a_as", a}, {"b_as", b}};
    };
    return {{{operand({2, 3, 4}), operand({2, 4, 5})}, as(0, 0)},
            {{operand({2, 4, 3}), operand({2, 4, 5})}, as(1, 0)},
            {{operand({1, 3, 4}), operand({1, 5, 4})}, as(0, 1)},
            {{operand({1, 4, 3}), operand({1, 5, 4})}, as(1, 1)}};
  }
} const kDot;

Integers others(const Shape& shape, const Integers& taken, const Integers& also_taken) {
  Integers axes;
  for (std::int64_t axis = 0; axis < shape.rank(); ++axis)
    if (std::find(taken.begin(), taken.end(), axis) == taken.end() &&
        std::find(also_taken.begin(), also_taken.end(), axis) == also_taken.end())
      axes.push_back(axis);
  return axes;
}

std::int64_t product(const Shape& shape, const Integers& axes) {
  std::int64_t product = 1;
  for (const auto axis : axes) product *= shape[static_cast<int>(axis)];
  return product;
}

void append(Integers& to, const Integers& from) { to.insert(to.end(), from.begin(), from.end()); }

/// x with the axes in three groups, each one axis: (batch, rows, columns).
Value grouped(const Value& x, const Integers& batch, const Integers& rows,
              const Integers& columns) {
  Integers order = batch;
  append(order, rows);
  append(order, columns);
  const Shape& s = x.shape();
  return reshape(permute(x, order), {product(s, batch), product(s, rows), product(s, columns)});
}

}  // namespace

Value dot(const Value& a, const Value& b, As a_as, As b_as) {
  return apply1(
      kDot, {{"a_as", static_cast<std::int64_t>(a_as)}, {"b_as", static_cast<std::int64_t>(b_as)}},
      {a, b});
}

Value dot_general(const Value& a, const Value& b, const Contraction& axes) {
  require(axes.batch_a.size() == axes.batch_b.size() && axes.sum_a.size() == axes.sum_b.size(),
          "axes of {} and {} are contracted in pairs", a.type().text(), b.type().text());
  const Integers rows = others(a.shape(), axes.batch_a, axes.sum_a);
  const Integers columns = others(b.shape(), axes.batch_b, axes.sum_b);
  const Value product = dot(grouped(a, axes.batch_a, rows, axes.sum_a),
                            grouped(b, axes.batch_b, axes.sum_b, columns));
  std::vector<std::int64_t> extents;
  for (const auto axis : axes.batch_a) extents.push_back(a.shape()[static_cast<int>(axis)]);
  for (const auto axis : rows) extents.push_back(a.shape()[static_cast<int>(axis)]);
  for (const auto axis : columns) extents.push_back(b.shape()[static_cast<int>(axis)]);
  return reshape(product, Shape(extents));
}

Value matmul(const Value& a, const Value& b) {
  const int ra = a.shape().rank(), rb = b.shape().rank();
  require(ra >= 2 && rb >= 2 && a.shape()[ra - 1] == b.shape()[rb - 2],
          "the last axis of {} and the first but one of {} must agree", a.type().text(),
          b.type().text());
  if (rb == 2) return dot_general(a, b, {{}, {}, {ra - 1}, {0}});
  auto lead_a = a.shape().extents(), lead_b = b.shape().extents();
  const std::vector<std::int64_t> matrix_a(lead_a.end() - 2, lead_a.end()),
      matrix_b(lead_b.end() - 2, lead_b.end());
  lead_a.resize(lead_a.size() - 2);
  lead_b.resize(lead_b.size() - 2);
  const Shape lead = common_shape(Shape(lead_a), Shape(lead_b));
  const auto stacked = [&lead](const Value& x, const std::vector<std::int64_t>& matrix) {
    auto extents = lead.extents();
    extents.insert(extents.end(), matrix.begin(), matrix.end());
    return reshape(broadcast_to(x, Shape(extents)), {lead.elements(), matrix[0], matrix[1]});
  };
  auto extents = lead.extents();
  extents.push_back(matrix_a[0]);
  extents.push_back(matrix_b[1]);
  return reshape(dot(stacked(a, matrix_a), stacked(b, matrix_b)), Shape(extents));
}

void add_dot(OpRegistry& registry) { registry.add(kDot); }

}  // namespace r1::ml
