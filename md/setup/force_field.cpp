// SPDX-License-Identifier: Apache-2.0
#include "md/setup/force_field.hpp"

#include "io/extxyz.hpp"

#include <algorithm>
#include <functional>

namespace r1::md {
namespace {

// The halo tells apart that many bricks to either side.
constexpr double kMostCells = 10;

/// Runs `work` on what `place` says; what a ConfigError of it says ends up in the document, once.
void collect(const io::Config& place, const std::function<void()>& work) {
  const std::size_t before = place.document()->faults();
  try {
    work();
  } catch (const ConfigError& error) {
    if (place.document()->faults() == before) place.fault(error);
  }
}

std::string text(double value) {
  std::string digits = std::to_string(value);
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') digits.pop_back();
  return digits;
}

void check_coverage(const io::Config& root, const std::vector<Species>& species,
                    const ForceField& field) {
  const int types = static_cast<int>(species.size());
  std::string missing;
  for (int a = 0; a < types; ++a)
    for (int b = a; b < types; ++b) {
      const auto& all = field.potentials();
      if (std::any_of(all.begin(), all.end(), [&](const auto& p) { return p->covers(a, b); }))
        continue;
      missing += (missing.empty() ? "" : ", ") + species[static_cast<std::size_t>(a)].name + "-" +
                 species[static_cast<std::size_t>(b)].name;
    }
  if (!missing.empty())
    root["potential"].fault(
        "no potential acts between " + missing +
        "; list these pairs, set a rule of mixing, or add a potential that covers them");
}

void check_reach(const io::Config& root, const Box& box, double list_cutoff) {
  for (int d = 0; d < 3; ++d)
    if (box.periodic[d] && list_cutoff > kMostCells * box.width[d])
      root["system"].fault("the cell is " + text(box.width[d]) + " wide along " + "abc"[d] +
                           ", but cutoff and skin reach " + text(list_cutoff) + ", more than " +
                           text(kMostCells) + " cells; repeat the cell, or shorten the cutoff");
}

/// Makes what integrator and thermostat of each stage ask for, to hear their faults.
void check_stages(const io::Config& root, const RunSettings& settings,
                  const RunRegistries& registries) {
  const ThermostatContext context{settings.units, settings.seed};
  const auto places = root["run"].items();
  for (std::size_t k = 0; k < settings.stages.size(); ++k) {
    if (const auto* dynamics = std::get_if<DynamicsStage>(&settings.stages[k])) {
      const auto &integrator = dynamics->integrator, &thermostat = dynamics->thermostat;
      collect(integrator, [&] { registries.integrators.make(integrator, context); });
      collect(thermostat, [&] { registries.thermostats.make(thermostat, context); });
    } else if (const auto* evaluate = std::get_if<EvaluateStage>(&settings.stages[k])) {
      if (evaluate->frames)
        collect(places[k].options()["frames"], [&] { io::read_extxyz_header(*evaluate->frames); });
    }
  }
}

/// Potentials without a fault of their own, checked against the system where there are no faults.
ForceField make_force_field(const io::Config& root, const RunSettings& settings,
                            const PotentialRegistry& registry, const SystemHead& head) {
  auto& document = *root.document();
  const PotentialContext context{settings.units, head.species};
  std::vector<std::unique_ptr<Potential>> potentials;
  for (const auto& entry : settings.potentials)
    collect(entry, [&] { potentials.push_back(registry.make(entry, context)); });
  ForceField field(std::move(potentials));
  if (document.faults() > 0) return field;
  check_coverage(root, head.species, field);
  if (head.box) check_reach(root, *head.box, field.cutoff() + settings.skin);
  return field;
}

}  // namespace

ForceField read_force_field(const io::Config& root, const RunSettings& settings,
                            const PotentialRegistry& registry, const SystemHead& head) {
  auto field = make_force_field(root, settings, registry, head);
  root.document()->check();
  return field;
}

void check_inputs(const io::Config& root, const RunRegistries& registries) {
  auto& document = *root.document();
  document.check();
  const auto settings = read_run_settings(root);
  const bool sound = document.faults() == 0;
  const auto head = read_system_head(root, settings);
  // Without the right species all that names them would complain.
  if (sound && document.faults() == 0 && head.types == SystemHead::Types::all) {
    make_force_field(root, settings, registries.potentials, head);
    const ObservableContext context{settings.units, head.species, "check"};
    for (const auto& entry : settings.output.observables)
      collect(entry, [&] { registries.observables.make(entry, context); });
  }
  check_stages(root, settings, registries);
  document.check();
}

}  // namespace r1::md
