// A pair form: u(r) of one kind of pair interaction, written once for any arithmetic type T (double on GPUs, Quad on CPUs):
//   template <class T> struct Form { T parameter, ...;  PairValue<T> operator()(T r2) const; };
// All members are T. Their values for each pair of types stand in a PairTable, one row a pair, with the square of the cutoff first.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device.hpp"
#include "core/error.hpp"
#include "md/potential.hpp"

namespace r1::md {

/// u: pair energy [energy]. g = −(du/dr)/r [energy/length²], so that the force on i is g·(r_i − r_j).
template <class T>
struct PairValue {
  T u, g;
};

enum class Types { one, many };  // one: a single kind of pair, parameters stay in registers

/// Rows of {cutoff², parameters of the form}, for each ordered pair of types; pairs that do not interact have cutoff² = 0.
struct PairTable {
  static constexpr int kMaxColumns = 8;
  View<double**> rows;  // (types², columns)
  int types = 0;
  int columns = 0;  // a multiple of 4: one aligned load each

  KOKKOS_INLINE_FUNCTION const double* row(int a, int b) const { return &rows(a * types + b, 0); }
};

}  // namespace r1::md
