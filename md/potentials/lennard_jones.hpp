// Forms of the Lennard-Jones potential; formulas and reference stand in lennard_jones.cpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/quad.hpp"
#include "md/pair_form.hpp"

namespace r1::md {

/// u = 4ε s⁶(s⁶ − 1) − shift with s = σ/r.
template <class T>
struct CutLennardJones {
  T epsilon4, sigma2, shift;  // [energy], [length²], [energy]

  KOKKOS_INLINE_FUNCTION PairValue<T> operator()(T r2) const {
    const T inverse2 = 1.0 / r2;
    const T s2 = sigma2 * inverse2;
    const T s6 = s2 * s2 * s2;
    return {epsilon4 * s6 * (s6 - 1.0) - shift, 6.0 * epsilon4 * s6 * (2.0 * s6 - 1.0) * inverse2};
  }
};

/// The same less a line, so that energy and force vanish at the cutoff: u − shift − slope·r.
template <class T>
struct ForceShiftedLennardJones {
  T epsilon4, sigma2, shift,
      slope;  // slope = u_0'(r_c) [energy/length]; shift = u_0(r_c) − r_c·slope

  KOKKOS_INLINE_FUNCTION PairValue<T> operator()(T r2) const {
    const PairValue<T> cut = CutLennardJones<T>{epsilon4, sigma2, shift}(r2);
    const T r = square_root(r2);
    return {cut.u - slope * r, cut.g + slope / r};
  }
};

void add_lennard_jones(PotentialRegistry& registry);

}  // namespace r1::md
