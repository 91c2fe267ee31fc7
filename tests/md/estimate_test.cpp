// SPDX-License-Identifier: Apache-2.0
#include "md/setup/estimate.hpp"

#include "md/setup/lattice.hpp"
#include "md/simulation.hpp"
#include "tests/md/test_system.hpp"
#include "tests/world.hpp"

#include <gtest/gtest.h>

namespace r1::md {
namespace {

double allocated(const Fields& fields) {
  double bytes = 0;
  for (const auto& field : fields.all())
    std::visit(
        [&](const auto& data) {
          bytes += static_cast<double>(data.span() *
                                       sizeof(typename std::decay_t<decltype(data)>::value_type));
        },
        field.data);
  return bytes;
}

TEST(MemoryEstimate, AgreesWithWhatIsAllocated) {
  const auto comm = test::world();
  const auto units = Units::make(UnitStyle::lj, ConstantSet::codata);
  System system(units);
  system.set_species({{"A", 1.0}});
  const auto basis = lattice_basis("fcc");
  const Lattice lattice{basis, Lattice::constant_at(basis, 0.8442), {16, 16, 16}, 0};
  system.box = lattice_box(lattice, {true, true, true});
  create_lattice(Exec(), lattice, Decomposition(system.box, comm.size(), comm.rank()), system);
  std::vector<std::unique_ptr<Potential>> potentials;
  potentials.push_back(test::make_potential(
      "lennard_jones: {cutoff: 2.5, pairs: [{species: [A, A], epsilon: 1, sigma: 1}]}", units,
      system.species));
  Simulation simulation(Exec(), comm, std::move(system), ForceField(std::move(potentials)), 0.3);
  const auto estimate = estimate_memory(simulation.system().fields, simulation.system().box,
                                        simulation.domain().decomposition(), lattice.sites(),
                                        simulation.neighbors().list_cutoff(), 1);
  simulation.prepare();
  // A brick of 16,384 atoms or a quarter of them: shells of the lattice show in the counts of a surface.
  const double ghosts = simulation.system().n_ghost;
  EXPECT_NEAR(estimate.atoms, simulation.system().n_local, 0.05 * estimate.atoms);
  EXPECT_NEAR(estimate.ghosts, ghosts, 0.1 * ghosts);
  EXPECT_NEAR(estimate.fields, allocated(simulation.system().fields), 0.1 * estimate.fields);
  EXPECT_NEAR(estimate.halo, static_cast<double>(simulation.domain().halo().memory()),
              0.2 * estimate.halo);
  EXPECT_NEAR(estimate.list, static_cast<double>(simulation.neighbors().memory()),
              0.1 * estimate.list);
  EXPECT_EQ(estimate.threads, 0);
}

TEST(MemoryEstimate, ReadsWhatIsResident) {
  const auto before = resident_bytes();
  const std::vector<char> touched(std::size_t{64} << 20, 'x');
  EXPECT_GT(before, 1 << 20);
  EXPECT_NEAR(static_cast<double>(resident_bytes() - before), 64e6, 8e6) << touched.size();
}

}  // namespace
}  // namespace r1::md
