// SPDX-License-Identifier: Apache-2.0
#include "md/config/run_settings.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace r1::md {
namespace {

/// Texts of a list of words; a repeated one is a fault.
std::vector<std::string> distinct_words(const io::Config& list) {
  std::vector<std::string> words;
  for (const auto& item : list.items()) {
    if (std::find(words.begin(), words.end(), item.text()) != words.end())
      item.fault("'" + item.text() + "' is listed twice");
    words.push_back(item.text());
  }
  return words;
}

std::int64_t steps_of(const io::Config& dynamics) {
  if (dynamics.has("steps")) return dynamics["steps"].integer();
  const double duration = dynamics["duration"].real(), timestep = dynamics["timestep"].real();
  const double steps = duration / timestep, whole = std::nearbyint(steps);
  if (whole > 0x1p47) {
    dynamics["duration"].fault("the duration is more than 2^47 time steps");
    return 0;
  }
  // Both numbers are decimal texts: their quotient is off by a few roundings, not by a part of a step.
  if (whole < 1 || std::abs(steps - whole) > 1e-6 + 1e-12 * whole) {
    const double down = std::max(1.0, std::floor(steps));
    dynamics["duration"].fault(
        fmt::format("the duration is {:.9g} time steps, expected a whole number; use {:.12g} or "
                    "{:.12g}, or give 'steps'",
                    steps, down * timestep, (down + 1) * timestep));
  }
  return static_cast<std::int64_t>(whole);
}

Stage stage_of(const io::Config& stage) {
  const auto options = stage.options();
  if (stage.kind() == "evaluate") {
    EvaluateStage evaluate;
    if (options.has("frames")) evaluate.frames = options["frames"].path();
    return evaluate;
  }
  if (stage.kind() == "minimize")
    return MinimizeStage{options["force_tolerance"].real(), options["max_steps"].integer()};
  return DynamicsStage{steps_of(options), options["timestep"].real(), options["integrator"],
                       options["thermostat"]};
}

OutputSettings output_of(const io::Config& root) {
  const auto output = root["output"];
  OutputSettings result;
  result.directory = output.has("directory") ? output["directory"].text()
                                             : root.document()->file().stem().string();
  result.thermo_every = output["thermo"]["every"].integer();
  result.observables = output["observables"].items();
  const auto trajectory = output["trajectory"];
  if (trajectory.is("none")) return result;
  result.trajectory = TrajectorySettings{
      trajectory["every"].integer(), distinct_words(trajectory["format"]),
      distinct_words(trajectory["fields"]),
      trajectory["precision"].is("single") ? TrajectorySettings::Precision::single
                                           : TrajectorySettings::Precision::double_};
  return result;
}

void check_species(const io::Config& system) {
  if (!system.has("species")) return;
  std::vector<std::string> names;
  for (const auto& item : system["species"].items()) {
    const auto& name = item["name"].text();
    if (std::find(names.begin(), names.end(), name) != names.end())
      item["name"].fault("the species '" + name + "' is listed twice");
    names.push_back(name);
  }
  if (!system.has("lattice")) return;
  const auto site = system["lattice"]["species"];
  if (std::find(names.begin(), names.end(), site.text()) == names.end())
    site.fault("unknown species '" + site.text() + "', expected one of " + joined(names));
}

CheckpointSettings checkpoint_of(const io::Config& every) {
  CheckpointSettings result;
  if (every.alternative() == 1) result.steps = every.integer();
  if (every.alternative() == 2) result.seconds = every.real();
  return result;
}

WatchSettings watch_of(const io::Config& watchdog) {
  WatchSettings result;
  if (watchdog.is("none")) return result;
  const auto stall = watchdog["stall"];
  if (stall.alternative() == 1) {
    result.stall = WatchSettings::Stall::limited;
    result.stall_seconds = stall.real();
  } else if (stall.is("auto")) {
    result.stall = WatchSettings::Stall::usual;
  }
  const auto drift = watchdog["drift"];
  if (drift.is("warn")) result.drift = WatchSettings::Drift::warn;
  if (drift.is("stop")) result.drift = WatchSettings::Drift::stop;
  return result;
}

Walltime walltime_of(const io::Config& value) {
  if (value.alternative() == 1) return {Walltime::Kind::limited, value.real()};
  const auto parsed = parse_walltime(value.text());
  if (!parsed)
    value.fault("found '" + value.text() +
                "', expected none, auto, HH:MM:SS or a time such as 2 h");
  return parsed.value_or(Walltime{});
}

}  // namespace

std::optional<Walltime> parse_walltime(const std::string& text) {
  if (text == "none") return Walltime{};
  if (text == "auto") return Walltime{Walltime::Kind::of_the_scheduler, 0};
  int hours = 0, minutes = 0, seconds = 0, used = 0;
  const int found = std::sscanf(text.c_str(), "%5d:%2d:%2d%n", &hours, &minutes, &seconds, &used);
  const bool whole = found == 3 && static_cast<std::size_t>(used) == text.size();
  const bool digits = text.find_first_not_of("0123456789:") == std::string::npos;
  if (!whole || !digits || minutes > 59 || seconds > 59) return std::nullopt;
  const double total = 3600.0 * hours + 60.0 * minutes + seconds;
  if (total <= 0) return std::nullopt;
  return Walltime{Walltime::Kind::limited, total};
}

RunSettings read_run_settings(const io::Config& root) {
  const auto style = root.document()->style();
  const auto set = root["constants"].is("lammps") ? ConstantSet::lammps : ConstantSet::codata;
  RunSettings settings;
  settings.units = Units::make(style, set);
  settings.seed = static_cast<std::uint64_t>(root["seed"].integer());
  if (root["reproducible"].boolean()) settings.arithmetic = RunSettings::Arithmetic::reproducible;
  const auto grid = root["parallel"]["grid"];
  if (!grid.is("auto")) {
    const auto bricks = grid.items();
    settings.grid = {static_cast<int>(bricks[0].integer()), static_cast<int>(bricks[1].integer()),
                     static_cast<int>(bricks[2].integer())};
  }
  const auto skin = root["neighbor"]["skin"];
  const double usual = style == UnitStyle::lj ? 0.3 : 1.0;
  settings.skin = skin.is("auto") ? usual : skin.real();
  settings.potentials = root["potential"].items();
  for (const auto& stage : root["run"].items()) settings.stages.push_back(stage_of(stage));
  settings.output = output_of(root);
  settings.checkpoint = checkpoint_of(root["checkpoint"]["every"]);
  settings.walltime = walltime_of(root["walltime"]);
  settings.watch = watch_of(root["watchdog"]);
  check_species(root["system"]);
  return settings;
}

}  // namespace r1::md
