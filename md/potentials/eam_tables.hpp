// The functions of the embedded-atom method by type, brought to one grid, and their splines.
// Spline: cubic Hermite on f_1..f_n, slopes per interval s_1 = f_2 − f_1, s_2 = (f_3 − f_1)/2, s_{n−1} = (f_n − f_{n−2})/2,
// s_n = f_n − f_{n−1}, else s_m = (f_{m−2} − f_{m+2} + 8(f_{m+1} − f_{m−1}))/12: the field's convention, on which energies depend
// in the 5th digit. funcfl: resampled by 4-point Lagrange; r·phi = 27.2·0.529·Z_i Z_j (Hartree·Bohr, as these tables were made).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/potentials/eam_file.hpp"

#include <vector>

namespace r1::md {

struct EamTables {
  using Function = std::vector<double>;

  int types = 0;
  int n_rho = 0, n_r = 0;
  double d_rho = 0, d_r = 0;        // spacings; d_r [Å]
  double cutoff = 0;                // [Å]
  std::vector<Function> embedding;  // (types, n_rho) F [eV]
  std::vector<Function> density;    // (kinds, n_r)
  std::vector<Function> pair;       // (kinds, n_r) r·phi [eV Å]
  std::vector<int>
      density_of;  // (types²) kind of the density that an atom of type a makes at one of type b: a·types + b
  std::vector<int> pair_of;  // (types²)
};

/// One file a type.
EamTables tabulate_funcfl(const std::vector<EamFile>& files);
/// element_of: (types) index into the file's elements.
EamTables tabulate_setfl(const EamFile& file, const std::vector<std::size_t>& element_of);

/// Appends the n − 1 intervals as rows {c0, c1, c2, c3}: with fraction p in [0, 1], f = c0 + c1 p + c2 p² + c3 p³. Values are
/// multiplied by `scale`.
void append_spline(const EamTables::Function& f, double scale, std::vector<double>& rows);

}  // namespace r1::md
