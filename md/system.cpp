// SPDX-License-Identifier: Apache-2.0
#include "md/system.hpp"

namespace r1::md {
namespace {

/// A field of one component as a vector. It does not own the memory, the field does.
template <class T>
View<T*> column(const Fields& fields, FieldHandle<T, 1> handle) {
  const auto rows = fields.view(handle);
  return View<T*>(rows.data(), rows.extent(0));
}

void round_positions(const Exec& exec, int n, Quads x, double magic) {
  Kokkos::parallel_for(
      "System::round_positions", Range(exec, 0, n), KOKKOS_LAMBDA(int i)->void {
        for (int d = 0; d < 3; ++d) x(i, d) = rounded(x(i, d), magic);
      });
}

}  // namespace

System::System(const Units& u) : units(u) {
  using Ghosts = FieldTraits::Ghosts;
  using Migrates = FieldTraits::Migrates;
  using Checkpointed = FieldTraits::Checkpointed;
  const FieldTraits copied{Ghosts::at_rebuild, Migrates::yes, Checkpointed::yes};
  const FieldTraits local{Ghosts::none, Migrates::yes, Checkpointed::yes};
  position = fields.add<double, 4>({"position", 4, "length", copied, 1});
  velocity = fields.add<double, 4>({"velocity", 4, "velocity", local, 1});
  // A rebuild need not move forces: it stands between a step's drift and its force computation. A restart computes them again, with
  // the same bits, from the positions and the list that they came from.
  force = fields.add<double, 4>(
      {"force", 4, "force", {Ghosts::none, Migrates::no, Checkpointed::no}, 1});
  id_ = fields.add<std::int64_t, 1>({"id", 1, "", copied});
  type_ = fields.add<std::int32_t, 1>({"type", 1, "", copied});
  image_ = fields.add<std::int32_t, 3>({"image", 3, "", local});
}

View<std::int64_t*> System::id() const { return column(fields, id_); }
View<std::int32_t*> System::type() const { return column(fields, type_); }

void System::set_species(std::vector<Species> list) {
  species = std::move(list);
  const int n = static_cast<int>(species.size());
  mass = View<double*>("System::mass", n);
  inverse_mass = View<double*>("System::inverse_mass", n);
  const auto m = Kokkos::create_mirror_view(mass);
  const auto im = Kokkos::create_mirror_view(inverse_mass);
  for (int t = 0; t < n; ++t) {
    m(t) = species[static_cast<std::size_t>(t)].mass;
    im(t) = 1 / m(t);
  }
  Kokkos::deep_copy(mass, m);
  Kokkos::deep_copy(inverse_mass, im);
}

void System::to_fixed_point(const Exec& exec) {
  // Twice: rounding may lift the extent to the next power of two, which has another quantum; a restart sees only the rounded cell.
  for (int pass = 0; pass < 2; ++pass) {
    fixed = FixedPoint::of(box);
    auto vectors = box.vectors;
    for (auto& vector : vectors)
      for (int d = 0; d < 3; ++d) vector[d] = rounded(vector[d], fixed.position);
    box = Box::make(vectors, box.origin, box.periodic);
  }
  round_positions(exec, n_local, x(), fixed.position);
}

}  // namespace r1::md
