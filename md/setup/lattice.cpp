// SPDX-License-Identifier: Apache-2.0
#include "md/setup/lattice.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace r1::md {
namespace {

// Rows are counted in int, with room for ghosts.
constexpr std::int64_t kMostAtomsOfARank = std::int64_t{1} << 30;

using CandidateRange = Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>;

/// The sites of some cells around a brick, one after another; owned() tells which are the brick's.
struct Sites {
  LatticeBasis basis;
  Int3 repeat, first, cells;  // the lattice's cells; the ones looked at
  Int3 grid, here;            // bricks, and this one
  Box box;

  std::int64_t count() const { return std::int64_t{basis.sites} * cells[0] * cells[1] * cells[2]; }
  struct Site {
    Int3 cell;
    int basis;
  };
  KOKKOS_INLINE_FUNCTION Site site(std::int64_t k) const {
    const auto b = static_cast<int>(k % basis.sites);
    k /= basis.sites;
    const auto i = static_cast<int>(k % cells[0]);
    k /= cells[0];
    const auto j = static_cast<int>(k % cells[1]);
    return {{first[0] + i, first[1] + j, first[2] + static_cast<int>(k / cells[1])}, b};
  }
  KOKKOS_INLINE_FUNCTION double fraction(const Site& s, int d) const {
    return (s.cell[d] + basis.site[s.basis][d]) / repeat[d];
  }
  /// The same rounding on every rank, so a site belongs to exactly one brick.
  KOKKOS_INLINE_FUNCTION bool owned(const Site& s) const {
    bool mine = true;
    for (int d = 0; d < 3; ++d)
      mine = mine && Decomposition::brick_of(fraction(s, d), grid[d]) == here[d];
    return mine;
  }
  KOKKOS_INLINE_FUNCTION std::int64_t id(const Site& s) const {
    const std::int64_t row = std::int64_t{s.cell[2]} * repeat[1] + s.cell[1];
    return 1 + basis.sites * (row * repeat[0] + s.cell[0]) + s.basis;
  }
};

Sites sites_around(const Lattice& lattice, const Decomposition& decomposition, const Box& box) {
  Sites sites{lattice.basis,        lattice.repeat,       {}, {},
              decomposition.grid(), decomposition.here(), box};
  const Brick brick = decomposition.brick();
  for (int d = 0; d < 3; ++d) {
    const int n = lattice.repeat[d];
    sites.first[d] = std::clamp(static_cast<int>(std::floor(brick.low[d] * n)) - 1, 0, n);
    const int end = std::clamp(static_cast<int>(std::ceil(brick.high[d] * n)) + 1, 0, n);
    sites.cells[d] = end - sites.first[d];
  }
  return sites;
}

std::int64_t count_owned(const Exec& exec, const Sites& sites) {
  std::int64_t owned = 0;
  Kokkos::parallel_reduce(
      "lattice::count_owned", CandidateRange(exec, 0, sites.count()),
      KOKKOS_LAMBDA(std::int64_t k, std::int64_t & n)->void { n += sites.owned(sites.site(k)); },
      owned);
  return owned;
}

void write_owned(const Exec& exec, const Sites& sites, int type_index, const System& system) {
  const auto x = system.x();
  const auto id = system.id();
  const auto type = system.type();
  Kokkos::parallel_scan(
      "lattice::write_owned", CandidateRange(exec, 0, sites.count()),
      KOKKOS_LAMBDA(std::int64_t k, std::int64_t & n, bool final)->void {
        const auto s = sites.site(k);
        if (!sites.owned(s)) return;
        if (final) {
          const Vec3 at = sites.box.cartesian(
              {sites.fraction(s, 0), sites.fraction(s, 1), sites.fraction(s, 2)});
          for (int d = 0; d < 3; ++d) x(n, d) = at[d];
          id(n) = sites.id(s);
          type(n) = type_index;
        }
        ++n;
      });
}

}  // namespace

LatticeBasis lattice_basis(std::string_view type) {
  if (type == "sc") return {1, {Vec3{0, 0, 0}}};
  if (type == "bcc") return {2, {Vec3{0, 0, 0}, Vec3{0.5, 0.5, 0.5}}};
  LatticeBasis basis{4, {Vec3{0, 0, 0}, Vec3{0.5, 0.5, 0}, Vec3{0.5, 0, 0.5}, Vec3{0, 0.5, 0.5}}};
  if (type == "fcc") return basis;
  if (type != "diamond")
    throw Error("unknown lattice '" + std::string(type) + "', expected sc, bcc, fcc or diamond");
  for (int b = 0; b < 4; ++b)
    for (int d = 0; d < 3; ++d) basis.site[b + 4][d] = basis.site[b][d] + 0.25;
  basis.sites = 8;
  return basis;
}

double Lattice::constant_at(const LatticeBasis& basis, double density) {
  return std::cbrt(basis.sites / density);
}

Box lattice_box(const Lattice& lattice, const Kokkos::Array<bool, 3>& periodic) {
  Kokkos::Array<Vec3, 3> vectors{};
  for (int d = 0; d < 3; ++d) {
    vectors[d] = {0, 0, 0};
    vectors[d][d] = lattice.constant * lattice.repeat[d];
  }
  return Box::make(vectors, {0, 0, 0}, periodic);
}

void create_lattice(const Exec& exec, const Lattice& lattice, const Decomposition& decomposition,
                    System& system) {
  R1_ASSERT(system.n_local == 0);
  const Sites sites = sites_around(lattice, decomposition, system.box);
  const std::int64_t owned = count_owned(exec, sites);
  if (owned > kMostAtomsOfARank)
    throw Error("this rank's brick holds " + std::to_string(owned) + " atoms, at most " +
                std::to_string(kMostAtomsOfARank) + " fit; use more ranks");
  system.fields.reserve(exec, static_cast<int>(owned) + 1, 0);
  write_owned(exec, sites, lattice.type, system);
  system.n_local = static_cast<int>(owned);
  system.n_global = lattice.sites();
}

}  // namespace r1::md
