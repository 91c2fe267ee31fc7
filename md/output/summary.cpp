// SPDX-License-Identifier: Apache-2.0
#include "md/output/summary.hpp"

#include "core/version.hpp"
#include "io/write_file.hpp"

#include <nlohmann/json.hpp>

namespace r1::md {

std::string summary_json(const Summary& s) {
  using Json = nlohmann::ordered_json;
  const BuildInfo build = build_info();
  Json phases = Json::object();
  for (const Phase& p : s.phases) phases[p.name] = {{"seconds", p.seconds}, {"share", p.share}};
  phases["untracked"] = {{"seconds", s.untracked_share * s.wall_seconds},
                         {"share", s.untracked_share}};
  Json thermo;  // null without a row
  for (const auto& [name, value] : s.final_thermo) thermo[name] = value;
  const Json drift = {{"value", s.drift},
                      {"standard_error", s.drift_error},
                      {"unit", "kT per degree of freedom per 1000 time units"}};
  const Json json = {{"version", build.version},
                     {"commit", build.commit},
                     {"units", name(s.units)},
                     {"constants", name(s.constants)},
                     {"atoms", s.atoms},
                     {"steps", s.steps},
                     {"time", s.time},
                     {"ranks", s.ranks},
                     {"threads", s.threads},
                     {"device", s.device},
                     {"wall_seconds", s.wall_seconds},
                     {"atom_steps_per_second", s.atom_steps_per_second},
                     {"bytes_per_atom", s.bytes_per_atom},
                     {"phases", phases},
                     {"final_thermo", thermo},
                     {"drift", drift}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void write_summary(const std::filesystem::path& file, const Summary& summary) {
  io::write_file(file, summary_json(summary));
}

}  // namespace r1::md
