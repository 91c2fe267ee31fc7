// SPDX-License-Identifier: Apache-2.0
#include "md/minimize.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <cmath>

namespace r1::md {
namespace {

// Parameters of FIRE 2.0; those of the paper and of LAMMPS.
constexpr double kGrow = 1.1, kShrink = 0.5, kMixing = 0.25, kMixingDecay = 0.99;
constexpr std::int64_t kDelay = 20;                // downhill steps before the timestep grows
constexpr double kLongest = 10, kShortest = 0.02;  // timestep over the first one
constexpr double kFarthest = 0.1;                  // an atom moves in one step [length]

/// First timestep where every mass is 1, so in length/sqrt(energy): a twentieth of what the stiffest vibrations of a
/// Lennard-Jones crystal (force constant 57 epsilon/sigma^2 per bond) or of a metal (15 eV/Å^2) bear.
double first_timestep(const Units& units) {
  if (units.style == UnitStyle::lj) return 0.005;
  return 0.02 * std::sqrt(to_metal(units.style, Quantity::energy));  // 0.02 Å/sqrt(eV)
}

/// A field of the system for as long as this lives: it follows the atoms through rebuilds.
class MinimizerVelocity {
 public:
  explicit MinimizerVelocity(System& system) : fields_(system.fields) {
    FieldTraits traits;
    traits.checkpointed = FieldTraits::Checkpointed::no;
    handle_ = fields_.add<double, 4>({"minimizer_velocity", 4, "", traits});
  }
  // It is the last one, so that the handles of other fields hold.
  ~MinimizerVelocity() { fields_.all().pop_back(); }
  MinimizerVelocity(const MinimizerVelocity&) = delete;
  MinimizerVelocity& operator=(const MinimizerVelocity&) = delete;
  Quads view() const { return fields_.view(handle_); }

 private:
  Fields& fields_;
  FieldHandle<double, 4> handle_;
};

/// What FIRE decides by; of all atoms.
struct Slope {
  double power = 0;  // sum of f·v
  double v2 = 0, f2 = 0;
  double max_f2 = 0;  // of one atom
};

Slope measure_slope(const Exec& exec, const System& system, Quads v, const Communicator& comm) {
  const auto f = system.f();
  Slope s;
  Kokkos::parallel_reduce(
      "minimize::measure_slope", Range(exec, 0, system.n_local),
      KOKKOS_LAMBDA(int i, double& power, double& v2, double& f2, double& most)->void {
        double here = 0;
        for (int d = 0; d < 3; ++d) {
          power += f(i, d) * v(i, d);
          v2 += v(i, d) * v(i, d);
          here += f(i, d) * f(i, d);
        }
        f2 += here;
        if (here > most) most = here;
      },
      s.power, s.v2, s.f2, Kokkos::Max<double>(s.max_f2));
  comm.reduce_now(Reductions().sum(s.power).sum(s.v2).sum(s.f2).max(s.max_f2));
  if (!std::isfinite(s.f2) || !std::isfinite(s.power))
    throw NumericError(
        "forces are not finite during minimisation: two atoms coincide, or the potential is not "
        "defined where they are; check the start");
  return s;
}

/// One step's instructions: x -= back v; v = keep v + push f, shortened to max_move/dt; x += dt v.
struct Step {
  double back = 0, keep = 0, push = 0, dt = 0, max_move = 0;
};

void move(const Exec& exec, const System& system, Quads v, const Step& step) {
  const auto x = system.x(), f = system.f();
  Kokkos::parallel_for(
      "minimize::move", Range(exec, 0, system.n_local), KOKKOS_LAMBDA(int i)->void {
        double next[3], v2 = 0;
        for (int d = 0; d < 3; ++d) {
          next[d] = step.keep * v(i, d) + step.push * f(i, d);
          v2 += next[d] * next[d];
        }
        const double move = step.dt * Kokkos::sqrt(v2);
        const double shorten = move > step.max_move ? step.max_move / move : 1.0;
        for (int d = 0; d < 3; ++d) {
          x(i, d) -= step.back * v(i, d);
          v(i, d) = shorten * next[d];
          x(i, d) += step.dt * v(i, d);
        }
      });
}

/// The adaptive part of the algorithm.
class Fire {
 public:
  Fire(double first, double max_move) : first_(first), dt_(first), max_move_(max_move) {}

  Step next(const Slope& slope) {
    ++steps_;
    if (slope.power > 0) return downhill(slope);
    downhill_ = 0;
    mixing_ = kMixing;
    if (steps_ > kDelay) dt_ = std::max(dt_ * kShrink, first_ * kShortest);
    return {0.5 * dt_, 0, dt_, dt_, max_move_};  // half a step back, then from rest
  }

 private:
  Step downhill(const Slope& slope) {
    const double keep = 1 - mixing_, along = mixing_ * std::sqrt(slope.v2 / slope.f2);
    if (++downhill_ > kDelay) {
      dt_ = std::min(dt_ * kGrow, first_ * kLongest);
      mixing_ *= kMixingDecay;
    }
    return {0, keep, keep * dt_ + along, dt_, max_move_};
  }

  double first_, dt_, max_move_;
  double mixing_ = kMixing;
  std::int64_t steps_ = 0, downhill_ = 0;
};

}  // namespace

MinimizeResult minimize(Simulation& simulation, const MinimizeOptions& options) {
  auto& system = simulation.system();
  const MinimizerVelocity velocity(system);
  // Migration reaches the bricks within the list's range.
  Fire fire(first_timestep(system.units),
            std::min(kFarthest, 0.25 * simulation.neighbors().list_cutoff()));
  MinimizeResult result;
  simulation.update_forces(Tally::Level::forces);
  for (;; ++result.steps) {
    const auto slope = measure_slope(simulation.exec(), system, velocity.view(), simulation.comm());
    result.max_force = std::sqrt(slope.max_f2);
    if (result.max_force <= options.force_tolerance) result.end = MinimizeResult::End::converged;
    if (result.end == MinimizeResult::End::converged || result.steps >= options.max_steps) break;
    {
      const auto region = simulation.profile().region("minimize");
      move(simulation.exec(), system, velocity.view(), fire.next(slope));
    }
    simulation.update_forces(Tally::Level::forces);
  }
  simulation.update_forces(Tally::Level::totals);
  result.potential_energy = simulation.thermo().potential_energy;
  return result;
}

}  // namespace r1::md
