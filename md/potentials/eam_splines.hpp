// The tables of the embedded-atom method as kernels see them: rows of four spline coefficients, one aligned Quad each.
//   E = sum_i F_i(rho_i) + sum_{i<j} phi_ij(r),   rho_i = sum_j rho_ji(r),   phi = z2(r)/r with z2 splined.
// The force on i from j is −(F_i' rho_ji' + F_j' rho_ij' + phi') (x_i − x_j)/r.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device.hpp"

namespace r1::md {

struct EamSplines {
  View<double* [4]> embedding;  // (types·(n_rho − 1), 4) F of each interval [energy]
  View<double* [4]> density;    // (kinds·(n_r − 1), 4)
  View<double* [4]> pair;       // (kinds·(n_r − 1), 4) r·phi [energy·length]
  View<int*>
      density_first;  // (types²) first row of what an atom of type a makes at one of type b: a·types + b
  View<int*> pair_first;  // (types²)
  int types = 0;
  int rho_intervals = 0;          // n_rho − 1
  double r_last = 0;              // index of the last interval of distances
  double per_rho = 0, per_r = 0;  // 1/spacing; per_r [1/length]
  double rho_end = 0;             // last tabulated density: F continues linearly
  double cutoff2 = 0;             // [length²]

  /// Row of a distance and the fraction on it. Far-away atoms must not overflow the conversion: compare first.
  KOKKOS_INLINE_FUNCTION int interval(double r, double& fraction) const {
    const double at = r * per_r;
    const int m = static_cast<int>(at < r_last ? at : r_last);
    fraction = at - m < 1.0 ? at - m : 1.0;
    return m;
  }

  /// F [energy] of an atom of type t, and its slope F'.
  KOKKOS_INLINE_FUNCTION double embed(int t, double rho, double& slope) const {
    const double at = rho * per_rho;
    const double last = rho_intervals - 1;
    // Not a number goes to the first interval and stays what it is.
    const int m = at > 0 ? static_cast<int>(at < last ? at : last) : 0;
    const double p = at - m > 1.0 ? 1.0 : at - m;
    const double* c = &embedding(t * rho_intervals + m, 0);
    slope = ((3.0 * c[3] * p + 2.0 * c[2]) * p + c[1]) * per_rho;
    const double value = ((c[3] * p + c[2]) * p + c[1]) * p + c[0];
    return rho > rho_end ? value + slope * (rho - rho_end) : value;
  }
};

}  // namespace r1::md
