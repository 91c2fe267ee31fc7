// Langevin dynamics, the O step of BAOAB (Leimkuhler, Matthews, Appl. Math. Res. Express 2013, 34): between two half drifts
//   v <- c v + sqrt((1 - c^2) kT/m) xi,   c = exp(-friction dt),   xi standard normal, a function of (seed, id, step).
// Positions are sampled with an error of order dt^4 at high friction; the kinetic energy at full steps is low by about
// (omega dt)^2/4. Total momentum is not conserved: 3N degrees of freedom.
// SPDX-License-Identifier: Apache-2.0
#include "md/integrators/langevin.hpp"

#include "core/error.hpp"
#include "core/random.hpp"
#include "md/checkpoint/saved_values.hpp"
#include "md/integrators/temperature_ramp.hpp"
#include "md/measure.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace r1::md {
namespace {

/// The O step; returns the kinetic energy that this rank's atoms have gained, each rounded by `magic` [energy].
double ornstein_uhlenbeck(const StepContext& context, const Random& random, double keep, double kt,
                          double magic) {
  const auto& s = context.system;
  const auto v = s.v();
  const auto id = s.id();
  const auto type = s.type();
  const auto mass = s.mass, inverse_mass = s.inverse_mass;
  const double width2 = (1 - keep) * (1 + keep) * kt / s.units.mvv_to_energy;
  const auto step = static_cast<std::uint64_t>(context.step);
  const double half_mvv = 0.5 * s.units.mvv_to_energy;
  double gained = 0;
  Kokkos::parallel_reduce(
      "langevin::ornstein_uhlenbeck", Range(context.exec, 0, s.n_local),
      KOKKOS_LAMBDA(int i, double& sum)->void {
        const double width = Kokkos::sqrt(width2 * inverse_mass(type(i)));
        const auto xi = random.normal3(static_cast<std::uint64_t>(id(i)), step);
        double change = 0;  // of v^2
        for (int d = 0; d < 3; ++d) {
          const double before = v(i, d), after = keep * before + width * xi[d];
          change += after * after - before * before;
          v(i, d) = after;
        }
        sum += rounded(half_mvv * mass(type(i)) * change, magic);
      },
      gained);
  return gained;
}

class Langevin final : public Thermostat {
 public:
  Langevin(const io::Config& options, const ThermostatContext& context)
      : random_(context.seed, RandomPurpose::langevin),
        ramp_(options["temperature"]),
        friction_(options["friction"].real()) {}

  void start(const StepContext& context, std::int64_t steps) override {
    ramp_.start(context.step, steps);
    given_here_ = 0;
    const double bath = degrees_of_freedom(context.system.n_global) *
                        context.system.units.boltzmann * ramp_.highest();
    const double thermal =
        std::max(bath, 2 * kinetic_energy(context.exec, context.system, context.comm));
    quantum_ = std::ldexp(1.0, (thermal > 0 ? std::ilogb(thermal) : 0) - 40);
  }
  bool acts_at_midstep() const override { return true; }
  void at_midstep(const StepContext& context) override {
    const double kt = context.system.units.boltzmann * ramp_.at(context.step);
    const double keep = std::exp(-friction_ * context.timestep);
    const double magic = context.system.fixed.on() ? magic_of(quantum_) : 0;
    const double gained = ornstein_uhlenbeck(context, random_, keep, kt, magic);
    given_here_ += std::nearbyint(gained / quantum_) * quantum_;
  }
  double degrees_of_freedom(std::int64_t atoms) const override {
    return 3.0 * static_cast<double>(atoms);
  }
  double bath_energy(const StepContext& context) const override {
    return -context.comm.sum(given_here_);
  }

  std::vector<double> state(const StepContext& context) const override {
    return {static_cast<double>(ramp_.before()), static_cast<double>(ramp_.steps()),
            context.comm.sum(given_here_), quantum_};
  }
  void restore(const StepContext& context, const std::vector<double>& state) override {
    if (state.size() != 4 || !(state[3] > 0))
      throw CheckpointError(
          "the saved state of the Langevin thermostat holds " + std::to_string(state.size()) +
          " numbers, expected 4: it was written by another kind; start a new run");
    require_finite(state, "the state of the thermostat");
    ramp_.start(saved_count(state[0], "the start of the ramp"),
                saved_count(state[1], "the length of the ramp"));
    given_here_ = context.comm.rank() == 0 ? state[2] : 0;
    quantum_ = state[3];
  }

 private:
  Random random_;
  TemperatureRamp ramp_;
  double friction_;        // [1/time]
  double given_here_ = 0;  // heat that this rank's atoms have got since start() [energy]
  // What a step adds to it is rounded to a multiple of this power of two, 1e-12 of the thermal energy, so that the sum over
  // steps and ranks is exact and does not depend on where a checkpoint has cut it; in reproducible arithmetic so is each atom's.
  double quantum_ = 0;  // [energy]
};

}  // namespace

void add_langevin(ThermostatRegistry& registry) {
  using namespace io;
  registry.add("langevin",
               "Friction and noise on every atom (BAOAB); samples the canonical ensemble.",
               mapping({
                   Key("temperature", temperature_or_ramp(real(Quantity::temperature).min(0)),
                       "Temperature of the bath, or [start, end] of a ramp over the stage.")
                       .required_(),
                   Key("friction", real(Quantity::frequency).min(0),
                       "Rate at which velocities are forgotten.")
                       .required_(),
               }),
               [](const Config& options, const ThermostatContext& context) {
                 return std::make_unique<Langevin>(options, context);
               });
}

}  // namespace r1::md
