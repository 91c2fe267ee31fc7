// Minimisation of the potential energy by FIRE: Bitzek, Koskinen, Gaehler, Moseler, Gumbsch, Phys. Rev. Lett. 97, 170201 (2006),
// with the corrections of FIRE 2.0: Guenole et al., Comput. Mater. Sci. 175, 109584 (2020), algorithm 2. Damped dynamics from
// rest, in which all atoms have the same mass: the path is not that of a dynamics, only its end matters.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/simulation.hpp"

#include <cstdint>
#include <vector>

namespace r1::md {

struct MinimizeOptions {
  double force_tolerance = 1e-4;  // [force]
  std::int64_t max_steps = 10000;
};

/// What FIRE decides by; of all atoms.
struct Slope {
  double power = 0;  // sum of f·v
  double v2 = 0, f2 = 0;
  double max_f2 = 0;  // of one atom
};

/// The adaptive part of the algorithm.
class Fire {
 public:
  /// One step's instructions: x -= back v; v = keep v + push f, shortened to max_move/dt; x += dt v.
  struct Step {
    double back = 0, keep = 0, push = 0, dt = 0, max_move = 0;
  };
  static constexpr double kFirstMixing = 0.25;
  Fire(double first, double max_move) : first_(first), dt_(first), max_move_(max_move) {}
  Step next(const Slope& slope);

  std::vector<double> state() const;
  void set_state(const std::vector<double>& state);

 private:
  Step downhill(const Slope& slope);

  double first_, dt_, max_move_;
  double mixing_ = kFirstMixing;
  std::int64_t steps_ = 0, downhill_ = 0;
};

struct MinimizeResult {
  std::int64_t steps = 0;
  enum class End { converged, out_of_steps, stopped } end = End::out_of_steps;
  double max_force = 0;         // the longest force on an atom [force]
  double potential_energy = 0;  // with tail corrections [energy]; not of a stopped one
};

class Minimizer {
 public:
  /// Adds a field to the system, which must be its last until the minimizer dies.
  Minimizer(Simulation& simulation, const MinimizeOptions& options);
  ~Minimizer();
  Minimizer(const Minimizer&) = delete;
  Minimizer& operator=(const Minimizer&) = delete;

  /// Moves atoms until max |F_i| <= force_tolerance. Velocities, step and time stay as they are; the tally holds totals afterwards.
  /// After Simulation::prepare() or restore(). Collective; the same on any number of ranks, to rounding. NumericError if
  /// forces are not finite.
  MinimizeResult run();

  /// What it goes on from; the field is saved with the atoms.
  void save(io::CheckpointWriter& writer) const;
  void restore(const io::CheckpointReader& reader);
  static bool is_in(const io::CheckpointReader& reader) { return reader.has("minimize/fire"); }

 private:
  Quads velocity() const { return simulation_.system().fields.view(velocity_); }

  Simulation& simulation_;
  MinimizeOptions options_;
  FieldHandle<double, 4> velocity_;  // where all masses are 1
  Fire fire_;
  std::int64_t steps_ = 0;
};

/// A minimizer's run.
MinimizeResult minimize(Simulation& simulation, const MinimizeOptions& options);

}  // namespace r1::md
