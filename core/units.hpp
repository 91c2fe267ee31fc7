// Unit styles, physical constants and quantities with units. The program computes in the style's own units throughout.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace r1 {

/// lj: reduced. metal: ps, K, eV, bar, Å, Å/ps, u. real: fs, K, kcal/mol, atm, Å, Å/fs, u.
enum class UnitStyle { lj, metal, real };

/// Which set of constants: CODATA 2018, or LAMMPS' own for comparison to the last digit.
enum class ConstantSet { codata, lammps };

/// What kind of physical quantity a number is.
enum class Quantity {
  number,  // dimensionless
  length,
  time,
  wall_time,  // seconds of the clock, whatever the style
  mass,
  energy,
  temperature,
  pressure,
  velocity,
  force,
  frequency,       // 1/time
  number_density,  // 1/length^3
  charge,
};

/// Constants of a style, in its units.
struct Units {
  UnitStyle style;
  ConstantSet set;
  double boltzmann;      // energy per K
  double mvv_to_energy;  // mass velocity^2 -> energy
  double energy_per_volume_to_pressure;

  static Units make(UnitStyle style, ConstantSet set);
};

std::string_view name(UnitStyle style);
std::string_view name(ConstantSet set);
std::string_view name(Quantity quantity);  // "length", "wall time", ...

/// The unit of `quantity` in `style` as text, "Å", "ps^-1", "" (lj and dimensionless).
std::string_view unit_text(UnitStyle style, Quantity quantity);

/// A number with an optional unit: "2 fs", "6 Å", "1e-3", "0.5 ps^-1".
struct ParsedQuantity {
  double value;  // in the unit of the style; where text carries no unit, as written
  bool has_unit;
};

/// Outcome of parse_quantity: a value, or one sentence that says what is wrong ("'ps' is a unit of time, expected a length (Å)").
struct QuantityResult {
  std::optional<ParsedQuantity> value;
  std::string error;
};

/// Reads `text` as `quantity` and converts it to `style`'s unit. Å, A and angstrom are one unit. A unit of another kind, an
/// unknown unit (with the nearest known one), any unit under lj (but for wall time), text that is no finite number: an error.
QuantityResult parse_quantity(std::string_view text, Quantity quantity, UnitStyle style);

/// The units that parse_quantity takes for `quantity`, as one writes them (Å also as A and angstrom).
std::vector<std::string> unit_names(Quantity quantity);

/// Factor from `style`'s unit of `quantity` to metal's (eV, Å, ps, Å/ps, eV/Å, bar) or to H5MD's (ps, Å, Å/ps, kJ/mol/Å).
/// 1 for lj.
double to_metal(UnitStyle style, Quantity quantity);
double to_h5md(UnitStyle style, Quantity quantity);

}  // namespace r1
