// Velocity Verlet: half kick, drift, forces, half kick (Swope, Andersen, Berens, Wilson, J. Chem. Phys. 76, 637 (1982)). A
// thermostat that acts at midstep splits the drift in two.
// SPDX-License-Identifier: Apache-2.0
#include "md/integrators/velocity_verlet.hpp"

namespace r1::md {
namespace {

/// Half kick and drift in one pass over memory: the same operations in the same order as kick() and drift().
void kick_and_drift(const StepContext& context) {
  const auto& s = context.system;
  const auto x = s.x(), v = s.v(), f = s.f();
  const auto type = s.type();
  const auto inverse_mass = s.inverse_mass;
  const double dt = context.timestep, per_energy = 1 / s.units.mvv_to_energy;
  const double magic = s.fixed.position;
  Kokkos::parallel_for(
      "velocity_verlet::kick_and_drift", Range(context.exec, 0, s.n_local),
      KOKKOS_LAMBDA(int i)->void {
        const double scale = 0.5 * dt * per_energy * inverse_mass(type(i));
        for (int d = 0; d < 3; ++d) {
          v(i, d) += scale * f(i, d);
          x(i, d) += rounded(dt * v(i, d), magic);
        }
      });
}

class VelocityVerlet final : public Integrator {
 public:
  void begin(const StepContext& context, Thermostat& thermostat) override {
    thermostat.before_step(context);
    if (!thermostat.acts_at_midstep()) {
      kick_and_drift(context);
      return;
    }
    kick(context, 0.5 * context.timestep);
    drift(context, 0.5 * context.timestep);
    thermostat.at_midstep(context);
    drift(context, 0.5 * context.timestep);
  }
  void end(const StepContext& context, Thermostat& thermostat) override {
    kick(context, 0.5 * context.timestep);
    thermostat.after_step(context);
  }
};

}  // namespace

void kick(const StepContext& context, double dt) {
  const auto& s = context.system;
  const auto v = s.v(), f = s.f();
  const auto type = s.type();
  const auto inverse_mass = s.inverse_mass;
  const double per_energy = 1 / s.units.mvv_to_energy;
  Kokkos::parallel_for(
      "velocity_verlet::kick", Range(context.exec, 0, s.n_local), KOKKOS_LAMBDA(int i)->void {
        const double scale = dt * per_energy * inverse_mass(type(i));
        for (int d = 0; d < 3; ++d) v(i, d) += scale * f(i, d);
      });
}

void drift(const StepContext& context, double dt) {
  const auto& s = context.system;
  const auto x = s.x(), v = s.v();
  const double magic = s.fixed.position;
  Kokkos::parallel_for(
      "velocity_verlet::drift", Range(context.exec, 0, s.n_local), KOKKOS_LAMBDA(int i)->void {
        for (int d = 0; d < 3; ++d) x(i, d) += rounded(dt * v(i, d), magic);
      });
}

void add_velocity_verlet(IntegratorRegistry& registry) {
  registry.add("velocity_verlet", "Half kick, drift, half kick; symplectic, second order.",
               io::mapping({}), [](const io::Config&, const ThermostatContext&) {
                 return std::make_unique<VelocityVerlet>();
               });
}

}  // namespace r1::md
