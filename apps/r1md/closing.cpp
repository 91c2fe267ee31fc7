// SPDX-License-Identifier: Apache-2.0
#include "apps/r1md/closing.hpp"

#include "apps/progress.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace r1::apps {
namespace {

/// Phases below this share of the time are not worth a line.
constexpr double kSmallShare = 0.01;

std::string line(const std::string& name, const std::string& value) {
  return fmt::format("  {:<18}{}\n", name, value);
}

std::string spaced(const std::string& unit) { return unit.empty() ? unit : " " + unit; }

/// The units of thermo.csv.
std::string unit_of(const std::string& column, UnitStyle style) {
  const auto unit = [&](Quantity quantity) {
    return spaced(std::string(unit_text(style, quantity)));
  };
  if (column == "temperature") return unit(Quantity::temperature);
  if (column == "time") return unit(Quantity::time);
  if (column == "pressure") return unit(Quantity::pressure);
  return unit(Quantity::energy);
}

std::string state_text(const md::Summary& s) {
  std::string text;
  for (const auto& [name, value] : s.final_thermo) {
    const bool shown = name == "temperature" || name == "potential_energy" ||
                       name == "total_energy" || name == "pressure";
    if (shown)
      text +=
          line(replaced(name, "_", " "), fmt::format("{:.8g}{}", value, unit_of(name, s.units)));
  }
  return text;
}

std::string drift_text(const md::Summary& s) {
  if (!std::isfinite(s.drift)) return "";
  const auto error = std::isfinite(s.drift_error) ? fmt::format(" +- {:.1e}", s.drift_error) : "";
  return line("drift", fmt::format("{:.2e}{} kT per degree of freedom per 1000{}", s.drift, error,
                                   s.units == UnitStyle::lj
                                       ? " time units"
                                       : spaced(std::string(unit_text(s.units, Quantity::time)))));
}

std::string speed_text(const md::Summary& s) {
  if (!(s.atom_steps_per_second > 0)) return "";
  return line("speed", fmt::format("{:.3g} atom-steps/s", s.atom_steps_per_second));
}

std::string phases_text(const md::Summary& s) {
  auto phases = s.phases;
  std::sort(phases.begin(), phases.end(),
            [](const auto& a, const auto& b) { return a.share > b.share; });
  std::vector<std::string> parts;
  for (const auto& phase : phases)
    if (phase.share >= kSmallShare)
      parts.push_back(fmt::format("{} {:.0f} %", phase.name, 100 * phase.share));
  return parts.empty() ? "" : line("time went into", joined(parts));
}

}  // namespace

std::string closing_text(const std::string& input, const md::Summary& s, const std::string& folder,
                         const std::vector<std::string>& files) {
  std::string text =
      fmt::format("{}: {} atoms, {} steps, {} rank{} of {} thread{} ({}), {:.2f} s\n", input,
                  s.atoms, s.steps, s.ranks, s.ranks == 1 ? "" : "s", s.threads,
                  s.threads == 1 ? "" : "s", s.device, s.wall_seconds);
  text += state_text(s) + speed_text(s) + phases_text(s) + drift_text(s);
  return text + "  results in " + folder + ":\n    " + joined(files, "  ") + "\n";
}

std::string evaluation_text(const EvaluationLine& e, UnitStyle style) {
  return fmt::format("frame {}: potential energy {:.12g}{}, largest force {:.6g}{}, {} atoms\n",
                     e.index, e.energy, spaced(std::string(unit_text(style, Quantity::energy))),
                     e.largest_force, spaced(std::string(unit_text(style, Quantity::force))),
                     e.atoms);
}

std::string minimum_text(const MinimumLine& m, UnitStyle style) {
  return fmt::format("{} after {} steps: potential energy {:.12g}{}, largest force {:.3g}{}\n",
                     m.end == MinimumLine::End::found ? "minimum" : "no minimum", m.steps, m.energy,
                     spaced(std::string(unit_text(style, Quantity::energy))), m.largest_force,
                     spaced(std::string(unit_text(style, Quantity::force))));
}

std::string dry_run_text(const DryRunFigures& f) {
  std::string text = fmt::format("dry run: {} atoms, {} rank{} of {} thread{}\n", f.atoms, f.ranks,
                                 f.ranks == 1 ? "" : "s", f.threads, f.threads == 1 ? "" : "s");
  text +=
      line("decomposition", fmt::format("{} x {} x {} bricks", f.grid[0], f.grid[1], f.grid[2]));
  text += line("atoms per rank", fmt::format("{:.0f} to {:.0f}, and {:.0f} ghosts", f.least_atoms,
                                             f.most_atoms, f.ghosts));
  double total = 0;
  for (const auto& [purpose, bytes] : f.bytes) total += bytes;
  text += line("memory per rank", bytes_text(total));
  for (const auto& [purpose, bytes] : f.bytes)
    if (bytes > 0) text += line("  " + purpose, bytes_text(bytes));
  if (f.device_bytes > 0) text += line("on the GPU", bytes_text(f.device_bytes));
  text += line("steps", std::to_string(f.steps));
  if (f.seconds_per_step > 0) {
    const double seconds = f.seconds_per_step * static_cast<double>(f.steps);
    text += line("speed", fmt::format("{:.3g} steps/s, {:.3g} atom-steps/s", 1 / f.seconds_per_step,
                                      static_cast<double>(f.atoms) / f.seconds_per_step));
    text += line("time", duration_text(seconds) + " (without output)");
  }
  if (!f.note.empty()) text += line("time", f.note);
  return text + "nothing was written\n";
}

}  // namespace r1::apps
