// Which tensor was the first that is not finite: a step is computed again, and each kernel's results are looked at.
// SPDX-License-Identifier: Apache-2.0
#include "ml/train/trainer.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>

namespace r1::ml {
namespace {

template <class T>
bool all_finite(const Exec& exec, std::int64_t elements, const T* values) {
  using Policy = Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>;
  std::int64_t bad = 0;
  const auto count = KOKKOS_LAMBDA(const std::int64_t k, std::int64_t& sum)->void {
    if (!(values[k] * T(0) == T(0))) ++sum;
  };
  Kokkos::parallel_reduce("r1::ml::count_not_finite", Policy(exec, 0, elements), count, bad);
  return bad == 0;
}

bool is_finite(const Exec& exec, const Type& type, const void* data) {
  const auto elements = type.shape.elements();
  if (type.dtype == Dtype::f32) return all_finite(exec, elements, static_cast<const float*>(data));
  if (type.dtype == Dtype::f64) return all_finite(exec, elements, static_cast<const double*>(data));
  return true;
}

/// The parameter that holds what is not finite.
std::optional<std::string> bad_parameter(TrainingPlans& plans) {
  const auto& layout = plans.layout();
  for (const auto& p : layout.parameters()) {
    const auto place = layout.place_of(p.name);
    const auto& buffer = plans.state().at(layout.buffers()[place.buffer].name);
    const auto* begin = static_cast<const std::byte*>(buffer.data()) +
                        static_cast<std::size_t>(place.offset) * size_of(p.type.dtype);
    if (!is_finite(Exec(), p.type, begin)) return p.name;
  }
  return std::nullopt;
}

}  // namespace

std::string first_not_finite(TrainingPlans& plans, const Batch& batch) {
  if (const auto name = bad_parameter(plans)) return fmt::format("parameter '{}' is not", *name);
  const Exec exec;
  std::string found;
  const auto look = [&](const Plan::Step& step, std::span<const Plan::Result> results) {
    for (const auto& result : results)
      if (found.empty() && !is_finite(exec, result.type, result.data))
        found = fmt::format("first in the result {} of '{}'{}", result.type.text(), step.op,
                            step.place.empty() ? "" : " in " + step.place);
  };
  plans.for_each_part(batch, 0, [&](BoundPlan& plan) { plan.plan().run(exec, look); });
  return found.empty() ? "it was finite when computed again" : found;
}

}  // namespace r1::ml
