// SPDX-License-Identifier: Apache-2.0
#include "md/fields.hpp"

#include "core/error.hpp"

namespace r1::md {
namespace {

template <class T>
View<T**> allocate(const Exec& exec, const Field& field, int rows) {
  return View<T**>(Kokkos::view_alloc(exec, field.info.name), rows, field.info.components);
}

template <class T>
void copy_rows(const Exec& exec, View<T**> to, View<T**> from, View<const int*> order, int rows) {
  const int components = to.extent_int(1);
  Kokkos::parallel_for(
      "fields::permute", Range(exec, 0, rows), KOKKOS_LAMBDA(int i)->void {
        for (int c = 0; c < components; ++c) to(i, c) = from(order(i), c);
      });
}

}  // namespace

void Fields::reserve(const Exec& exec, int rows, int used) {
  if (rows <= rows_) return;
  // Ghost counts fluctuate by a few percent from rebuild to rebuild.
  rows_ = rows + rows / 32 + 64;
  for (auto& field : fields_)
    std::visit(
        [&](auto& data) {
          using T = typename std::decay_t<decltype(data)>::value_type;
          auto grown = allocate<T>(exec, field, rows_);
          const auto kept = std::pair<int, int>(0, used);
          Kokkos::deep_copy(exec, Kokkos::subview(grown, kept, Kokkos::ALL),
                            Kokkos::subview(data, kept, Kokkos::ALL));
          data = grown;
        },
        field.data);
}

void Fields::permute(const Exec& exec, View<const int*> order, int used) {
  R1_ASSERT(used <= order.extent_int(0) && used <= rows_);
  for (auto& field : fields_) {
    if (field.info.traits.migrates == FieldTraits::Migrates::no) continue;
    std::visit(
        [&](auto& data) {
          using T = typename std::decay_t<decltype(data)>::value_type;
          auto sorted = allocate<T>(exec, field, rows_);
          copy_rows<T>(exec, sorted, data, order, used);
          data = sorted;
        },
        field.data);
  }
}

}  // namespace r1::md
