// SPDX-License-Identifier: Apache-2.0
#include "md/setup/species.hpp"

#include "core/text.hpp"
#include "md/setup/elements.hpp"

#include <cmath>

namespace r1::md {
namespace {

/// The most specific place for a fault of species t.
io::Config place_of(const io::Config& system, std::size_t t) {
  if (system.has("species")) return system["species"].items()[t];
  return system.has("lattice") ? system["lattice"]["species"] : system["structure"];
}

/// True if a file only numbers its types: "1", "2", ...
bool only_numbered(const std::vector<std::string>& names) {
  for (std::size_t t = 0; t < names.size(); ++t)
    if (names[t] != std::to_string(t + 1)) return false;
  return true;
}

/// False, and a fault, where list and file disagree on number or names of the types.
bool agree_on_names(const io::Config& system, const std::vector<std::string>& listed,
                    const std::vector<std::string>& in_file) {
  if (listed.size() != in_file.size()) {
    system["species"].fault("the list has " + std::to_string(listed.size()) +
                            " species, the structure has " + std::to_string(in_file.size()) +
                            " types (" + joined(in_file) +
                            "); list one species per type, in their order");
    return false;
  }
  if (only_numbered(in_file)) return true;
  bool same = true;
  for (std::size_t t = 0; t < listed.size(); ++t) {
    if (listed[t] == in_file[t]) continue;
    place_of(system, t)["name"].fault("type " + std::to_string(t + 1) + " is '" + in_file[t] +
                                      "' in the structure; list the species in the file's order (" +
                                      joined(in_file) + ")");
    same = false;
  }
  return same;
}

/// The mass of species t: as listed, else the file's, else the element's.
double mass_of(const io::Config& system, const SpeciesSource& source, std::size_t t,
               const std::string& name) {
  const auto place = place_of(system, t);
  const double in_file = t < source.mass.size() ? source.mass[t] : 0;
  if (system.has("species") && place.has("mass")) {
    const double listed = place["mass"].real();
    if (in_file > 0 && std::abs(listed - in_file) > 1e-6 * in_file)
      place["mass"].fault("the structure file says " + std::to_string(in_file) +
                          "; leave the mass out, or make them equal");
    return listed;
  }
  if (in_file > 0) return in_file;
  if (system.document()->style() != UnitStyle::lj)
    if (const auto weight = standard_atomic_weight(name)) return *weight;
  if (source.masses == SpeciesSource::Masses::known)
    place.fault("the species '" + name + "' has no mass; give one: 'species: [{name: " + name +
                ", mass: ...}]'");
  return 1;
}

}  // namespace

std::vector<std::string> listed_species(const io::Config& system) {
  std::vector<std::string> names;
  if (!system.has("species")) return names;
  for (const auto& item : system["species"].items()) names.push_back(item["name"].text());
  return names;
}

std::vector<Species> resolve_species(const io::Config& system, const SpeciesSource& source) {
  const auto listed = listed_species(system);
  // A lattice names one species of the list; a file names all of its own.
  const bool from_file = system.has("structure");
  if (!listed.empty() && from_file && !agree_on_names(system, listed, source.names)) return {};
  const auto& names = listed.empty() ? source.names : listed;
  std::vector<Species> species;
  for (std::size_t t = 0; t < names.size(); ++t)
    species.push_back({names[t], mass_of(system, source, t, names[t])});
  return species;
}

}  // namespace r1::md
