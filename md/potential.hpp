// Potential: what every interaction provides, and ForceField, the sum of several. Forces are added to system.f(), also on ghosts
// where the list is half; the force field returns those to their owners. Without a reason to know energy and virial a step asks
// for forces alone; they have the same bits either way.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/neighbor_list.hpp"
#include "io/registry.hpp"
#include "md/halo.hpp"
#include "md/system.hpp"

#include <memory>
#include <string>
#include <vector>

namespace r1::md {

/// What a computation is asked for, and where its sums go. Sums are this rank's share.
struct Tally {
  enum class Level {
    forces,    // nothing but forces
    totals,    // also energy and virial
    per_atom,  // also both per atom
  };
  Level level = Level::forces;
  double energy = 0;  // [energy]
  Kokkos::Array<double, 9>
      virial{};  // sum over pairs r_a f_b, row-major [energy]; compression positive
  // What of the two lies below a coarse quantum (md/fixed_point.hpp); 0 in plain arithmetic.
  double energy_rest = 0;
  Kokkos::Array<double, 9> virial_rest{};
  View<double*> atom_energy;      // (n_all) [energy]; ghosts' shares are returned
  View<double* [9]> atom_virial;  // (n_all, 9) [energy]
};

class Potential {
 public:
  virtual ~Potential() = default;
  /// Largest distance at which two atoms interact [length].
  virtual double cutoff() const = 0;
  /// The list that compute() walks.
  virtual ListRequest request() const { return {cutoff(), kPairShape}; }
  /// Adds forces to system.f() and sums to tally. A many-body form uses `halo` for what it must exchange in between.
  virtual void compute(const Exec& exec, System& system, const NeighborList& list, const Halo& halo,
                       Tally& tally) = 0;
  /// Energy and virial of what lies beyond the cutoff, for the whole system, taken as uniform; 0 where there is no such
  /// correction. `counts` are atoms by type.
  struct Tail {
    double energy = 0;  // [energy]
    double virial_trace_third =
        0;  // (sum r·f)/3 [energy]: adds equally to the three diagonal elements
  };
  virtual Tail tail(const std::vector<std::int64_t>& counts, double volume) const {
    (void)counts, (void)volume;
    return {};
  }
  /// True for a pair of types that this potential makes interact.
  virtual bool covers(int type_a, int type_b) const = 0;
};

/// What a factory needs beside its options.
struct PotentialContext {
  Units units;
  std::vector<Species> species;
};
using PotentialRegistry = io::Registry<Potential, PotentialContext>;

/// Every potential of the library, by name.
PotentialRegistry builtin_potentials();

class ForceField {
 public:
  explicit ForceField(std::vector<std::unique_ptr<Potential>> potentials)
      : potentials_(std::move(potentials)) {}

  double cutoff() const;           // the longest
  double shortest_cutoff() const;  // infinite without potentials
  std::vector<ListRequest> requests() const;
  bool empty() const { return potentials_.empty(); }
  const std::vector<std::unique_ptr<Potential>>& potentials() const { return potentials_; }

  /// system.f() = sum of all forces on local atoms; tally = sums of this rank (without tails).
  void compute(const Exec& exec, System& system, const NeighborList& list, const Halo& halo,
               Tally& tally);
  Potential::Tail tail(const std::vector<std::int64_t>& counts, double volume) const;

 private:
  std::vector<std::unique_ptr<Potential>> potentials_;
};

}  // namespace r1::md
