// A checked input as plain values, for the program that carries it out. What is extensible stays a Config, for its registry.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/units.hpp"
#include "io/config.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace r1::md {

struct EvaluateStage {
  std::optional<std::filesystem::path> frames;  // absent: the start
};
struct MinimizeStage {
  double force_tolerance;  // [force]
  std::int64_t max_steps;
};
struct DynamicsStage {
  std::int64_t steps;
  double timestep;        // [time]
  io::Config integrator;  // for IntegratorRegistry::make
  io::Config thermostat;  // for ThermostatRegistry::make
};
using Stage = std::variant<EvaluateStage, MinimizeStage, DynamicsStage>;

struct TrajectorySettings {
  std::int64_t every;
  std::vector<std::string> formats;  // h5md, extxyz; each once
  std::vector<std::string> fields;   // position, image, velocity, force; each once
  enum class Precision { double_, single } precision;
};

struct OutputSettings {
  std::string directory;
  std::int64_t thermo_every;
  std::optional<TrajectorySettings> trajectory;
  std::vector<io::Config> observables;  // for the registry of observables
};

/// When checkpoints are written beside the ones at the start and at the end of stages; both 0: only when asked to stop.
struct CheckpointSettings {
  std::int64_t steps = 0;
  double seconds = 0;  // by the clock
};

/// What is watched beside what always is.
struct WatchSettings {
  enum class Stall { no, usual, limited } stall = Stall::no;
  double stall_seconds = 0;  // of a limited one, by the clock
  enum class Drift { no, warn, stop } drift = Drift::no;
};

/// Time of the clock that a run may take.
struct Walltime {
  enum class Kind { unlimited, of_the_scheduler, limited } kind = Kind::unlimited;
  double seconds = 0;  // of a limited one
};
/// "none", "auto" or "HH:MM:SS" (hours may exceed 24); nothing where the text is none of them.
std::optional<Walltime> parse_walltime(const std::string& text);

struct RunSettings {
  Units units;
  std::uint64_t seed;
  std::optional<std::array<int, 3>> grid;  // absent: the best
  double skin;                             // [length]
  enum class Arithmetic { usual, reproducible } arithmetic = Arithmetic::usual;
  std::vector<io::Config> potentials;  // for PotentialRegistry::make
  std::vector<Stage> stages;
  OutputSettings output;
  CheckpointSettings checkpoint;
  WatchSettings watch;
  Walltime walltime;
};

/// Reads the root of a document whose check() has passed. Faults that take several keys to see (a duration that is no whole
/// number of steps, a species that is named twice or not at all) are recorded; check() the document afterwards.
RunSettings read_run_settings(const io::Config& root);

}  // namespace r1::md
