// SPDX-License-Identifier: Apache-2.0
#include "md/minimize.hpp"

#include "core/error.hpp"
#include "md/checkpoint/saved_values.hpp"

#include <algorithm>
#include <cmath>

namespace r1::md {
namespace {

// Parameters of FIRE 2.0; those of the paper and of LAMMPS.
constexpr double kGrow = 1.1, kShrink = 0.5, kMixingDecay = 0.99;
constexpr std::int64_t kDelay = 20;                // downhill steps before the timestep grows
constexpr double kLongest = 10, kShortest = 0.02;  // timestep over the first one
constexpr double kFarthest = 0.1;                  // an atom moves in one step [length]

/// First timestep where every mass is 1, so in length/sqrt(energy): a twentieth of what the stiffest vibrations of a
/// Lennard-Jones crystal (force constant 57 epsilon/sigma^2 per bond) or of a metal (15 eV/Å^2) bear.
double first_timestep(const Units& units) {
  if (units.style == UnitStyle::lj) return 0.005;
  return 0.02 * std::sqrt(to_metal(units.style, Quantity::energy));  // 0.02 Å/sqrt(eV)
}

/// Powers of two that bring the largest components of f and v to about 1: sums of fixed point lose nothing then. 1 in plain arithmetic.
struct Scales {
  double f = 1, v = 1;
};
Scales scales_of(const Exec& exec, const System& system, Quads v, const Communicator& comm) {
  Scales scales;
  if (!system.fixed.on()) return scales;
  double f_most = largest_component(exec, system.n_local, system.f());
  double v_most = largest_component(exec, system.n_local, v);
  comm.reduce_now(Reductions().max(f_most).max(v_most));
  const auto scale = [](double most) {
    return most > 0 && std::isfinite(most) ? std::ldexp(1.0, -std::ilogb(most)) : 1;
  };
  return {scale(f_most), scale(v_most)};
}

Slope measure_slope(const Exec& exec, const System& system, Quads v, const Communicator& comm) {
  const auto f = system.f();
  const auto fixed = system.fixed;
  const auto scale = scales_of(exec, system, v, comm);
  WideSums<3> sums;
  Slope s;
  Kokkos::parallel_reduce(
      "minimize::measure_slope", Range(exec, 0, system.n_local),
      KOKKOS_LAMBDA(int i, WideSums<3>& sum, double& most)->void {
        double power = 0, v2 = 0, f2 = 0;
        for (int d = 0; d < 3; ++d) {
          const double fd = scale.f * f(i, d), vd = scale.v * v(i, d);
          power += fd * vd;
          v2 += vd * vd;
          f2 += fd * fd;
        }
        sum.add(0, power, fixed);
        sum.add(1, v2, fixed);
        sum.add(2, f2, fixed);
        if (f2 > most) most = f2;
      },
      Kokkos::Sum<WideSums<3>>(sums), Kokkos::Max<double>(s.max_f2));
  Reductions reductions;
  join(reductions, sums, fixed);
  comm.reduce_now(std::move(reductions.max(s.max_f2)));
  const auto all = totals_of(sums, fixed);
  s.power = all[0] / (scale.f * scale.v);
  s.v2 = all[1] / (scale.v * scale.v);
  s.f2 = all[2] / (scale.f * scale.f);
  s.max_f2 /= scale.f * scale.f;
  if (!std::isfinite(s.f2) || !std::isfinite(s.power))
    throw NumericError(
        "forces are not finite during minimisation: two atoms coincide, or the potential is not "
        "defined where they are; check the start");
  return s;
}

void move(const Exec& exec, const System& system, Quads v, const Fire::Step& step) {
  const auto x = system.x(), f = system.f();
  const double magic = system.fixed.position;
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
          x(i, d) -= rounded(step.back * v(i, d), magic);
          v(i, d) = shorten * next[d];
          x(i, d) += rounded(step.dt * v(i, d), magic);
        }
      });
}

}  // namespace

Fire::Step Fire::next(const Slope& slope) {
  ++steps_;
  if (slope.power > 0) return downhill(slope);
  downhill_ = 0;
  mixing_ = kFirstMixing;
  if (steps_ > kDelay) dt_ = std::max(dt_ * kShrink, first_ * kShortest);
  return {0.5 * dt_, 0, dt_, dt_, max_move_};  // half a step back, then from rest
}

Fire::Step Fire::downhill(const Slope& slope) {
  const double keep = 1 - mixing_;
  const double along = slope.f2 > 0 ? mixing_ * std::sqrt(slope.v2 / slope.f2) : 0;
  if (++downhill_ > kDelay) {
    dt_ = std::min(dt_ * kGrow, first_ * kLongest);
    mixing_ *= kMixingDecay;
  }
  return {0, keep, keep * dt_ + along, dt_, max_move_};
}

std::vector<double> Fire::state() const {
  return {dt_, mixing_, static_cast<double>(steps_), static_cast<double>(downhill_)};
}

void Fire::set_state(const std::vector<double>& state) {
  if (state.size() != 4)
    throw CheckpointError("the state of the minimizer holds " + std::to_string(state.size()) +
                          " numbers, expected 4: it was written by another version");
  require_finite(state, "the state of the minimizer");
  if (!(state[0] > 0))
    refuse_saved("the minimizer's timestep", std::to_string(state[0]), "one above 0");
  dt_ = state[0], mixing_ = state[1];
  steps_ = saved_count(state[2], "the minimizer's number of steps");
  downhill_ = saved_count(state[3], "the minimizer's number of steps downhill");
}

// Migration reaches the bricks within the list's range: an atom must not move further in a step.
Minimizer::Minimizer(Simulation& simulation, const MinimizeOptions& options)
    : simulation_(simulation),
      options_(options),
      velocity_(simulation.system().fields.add<double, 4>({"minimizer_velocity", 4, "", {}, 1})),
      fire_(first_timestep(simulation.system().units),
            std::min(kFarthest, 0.25 * simulation.neighbors().list_cutoff())) {}

Minimizer::~Minimizer() { simulation_.system().fields.all().pop_back(); }

MinimizeResult Minimizer::run() {
  const auto& exec = simulation_.exec();
  const auto& system = simulation_.system();
  MinimizeResult result;
  simulation_.update_forces(Tally::Level::forces);
  for (;; ++steps_) {
    const auto slope = measure_slope(exec, system, velocity(), simulation_.comm());
    result.max_force = std::sqrt(slope.max_f2);
    if (result.max_force <= options_.force_tolerance) result.end = MinimizeResult::End::converged;
    if (result.end == MinimizeResult::End::converged || steps_ >= options_.max_steps) break;
    if (simulation_.heed()) return {steps_, MinimizeResult::End::stopped, result.max_force, 0};
    {
      const auto region = simulation_.profile().region("minimize");
      move(exec, system, velocity(), fire_.next(slope));
    }
    simulation_.update_forces(Tally::Level::forces);
  }
  simulation_.update_forces(Tally::Level::totals);
  result.steps = steps_;
  result.potential_energy = simulation_.thermo().potential_energy;
  return result;
}

MinimizeResult minimize(Simulation& simulation, const MinimizeOptions& options) {
  return Minimizer(simulation, options).run();
}

void Minimizer::save(io::CheckpointWriter& writer) const {
  writer.add("minimize/fire", fire_.state());
  writer.add_one("minimize/steps", steps_);
}

void Minimizer::restore(const io::CheckpointReader& reader) {
  fire_.set_state(reader.read<double>("minimize/fire"));
  steps_ = read_between(reader, "minimize/steps", 0, kMostSaved);
}

}  // namespace r1::md
