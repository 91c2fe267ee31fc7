// Tables of the embedded-atom method as files hold them. Numbers are free-form; each table starts on a line of its own.
//   funcfl: a comment; "Z mass ..."; "n_rho d_rho n_r d_r cutoff"; F(rho) n_rho numbers, Z(r) n_r, rho(r) n_r.
//   setfl (eam/alloy): three comments; "count name ..."; the grid as above; per element "Z mass ...", F n_rho, rho n_r;
//     then r·phi(r) of the pairs (1,1) (2,1) (2,2) (3,1) ..., n_r each.
//   fs (Finnis-Sinclair): as setfl, with one rho per element at whose atoms the density is felt, in the file's order.
// First points: rho = 0, r = 0. Units: eV, Å. Reference: Daw, Foiles & Baskes, Mater. Sci. Rep. 9, 251 (1993); LAMMPS, pair_style eam.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace r1::md {

enum class EamFormat { funcfl, alloy, fs };

/// By the end of the file's name, before ".gz": .eam .funcfl; .alloy .setfl; .fs.
std::optional<EamFormat> eam_format_of_file(const std::filesystem::path& file);
std::optional<EamFormat> eam_format(std::string_view name);

struct EamElement {
  std::string name;                          // empty in funcfl
  std::vector<double> embedding;             // (n_rho) F [eV]
  std::vector<double> effective_charge;      // (n_r) Z; funcfl only
  std::vector<std::vector<double>> density;  // (1, n_r); fs: (elements at whose atoms, n_r)
};

struct EamFile {
  std::string source;  // path, for messages
  EamFormat format = EamFormat::funcfl;
  int n_rho = 0, n_r = 0;
  double d_rho = 0, d_r = 0;  // spacings; d_r [Å]
  double cutoff = 0;          // [Å]
  std::vector<EamElement> elements;
  std::vector<std::vector<double>>
      pair;  // (elements·(elements+1)/2, n_r) r·phi [eV Å]; not in funcfl

  /// r·phi of elements a and b.
  const std::vector<double>& pair_of(std::size_t a, std::size_t b) const {
    return a >= b ? pair[a * (a + 1) / 2 + b] : pair[b * (b + 1) / 2 + a];
  }
};

/// Throws ConfigError with the file's faults.
EamFile read_eam_file(const std::filesystem::path& file, EamFormat format);
/// The same from a buffer that is named `source` in messages.
EamFile parse_eam_file(std::string_view text, const std::string& source, EamFormat format);

}  // namespace r1::md
