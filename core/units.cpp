// Constants of the unit styles (CODATA 2018; LAMMPS' update.cpp values), their units' names, factors for outputs.
// SPDX-License-Identifier: Apache-2.0
#include "core/units.hpp"

#include "core/error.hpp"

namespace r1 {
namespace {

constexpr double kJouleMolPerEv = 96485.33212331001;  // N_A e, both exact since 2019
constexpr double kEvPerKcalMol = 4184.0 / kJouleMolPerEv;

Units metal(ConstantSet set) {
  if (set == ConstantSet::lammps)
    return {UnitStyle::metal, set, 8.617343e-5, 1.0364269e-4, 1.6021765e6};
  return {UnitStyle::metal, set, 8.617333262145e-5, 1.03642696527e-4, 1.602176634e6};
}

Units real(ConstantSet set) {
  if (set == ConstantSet::lammps)
    return {UnitStyle::real, set, 0.0019872067, 48.88821291 * 48.88821291, 68568.415};
  return {UnitStyle::real, set, 1.987204259e-3, 1e7 / 4184.0, 68568.4229662509};
}

std::string_view metal_unit(Quantity quantity) {
  switch (quantity) {
    case Quantity::number:
      return "";
    case Quantity::length:
      return "Å";
    case Quantity::time:
      return "ps";
    case Quantity::wall_time:
      return "s";
    case Quantity::mass:
      return "u";
    case Quantity::energy:
      return "eV";
    case Quantity::temperature:
      return "K";
    case Quantity::pressure:
      return "bar";
    case Quantity::velocity:
      return "Å/ps";
    case Quantity::force:
      return "eV/Å";
    case Quantity::frequency:
      return "ps^-1";
    case Quantity::number_density:
      return "Å^-3";
    case Quantity::charge:
      return "e";
  }
  assertion_failed("every quantity has a unit", SourceLocation::here());
}

}  // namespace

Units Units::make(UnitStyle style, ConstantSet set) {
  if (style == UnitStyle::metal) return metal(set);
  if (style == UnitStyle::real) return real(set);
  return {UnitStyle::lj, set, 1.0, 1.0, 1.0};
}

std::string_view name(UnitStyle style) {
  if (style == UnitStyle::lj) return "lj";
  return style == UnitStyle::metal ? "metal" : "real";
}

std::string_view name(ConstantSet set) { return set == ConstantSet::codata ? "codata" : "lammps"; }

std::string_view name(Quantity quantity) {
  switch (quantity) {
    case Quantity::number:
      return "number";
    case Quantity::length:
      return "length";
    case Quantity::time:
      return "time";
    case Quantity::wall_time:
      return "wall time";
    case Quantity::mass:
      return "mass";
    case Quantity::energy:
      return "energy";
    case Quantity::temperature:
      return "temperature";
    case Quantity::pressure:
      return "pressure";
    case Quantity::velocity:
      return "velocity";
    case Quantity::force:
      return "force";
    case Quantity::frequency:
      return "frequency";
    case Quantity::number_density:
      return "number density";
    case Quantity::charge:
      return "charge";
  }
  assertion_failed("every quantity has a name", SourceLocation::here());
}

std::string_view unit_text(UnitStyle style, Quantity quantity) {
  if (style == UnitStyle::lj) return quantity == Quantity::wall_time ? "s" : "";
  if (style == UnitStyle::metal) return metal_unit(quantity);
  switch (quantity) {
    case Quantity::time:
      return "fs";
    case Quantity::energy:
      return "kcal/mol";
    case Quantity::pressure:
      return "atm";
    case Quantity::velocity:
      return "Å/fs";
    case Quantity::force:
      return "kcal/mol/Å";
    case Quantity::frequency:
      return "fs^-1";
    default:
      return metal_unit(quantity);
  }
}

double to_metal(UnitStyle style, Quantity quantity) {
  if (style != UnitStyle::real) return 1.0;
  switch (quantity) {
    case Quantity::time:
      return 1e-3;
    case Quantity::energy:
    case Quantity::force:
      return kEvPerKcalMol;
    case Quantity::pressure:
      return 1.01325;
    case Quantity::velocity:
    case Quantity::frequency:
      return 1e3;
    default:
      return 1.0;
  }
}

double to_h5md(UnitStyle style, Quantity quantity) {
  const bool energetic = quantity == Quantity::energy || quantity == Quantity::force;
  if (!energetic || style == UnitStyle::lj) return to_metal(style, quantity);
  return style == UnitStyle::real ? 4.184 : kJouleMolPerEv / 1e3;
}

}  // namespace r1
