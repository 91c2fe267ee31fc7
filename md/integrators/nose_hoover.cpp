// Nose-Hoover chain (Martyna, Klein, Tuckerman, J. Chem. Phys. 97, 2635 (1992)): half a step of the chain before and after each
// step of velocity Verlet, split to fourth order by Suzuki and Yoshida's three weights (Martyna, Tuckerman, Tobias, Klein, Mol.
// Phys. 87, 1117 (1996), eq. 29 and appendix A). u_k are the chain's velocities [1/time]:
//   Q_1 du_1/dt = 2K - dof kT - Q_1 u_1 u_2,   Q_k du_k/dt = Q_{k-1} u_{k-1}^2 - kT - Q_k u_k u_{k+1},   dv/dt = f/m - u_1 v
//   Q_1 = dof kT tau^2, others kT tau^2;   bath energy = sum Q_k u_k^2/2 + integral kT (dof u_1 + u_2 + ...) dt
// In a ramp T follows the step and the Q with it; the integral then takes up what rescaling the Q does to the first sum.
// SPDX-License-Identifier: Apache-2.0
#include "md/integrators/nose_hoover.hpp"

#include "core/error.hpp"
#include "md/checkpoint/saved_values.hpp"
#include "md/integrators/temperature_ramp.hpp"
#include "md/measure.hpp"

#include <cmath>
#include <string>

namespace r1::md {
namespace {

void scale_velocities(const StepContext& context, double factor) {
  const auto v = context.system.v();
  Kokkos::parallel_for(
      "nose_hoover::scale_velocities", Range(context.exec, 0, context.system.n_local),
      KOKKOS_LAMBDA(int i)->void {
        for (int d = 0; d < 3; ++d) v(i, d) *= factor;
      });
}

class NoseHoover final : public Thermostat {
 public:
  explicit NoseHoover(const io::Config& options)
      : ramp_(options["temperature"]),
        time_constant_(options["time_constant"].real()),
        velocity_(static_cast<std::size_t>(options["chain"].integer())) {}

  void start(const StepContext& context, std::int64_t steps) override {
    ramp_.start(context.step, steps);
    velocity_.assign(velocity_.size(), 0.0);
    work_ = 0;
    degrees_of_freedom_ = degrees_of_freedom(context.system.n_global);
    kt_ = context.system.units.boltzmann * ramp_.at(context.step + 1);
    kinetic_ = kinetic_energy(context.exec, context.system, context.comm);
  }
  void before_step(const StepContext& context) override {
    set_target(context.system.units.boltzmann * ramp_.at(context.step));
    half_step(context);  // with the kinetic energy that after_step() has left
  }
  void after_step(const StepContext& context) override {
    kinetic_ = kinetic_energy(context.exec, context.system, context.comm);
    half_step(context);
  }
  double bath_energy(const StepContext&) const override { return chain_kinetic() + work_; }

  std::vector<double> state(const StepContext&) const override {
    std::vector<double> all{static_cast<double>(ramp_.before()), static_cast<double>(ramp_.steps()),
                            kt_, work_, kinetic_};
    all.insert(all.end(), velocity_.begin(), velocity_.end());
    return all;
  }
  void restore(const StepContext&, const std::vector<double>& state) override {
    if (state.size() != 5 + velocity_.size() || !(state[2] > 0))
      throw CheckpointError("the saved state of the Nose-Hoover thermostat holds " +
                            std::to_string(state.size()) + " numbers, expected " +
                            std::to_string(5 + velocity_.size()) +
                            ": it was written by another kind or length of chain; start a new run");
    require_finite(state, "the state of the thermostat");
    ramp_.start(saved_count(state[0], "the start of the ramp"),
                saved_count(state[1], "the length of the ramp"));
    kt_ = state[2], work_ = state[3], kinetic_ = state[4];
    velocity_.assign(state.begin() + 5, state.end());
  }

 private:
  double mass(std::size_t k) const {  // [energy time^2]
    return (k == 0 ? degrees_of_freedom_ : 1) * kt_ * time_constant_ * time_constant_;
  }
  double chain_kinetic() const {
    double sum = 0;
    for (std::size_t k = 0; k < velocity_.size(); ++k)
      sum += 0.5 * mass(k) * velocity_[k] * velocity_[k];
    return sum;
  }
  void set_target(double kt) {
    const double before = chain_kinetic();
    kt_ = kt;
    work_ += before - chain_kinetic();
  }

  /// u_k over `dt`: half of its friction by u_{k+1}, its force, the other half.
  void push(std::size_t k, double dt) {
    const double driven = k == 0 ? 2 * kinetic_ : mass(k - 1) * velocity_[k - 1] * velocity_[k - 1];
    const double force = driven - (k == 0 ? degrees_of_freedom_ : 1) * kt_;
    const double keep = k + 1 < velocity_.size() ? std::exp(-0.5 * dt * velocity_[k + 1]) : 1;
    velocity_[k] = (velocity_[k] * keep + dt * force / mass(k)) * keep;
  }

  /// The chain over half a timestep. Velocities are scaled once; their kinetic energy follows without a sum over atoms.
  void half_step(const StepContext& context) {
    if (degrees_of_freedom_ <= 0) return;
    const double outer = 1 / (2 - std::cbrt(2.0));
    double factor = 1;
    for (const double weight : {outer, 1 - 2 * outer, outer}) {
      const double dt = 0.5 * weight * context.timestep;
      for (std::size_t k = velocity_.size(); k-- > 0;) push(k, 0.5 * dt);
      const double scale = std::exp(-dt * velocity_[0]);
      factor *= scale;
      kinetic_ *= scale * scale;
      work_ += kt_ * dt * degrees_of_freedom_ * velocity_[0];
      for (std::size_t k = 1; k < velocity_.size(); ++k) work_ += kt_ * dt * velocity_[k];
      for (std::size_t k = 0; k < velocity_.size(); ++k) push(k, 0.5 * dt);
    }
    scale_velocities(context, factor);
  }

  TemperatureRamp ramp_;
  double time_constant_;          // tau [time]
  std::vector<double> velocity_;  // u (chain) [1/time]
  double degrees_of_freedom_ = 0;
  double kt_ = 0;       // of the present step [energy]
  double work_ = 0;     // the integral of the bath energy [energy]
  double kinetic_ = 0;  // of all atoms [energy]
};

}  // namespace

void add_nose_hoover(ThermostatRegistry& registry) {
  using namespace io;
  registry.add("nose_hoover", "Deterministic chain of thermostats; total momentum is conserved.",
               mapping({
                   Key("temperature", temperature_or_ramp(real(Quantity::temperature).above(0)),
                       "Temperature of the bath, or [start, end] of a ramp over the stage.")
                       .required_(),
                   Key("time_constant", real(Quantity::time).above(0),
                       "Time scale of the exchange of heat; some 100 timesteps.")
                       .required_(),
                   Key("chain", integer().min(1).max(100), "Thermostats in the chain.").or_("3"),
               }),
               [](const Config& options, const ThermostatContext&) {
                 return std::make_unique<NoseHoover>(options);
               });
}

}  // namespace r1::md
