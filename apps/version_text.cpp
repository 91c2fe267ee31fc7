// SPDX-License-Identifier: Apache-2.0
#include "apps/version_text.hpp"

#include "comm/communicator.hpp"
#include "core/text.hpp"
#include "core/version.hpp"

#include <nlohmann/json.hpp>

namespace r1::apps {
namespace {

std::string hdf5_text(const BuildInfo& build) {
  return std::string(build.hdf5) + (build.hdf5_parallel ? " (parallel)" : " (serial)");
}

}  // namespace

std::string version_text(std::string_view program) {
  const auto build = build_info();
  const std::string mpi = build.mpi ? CommScope::library_version() : "none";
  std::string text = std::string(program) + " " + std::string(build.version) + " (" +
                     std::string(build.commit) + ")\n";
  const auto line = [&](std::string_view name, const std::string& value) {
    text += "  " + std::string(name) + std::string(14 - name.size(), ' ') + value + '\n';
  };
  line("compiler", std::string(build.compiler));
  line("build", std::string(build.build_type) + ", " + std::string(build.flags));
  line("kokkos", std::string(build.kokkos) + ": " +
                     replaced(std::string(build.devices), ";", ", ") + "; " +
                     std::string(build.architecture));
  line("mpi", mpi);
  line("hdf5", hdf5_text(build));
  line("input version", std::to_string(kInputLanguage));
  return text;
}

std::string version_json(std::string_view program) {
  const auto build = build_info();
  const nlohmann::ordered_json json = {
      {"program", program},
      {"version", build.version},
      {"commit", build.commit},
      {"compiler", build.compiler},
      {"flags", build.flags},
      {"build_type", build.build_type},
      {"kokkos",
       {{"version", build.kokkos},
        {"devices", replaced(std::string(build.devices), ";", ",")},
        {"architecture", build.architecture}}},
      {"mpi",
       build.mpi ? nlohmann::ordered_json(CommScope::library_version()) : nlohmann::ordered_json()},
      {"hdf5", {{"version", build.hdf5}, {"parallel", build.hdf5_parallel}}},
      {"nccl", nullptr},
      {"gloo", nullptr},
      {"input_language", kInputLanguage}};
  return json.dump(2) + "\n";
}

}  // namespace r1::apps
