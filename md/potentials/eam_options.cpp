// What an input file says about the embedded-atom method.
// SPDX-License-Identifier: Apache-2.0
#include "core/text.hpp"
#include "io/tokens.hpp"
#include "md/potentials/eam.hpp"

#include <algorithm>

namespace r1::md {
namespace {

constexpr double kMaxRows = 1 << 25;  // of spline coefficients: 1 GiB

EamFormat format_of(const io::Config& options, const io::Config& file) {
  if (options.has("format")) return *eam_format(options["format"].text());
  if (const auto format = eam_format_of_file(file.path())) return *format;
  file.fail(
      "the name " + io::in_quotes(file.path().filename().string()) +
      " does not tell the format (.eam, .alloy, .fs, also .gz); add 'format: funcfl', 'alloy' or "
      "'fs'");
}

/// One name per type: those given, else those of the system.
std::vector<std::string> element_names(const io::Config& options, const PotentialContext& context) {
  std::vector<std::string> names;
  if (options.has("species")) {
    for (const auto& name : options["species"].items()) names.push_back(name.text());
    if (names.size() != context.species.size())
      options["species"].fail("found " + std::to_string(names.size()) +
                              " names, expected one for each of the system's " +
                              std::to_string(context.species.size()) + " species");
    return names;
  }
  for (const auto& s : context.species) names.push_back(s.name);
  return names;
}

EamFile read_named_file(const io::Config& file, EamFormat format) {
  try {
    return read_eam_file(file.path(), format);
  } catch (const ConfigError& error) {
    file.fail(error);
  }
}

EamTables read_funcfl(const io::Config& options, const std::vector<io::Config>& files,
                      const std::vector<std::string>& names) {
  if (files.size() != names.size())
    options["file"].fail("found " + std::to_string(files.size()) +
                         " funcfl files, expected one for each of the " +
                         std::to_string(names.size()) + " species: " + joined(names));
  std::vector<EamFile> tables;
  for (const auto& file : files) tables.push_back(read_named_file(file, EamFormat::funcfl));
  return tabulate_funcfl(tables);
}

EamTables read_setfl(const io::Config& options, const std::vector<io::Config>& files,
                     EamFormat format, const std::vector<std::string>& names) {
  if (files.size() != 1)
    options["file"].fail("found " + std::to_string(files.size()) +
                         " files, expected one: alloy and fs files hold all elements");
  const EamFile file = read_named_file(files[0], format);
  std::vector<std::string> known;
  for (const auto& element : file.elements) known.push_back(element.name);
  std::vector<std::size_t> element_of;
  for (std::size_t t = 0; t < names.size(); ++t) {
    const auto found = std::find(known.begin(), known.end(), names[t]);
    const auto place = options.has("species") ? options["species"].items()[t] : options["file"];
    if (found == known.end())
      place.fail("the file has no element " + io::in_quotes(names[t]) + ", only " +
                 shortened(joined(known), 200) + "; 'species' gives the element of each species");
    element_of.push_back(static_cast<std::size_t>(found - known.begin()));
  }
  return tabulate_setfl(file, element_of);
}

std::unique_ptr<Potential> make_from_options(const io::Config& options,
                                             const PotentialContext& context) {
  const auto files = options["file"].items();
  const EamFormat format = format_of(options, files[0]);
  const auto names = element_names(options, context);
  const EamTables tables = format == EamFormat::funcfl ? read_funcfl(options, files, names)
                                                       : read_setfl(options, files, format, names);
  const double kinds = static_cast<double>(std::max(tables.pair.size(), tables.density.size()));
  if (kinds * tables.n_r > kMaxRows || double{1} * tables.types * tables.n_rho > kMaxRows)
    options["file"].fail("the tables of " + std::to_string(tables.types) + " species with " +
                         std::to_string(tables.n_r) + " distances each are too large");
  return make_eam(tables, 1 / to_metal(context.units.style, Quantity::energy));
}

io::Schema eam_options() {
  using namespace io;
  return mapping({
      Key("file", list_or_one(path()), "Table; funcfl: one file for each species.").required_(),
      Key("format", word({"funcfl", "alloy", "fs"}),
          "Format of the table, where the suffix (.eam, .alloy, .fs) does not tell."),
      Key("species", list(text(), 1),
          "Element of the file for each species of the system; default: the species' names."),
  });
}

}  // namespace

void add_eam(PotentialRegistry& registry) {
  registry.add("eam",
               "The embedded-atom method by tables: funcfl, setfl (eam/alloy) and Finnis-Sinclair.",
               eam_options(), make_from_options,
               "{file: Cu_demo.eam.alloy, species: [Cu, Cu]}");  // of inputs/
}

}  // namespace r1::md
