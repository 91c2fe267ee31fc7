// A run that goes wrong says what and who.
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "md/output/panic.hpp"
#include "md/watch/diagnosis.hpp"
#include "md/watch/drift_watch.hpp"
#include "md/watch/energy_guard.hpp"
#include "tests/md/melt.hpp"
#include "tests/shared_folder.hpp"
#include "tests/world.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace r1::md {
namespace {

using test::world;

/// Moves atom `id` by (x, y, z), on the rank that has it.
void displace(Simulation& simulation, std::int64_t id, const Vec3& by) {
  auto& system = simulation.system();
  const auto x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.x());
  const auto ids = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.id());
  for (int i = 0; i < system.n_local; ++i)
    for (int d = 0; d < 3; ++d)
      if (ids(i) == id) x(i, d) += by[static_cast<std::size_t>(d)];
  Kokkos::deep_copy(system.x(), x);
}

/// The nearest neighbour of atom 1 in the crystal, and the way there.
Vec3 to_neighbour() {
  const double constant = Lattice::constant_at(lattice_basis("fcc"), 0.8442);
  return {0.5 * constant, 0.5 * constant, 0};
}

template <class Work>
std::string message_of(const Work& work) {
  try {
    work();
  } catch (const NumericError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

void expect_words(const std::string& text, const std::vector<std::string>& words) {
  for (const auto& word : words)
    EXPECT_NE(text.find(word), std::string::npos) << word << " in: " << text;
}

TEST(Watch, NamesAPairThatOverlaps) {
  const auto comm = world();
  auto simulation = test::melt_simulation({.repeat = 4}, comm);
  auto nearly = to_neighbour();
  nearly[0] -= 0.01;
  displace(simulation, 1, nearly);
  simulation.update_forces(Tally::Level::totals);
  const auto text =
      describe_closest_pair(Exec(), comm, simulation.system(), simulation.neighbors().list());
  expect_words(text, {"1 (A)", "0.01 apart", "rank"});
}

TEST(Watch, FindsNobodyWhereThereAreNoAtoms) {
  const auto self = Communicator::self();
  const System nobody(Units::make(UnitStyle::lj, ConstantSet::codata));
  EXPECT_EQ(describe_fastest_atom(Exec(), self, nobody, 0.1), "");
  EXPECT_EQ(longest_step(Exec(), nobody, 0.1), 0);
  EXPECT_EQ(describe_closest_pair(Exec(), self, nobody, NeighborList{}), "");
}

TEST(Watch, StopsAnAtomThatLeapsAndLeavesBothFrames) {
  const auto comm = world();
  const test::SharedFolder folder(comm);
  auto simulation = test::melt_simulation({.repeat = 4}, comm);
  auto nearly = to_neighbour();
  nearly[0] -= 0.05;
  displace(simulation, 1, nearly);
  simulation.update_forces(Tally::Level::totals);
  const auto bath = test::make_thermostat("none");
  const auto text = message_of([&] { test::run_with(simulation, *bath, 10, 0.005); });
  expect_words(text, {"at step 1 atom", "(A) of rank", "more than half of the cutoff",
                      "the closest pair is atoms", "1 (A)", "0.05 apart"});
  write_panic_frames(simulation, folder.path());
  if (comm.rank() != 0) return;
  std::ifstream file(folder / kPanicFile);
  int frames = 0;
  for (std::string line; std::getline(file, line);)
    frames += line.find("Lattice=") != std::string::npos ? 1 : 0;
  EXPECT_EQ(frames, 2);
}

TEST(Watch, StopsAnAtomWithoutAPosition) {
  const auto comm = world();
  auto simulation = test::melt_simulation({.repeat = 4}, comm);
  displace(simulation, 7, {std::nan(""), 0, 0});
  const auto bath = test::make_thermostat("none");
  const auto text = message_of([&] { test::run_with(simulation, *bath, 10, 0.005); });
  expect_words(text, {"at step 1"});
  EXPECT_EQ(text.find("nothing was thrown"), std::string::npos);
}

TEST(Watch, EnergyGuardNamesThePairOfAnInfiniteEnergy) {
  const auto comm = world();
  auto simulation = test::melt_simulation({.repeat = 4}, comm);
  displace(simulation, 1, to_neighbour());
  simulation.update_forces(Tally::Level::totals);
  EnergyGuard guard(Schedule{1});
  const auto text = message_of([&] { guard.observe(simulation); });
  expect_words(text, {"the energy is not finite", "1 (A)"});
}

/// Warms all atoms a little every ten steps, and nobody counts it.
class Leak : public Observer {
 public:
  explicit Leak(double factor) : factor_(factor) {}
  bool due(std::int64_t step, Place) const override { return step % 10 == 0; }
  void observe(Simulation& simulation) override {
    auto& system = simulation.system();
    const auto v = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.v());
    for (int i = 0; i < system.n_local; ++i)
      for (int d = 0; d < 3; ++d) v(i, d) *= factor_;
    Kokkos::deep_copy(system.v(), v);
  }

 private:
  double factor_;
};

/// What a drift watch says of a run.
std::vector<std::string> drifts_of(double leak, DriftWatch::Act act) {
  auto simulation = test::melt_simulation({.repeat = 4}, world());
  std::vector<std::string> said;
  simulation.add(std::make_unique<DriftWatch>(
      Schedule{10}, act, [&said](const std::string& text) { said.push_back(text); }));
  simulation.add(std::make_unique<Leak>(leak));
  const auto bath = test::make_thermostat("none");
  test::run_with(simulation, *bath, 1000, 0.005);
  return said;
}

TEST(Watch, SaysThatTheEnergyDrifts) {
  const auto said = drifts_of(1.003, DriftWatch::Act::warn);
  ASSERT_FALSE(said.empty());
  expect_words(said[0],
               {"the conserved energy drifts by", "kT per degree of freedom", "since step 0"});
  EXPECT_LT(said.size(), 5U);  // not at every look
  EXPECT_TRUE(drifts_of(1, DriftWatch::Act::warn).empty());
  const auto stopped = message_of([&] { drifts_of(1.003, DriftWatch::Act::stop); });
  expect_words(stopped, {"the conserved energy drifts by"});
}

TEST(Watch, NoticesThatAnAtomHasBecomeAnother) {
  const auto comm = world();
  auto system = test::melt_system({.repeat = 4}, comm);
  Domain domain(comm, system.box, std::nullopt);
  domain.rebuild(Exec(), system, 2.8, Domain::Moved::anywhere);
  const auto id = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.id());
  for (int i = 0; i < system.n_local; ++i)
    if (id(i) == 77) id(i) = 78;
  Kokkos::deep_copy(system.id(), id);
  const auto text = message_of([&] { domain.rebuild(Exec(), system, 2.8, Domain::Moved::nearby); });
  expect_words(text, {"not those of before"});
}

TEST(Watch, NamesAnAtomThatIsLost) {
  const auto comm = world();
  if (comm.size() < 4) GTEST_SKIP() << "on four ranks in a row there are bricks that do not touch";
  auto system = test::melt_system({.repeat = 8}, comm);
  const double half = 0.5 * system.box.vectors[0][0];
  Domain domain(comm, system.box, Int3{comm.size(), 1, 1});
  domain.rebuild(Exec(), system, 2.8, Domain::Moved::anywhere);
  const auto x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.x());
  const auto id = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.id());
  for (int i = 0; i < system.n_local; ++i)
    if (id(i) == 77) x(i, 0) += half;
  Kokkos::deep_copy(system.x(), x);
  const auto text = message_of([&] { domain.rebuild(Exec(), system, 2.8, Domain::Moved::nearby); });
  expect_words(text, {"2047 atoms of 2048", "atom 77 at (", "which belongs to rank"});
}

}  // namespace
}  // namespace r1::md
