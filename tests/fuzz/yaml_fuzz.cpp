// The input language of r1md from its text to what the registries make of it: parser, schema with every built-in kind, settings, checks
// across keys, printing. Inputs that name files are not carried beyond the settings: what they name is not the fuzzer's.
// SPDX-License-Identifier: Apache-2.0
#include "md/config/run_schema.hpp"
#include "md/setup/force_field.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>

namespace {

using namespace r1;

struct Language {
  md::PotentialRegistry potentials = md::builtin_potentials();
  md::IntegratorRegistry integrators = md::builtin_integrators();
  md::ThermostatRegistry thermostats = md::builtin_thermostats();
  md::ObservableRegistry observables = md::builtin_observables();
  io::Schema schema = md::run_schema(
      {potentials.schema(), integrators.schema(), thermostats.schema(), observables.schema()});
};

/// Tables as large as the input asks for are its author's business, and only slow here.
bool is_small(const md::RunSettings& settings, const io::Config& root) {
  const auto species =
      root["system"].has("species") ? root["system"]["species"].items().size() : std::size_t{1};
  return species <= 8 && settings.output.observables.size() <= 8;
}

void read(const Language& language, std::string text) {
  const auto document = io::parse_config(std::move(text), "input.yaml", language.schema);
  document->check();
  const auto values = document->values();
  document->print(io::ConfigDocument::Origins::shown);
  const auto root = document->root();
  const auto settings = md::read_run_settings(root);
  document->check();
  const bool names_files =
      std::any_of(values.begin(), values.end(), [](const auto& v) { return !v.file.empty(); });
  if (names_files || !is_small(settings, root)) return;
  md::check_inputs(root, {language.potentials, language.integrators, language.thermostats,
                          language.observables});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Language language;
  fuzz::allow_refusal([&] { read(language, std::string(fuzz::text_of(data, size))); });
  return 0;
}
