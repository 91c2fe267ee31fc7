// SPDX-License-Identifier: Apache-2.0
#include "md/potentials/eam_tables.hpp"

#include <algorithm>
#include <cmath>

namespace r1::md {
namespace {

constexpr double kHartreeBohr =
    27.2 * 0.529;  // [eV Å]; newer values would change published potentials

/// f at x by the cubic through four points of its grid; beyond the grid as far as one spacing.
double lagrange(const EamTables::Function& f, double spacing, double x) {
  const int n = static_cast<int>(f.size());
  const double at = x / spacing;
  const int k = std::max(1, std::min(static_cast<int>(std::min(at, 1e9)), n - 3));
  const double p = std::min(at - k, 2.0);
  const double* around = f.data() + k - 1;
  return -p * (p - 1) * (p - 2) / 6 * around[0] + 0.5 * (p * p - 1) * (p - 2) * around[1] -
         0.5 * p * (p + 1) * (p - 2) * around[2] + p * (p * p - 1) / 6 * around[3];
}

EamTables::Function resampled(const EamTables::Function& f, double spacing, int n,
                              double to_spacing) {
  EamTables::Function values(static_cast<std::size_t>(n));
  for (int m = 0; m < n; ++m)
    values[static_cast<std::size_t>(m)] = lagrange(f, spacing, m * to_spacing);
  return values;
}

EamTables common_grid(const std::vector<EamFile>& files) {
  EamTables t;
  double rho_range = 0, r_range = 0;
  for (const EamFile& f : files) {
    t.d_rho = std::max(t.d_rho, f.d_rho);
    t.d_r = std::max(t.d_r, f.d_r);
    rho_range = std::max(rho_range, (f.n_rho - 1) * f.d_rho);
    r_range = std::max(r_range, (f.n_r - 1) * f.d_r);
    t.cutoff = std::max(t.cutoff, f.cutoff);
  }
  t.n_rho = static_cast<int>(rho_range / t.d_rho + 0.5);
  t.n_r = static_cast<int>(r_range / t.d_r + 0.5);
  return t;
}

}  // namespace

EamTables tabulate_funcfl(const std::vector<EamFile>& files) {
  EamTables t = common_grid(files);
  t.types = static_cast<int>(files.size());
  const std::size_t n = files.size();
  t.pair_of.resize(n * n);
  t.density_of.resize(n * n);
  std::vector<EamTables::Function> charge;
  for (std::size_t a = 0; a < n; ++a) {
    const EamElement& element = files[a].elements[0];
    t.embedding.push_back(resampled(element.embedding, files[a].d_rho, t.n_rho, t.d_rho));
    t.density.push_back(resampled(element.density[0], files[a].d_r, t.n_r, t.d_r));
    charge.push_back(resampled(element.effective_charge, files[a].d_r, t.n_r, t.d_r));
    for (std::size_t b = 0; b < n; ++b) t.density_of[a * n + b] = static_cast<int>(a);
    for (std::size_t b = 0; b <= a; ++b) {
      t.pair_of[a * n + b] = t.pair_of[b * n + a] = static_cast<int>(t.pair.size());
      EamTables::Function& product = t.pair.emplace_back(charge[a]);
      for (std::size_t m = 0; m < product.size(); ++m) product[m] *= kHartreeBohr * charge[b][m];
    }
  }
  return t;
}

EamTables tabulate_setfl(const EamFile& file, const std::vector<std::size_t>& element_of) {
  EamTables t;
  const std::size_t n = element_of.size();
  t.types = static_cast<int>(n);
  t.n_rho = file.n_rho, t.n_r = file.n_r;
  t.d_rho = file.d_rho, t.d_r = file.d_r;
  t.cutoff = file.cutoff;
  t.pair_of.resize(n * n);
  t.density_of.resize(n * n);
  for (std::size_t a = 0; a < n; ++a) {
    const EamElement& element = file.elements[element_of[a]];
    t.embedding.push_back(element.embedding);
    if (file.format == EamFormat::alloy) t.density.push_back(element.density[0]);
    for (std::size_t b = 0; b < n; ++b) {
      if (file.format == EamFormat::fs) t.density.push_back(element.density[element_of[b]]);
      t.density_of[a * n + b] = static_cast<int>(t.density.size()) - 1;
    }
    for (std::size_t b = 0; b <= a; ++b) {
      t.pair_of[a * n + b] = t.pair_of[b * n + a] = static_cast<int>(t.pair.size());
      t.pair.push_back(file.pair_of(element_of[a], element_of[b]));
    }
  }
  return t;
}

void append_spline(const EamTables::Function& f, double scale, std::vector<double>& rows) {
  const std::size_t n = f.size();
  std::vector<double> slope(n);
  slope[0] = f[1] - f[0];
  slope[1] = 0.5 * (f[2] - f[0]);
  slope[n - 2] = 0.5 * (f[n - 1] - f[n - 3]);
  slope[n - 1] = f[n - 1] - f[n - 2];
  for (std::size_t m = 2; m + 2 < n; ++m)
    slope[m] = ((f[m - 2] - f[m + 2]) + 8.0 * (f[m + 1] - f[m - 1])) / 12.0;
  for (std::size_t m = 0; m + 1 < n; ++m) {
    const double rise = f[m + 1] - f[m];
    const double c2 = 3.0 * rise - 2.0 * slope[m] - slope[m + 1];
    const double c3 = slope[m] + slope[m + 1] - 2.0 * rise;
    for (const double c : {f[m], slope[m], c2, c3}) rows.push_back(scale * c);
  }
}

}  // namespace r1::md
