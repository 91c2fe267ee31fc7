// Mean squared displacement from the positions of the first observation, of each species and of all atoms:
//   msd = <|u(t) − u(0)|²>,   u = x + image·H (unwrapped)   [length²]
// The reference positions are a field of the atoms: they follow them from rank to rank and into checkpoints.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/observables/observable.hpp"

#include <vector>

namespace r1::md {

class Msd : public Observable {
 public:
  /// What happens to the displacement of the centre of mass.
  enum class Drift { kept, removed };
  Msd(Schedule schedule, Drift drift, const ObservableContext& context);

  void register_fields(System& system) override;
  void attach(Simulation& simulation) override;
  void observe(Simulation& simulation) override;
  /// "msd" with step, time [time], total and species/<name> [length²].
  std::vector<io::ObservableTable> tables(const Communicator& comm) const override;
  void save(io::CheckpointWriter& writer) const override;
  void restore(const io::CheckpointReader& reader) override;

 private:
  Vec3 centre_of_mass_displacement(const Simulation& simulation) const;

  Drift drift_;
  ObservableContext context_;
  FieldHandle<double, 3> reference_;          // unwrapped [length]
  std::vector<std::int64_t> atoms_;           // by type, of all ranks
  std::vector<std::int64_t> step_;            // (rows)
  std::vector<double> time_, total_;          // (rows)
  std::vector<std::vector<double>> by_type_;  // (types, rows)
};

}  // namespace r1::md
