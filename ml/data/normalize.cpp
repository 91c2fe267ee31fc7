// Normalisation:  (x - mean)/std, with one number for all or one for each channel (axis 1). Pixels count from 0 to 1.
// SPDX-License-Identifier: Apache-2.0
#include "ml/data/transform.hpp"
#include "ml/graph/shape_error.hpp"
#include "ml/ops/arithmetic.hpp"

#include <algorithm>

namespace r1::ml {
namespace {

class Normalize final : public Transform {
 public:
  Normalize(Reals mean, const Reals& deviation) : mean_(std::move(mean)) {
    for (const double value : deviation) inverse_.push_back(1 / value);
  }
  Value apply(const Value& x) const override {
    require(is_floating(x.dtype()), "numbers are normalised, not {}", x.type().text());
    return (x - by_channel(x, mean_)) * by_channel(x, inverse_);
  }

 private:
  static Value by_channel(const Value& x, const Reals& values) {
    if (values.size() == 1) return constant_like(x, values[0]);
    const auto channels = static_cast<std::int64_t>(values.size());
    require(x.shape().rank() >= 2 && x.shape()[1] == channels,
            "found {} numbers, expected one, or one for each channel (axis 1) of {}", channels,
            x.type().text());
    std::vector<std::int64_t> extents(static_cast<std::size_t>(x.shape().rank() - 1), 1);
    extents[0] = channels;
    return constant(*x.node->store, values, {x.dtype(), Shape(extents)});
  }

  Reals mean_, inverse_;
};

}  // namespace

TransformRegistry builtin_transforms() {
  TransformRegistry registry;
  add_normalize(registry);
  return registry;
}

void add_normalize(TransformRegistry& registry) {
  using namespace io;
  const Schema options = mapping({
      Key("mean", list_or_one(real()), "What is subtracted: one number, or one a channel.")
          .required_(),
      Key("std", list_or_one(real().above(0)), "What the rest is divided by.").required_(),
  });
  registry.add(
      "normalize", "Subtracts a mean and divides by a deviation.", options,
      [](const Config& c, const TransformContext&) {
        return std::make_unique<Normalize>(c["mean"].reals(), c["std"].reals());
      },
      "{mean: 0.5, std: 0.25}");
}

}  // namespace r1::ml
