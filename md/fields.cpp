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
  spares_.clear();
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

/// Storage of the field's shape whose contents do not matter. Permutations swap with it: fresh memory every time would cost a page
/// fault for each 4 KiB.
FieldStorage Fields::spare_like(const Exec& exec, const Field& field) {
  for (auto& spare : spares_) {
    const bool fits =
        spare.index() == field.data.index() &&
        std::visit(
            [&](const auto& s) {
              return s.extent_int(0) == rows_ && s.extent_int(1) == field.info.components;
            },
            spare);
    if (!fits) continue;
    std::swap(spare, spares_.back());
    const FieldStorage found = spares_.back();
    spares_.pop_back();
    return found;
  }
  return std::visit(
      [&](const auto& data) -> FieldStorage {
        using T = typename std::decay_t<decltype(data)>::value_type;
        return allocate<T>(exec, field, rows_);
      },
      field.data);
}

void Fields::permute(const Exec& exec, View<const int*> order, int used) {
  R1_ASSERT(used <= order.extent_int(0) && used <= rows_);
  for (auto& field : fields_) {
    if (field.info.traits.migrates == FieldTraits::Migrates::no) continue;
    FieldStorage sorted = spare_like(exec, field);
    std::visit(
        [&](const auto& from) {
          using T = typename std::decay_t<decltype(from)>::value_type;
          copy_rows<T>(exec, std::get<View<T**>>(sorted), from, order, used);
        },
        field.data);
    std::swap(field.data, sorted);
    spares_.push_back(sorted);
  }
}

}  // namespace r1::md
