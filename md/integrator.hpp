// Integrator and thermostat: a step is begin() - forces at the new positions - end(). A thermostat hooks into it at three points;
// what it has taken from the system is its bath energy, so that total + bath energy is conserved.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"
#include "io/registry.hpp"
#include "md/system.hpp"

#include <memory>
#include <vector>

namespace r1::md {

/// What a step of dynamics works on.
struct StepContext {
  const Exec& exec;
  System& system;
  const Communicator& comm;
  double timestep;    // [time]
  std::int64_t step;  // the step being made, from 1
};

class Thermostat {
 public:
  virtual ~Thermostat() = default;
  /// Called once before the first step of a stage. `steps`: its length, for ramps.
  virtual void start(const StepContext& context, std::int64_t steps) { (void)context, (void)steps; }
  virtual void before_step(const StepContext& context) { (void)context; }
  /// Between two half drifts; only if acts_at_midstep().
  virtual void at_midstep(const StepContext& context) { (void)context; }
  virtual void after_step(const StepContext& context) { (void)context; }
  virtual bool acts_at_midstep() const { return false; }
  /// Degrees of freedom that the dynamics leaves of 3N: 3N - 3 where it conserves total momentum.
  virtual double degrees_of_freedom(std::int64_t atoms) const;
  /// Energy that the bath has taken from the system since start() (or the energy of the chain) [energy]. Collective sums are
  /// taken here, not in every step.
  virtual double bath_energy(const StepContext& context) const { return (void)context, 0.0; }
  /// What a checkpoint keeps to go on within a stage. The same on every rank, for any number of ranks. Collective.
  virtual std::vector<double> state(const StepContext& context) const {
    return (void)context, std::vector<double>();
  }
  /// Goes on from a state() of the same kind; after start(). CheckpointError if `state` cannot be one.
  virtual void restore(const StepContext& context, const std::vector<double>& state);
};

struct ThermostatContext {
  Units units;
  std::uint64_t seed;
};
using ThermostatRegistry = io::Registry<Thermostat, ThermostatContext>;
ThermostatRegistry builtin_thermostats();  // none, langevin, nose_hoover

class Integrator {
 public:
  virtual ~Integrator() = default;
  /// From (x, v) at t to positions at t + dt; velocities on the way.
  virtual void begin(const StepContext& context, Thermostat& thermostat) = 0;
  /// Velocities to t + dt with the forces at the new positions.
  virtual void end(const StepContext& context, Thermostat& thermostat) = 0;
};
using IntegratorRegistry = io::Registry<Integrator, ThermostatContext>;
IntegratorRegistry builtin_integrators();  // velocity_verlet

/// v += dt f/m.
void kick(const StepContext& context, double dt);
/// x += dt v.
void drift(const StepContext& context, double dt);

}  // namespace r1::md
