// Radial distribution functions: g_AB(r) = pairs counted / pairs expected of particles that do not see each other,
//   expected in a shell = (N_A N_B | N_A (N_A − 1)/2 for A = B) · (4π/3)(r_high³ − r_low³) · sum over frames of 1/V.
// The cutoff may exceed the potential's and half of the cell: all images count. V is the volume of the cell, also where a face
// is open, so that g tends to no limit there; the file says so.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/observables/observable.hpp"
#include "md/observables/pair_histogram.hpp"

#include <array>
#include <string>
#include <vector>

namespace r1::md {

class Rdf : public Observable {
 public:
  struct Options {
    Schedule schedule;
    double cutoff = 0;  // [length]
    int bins = 200;
    std::vector<std::array<int, 2>>
        pairs;  // types; empty: every pair of species, and their total as "all"
  };
  Rdf(const Options& options, const ObservableContext& context);

  void attach(Simulation& simulation) override;
  void observe(Simulation& simulation) override;
  /// "rdf/<A-B>" with r [length], g, count (pairs over all frames) and the attribute frames.
  std::vector<io::ObservableTable> tables(const Communicator& comm) const override;
  void save(io::CheckpointWriter& writer) const override;
  void restore(const io::CheckpointReader& reader) override;

  std::int64_t frames() const { return frames_; }

 private:
  enum class Curves { named, named_and_total };
  double expected_pairs(std::array<int, 2> pair) const;
  /// Over all ranks; whole numbers below 2^53. Collective.
  std::vector<double> counts(const Communicator& comm) const;
  io::ObservableTable table(const std::string& name, const std::vector<double>& counts,
                            double pairs) const;

  Options options_;
  Curves curves_;
  ObservableContext context_;
  PairBins bins_;
  View<std::int64_t*> histogram_;    // (pairs * bins) of this rank, over all frames
  std::vector<std::int64_t> atoms_;  // by type, of all ranks
  bool fully_periodic_ = true;
  int rank_ = 0;
  std::int64_t frames_ = 0;
  double inverse_volumes_ = 0;  // sum over frames [1/length³]
};

}  // namespace r1::md
