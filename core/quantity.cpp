// Reads quantities. A unit is up/down times its kind's base unit, both written exactly, so that a conversion between decimal
// multiples is one correctly rounded multiplication or division and a value in the style's own unit is left as it is.
// SPDX-License-Identifier: Apache-2.0
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

namespace r1 {
namespace {

struct Unit {
  std::string_view name;  // with A for Å; the first spelling of each is the one that documents show
  Quantity quantity;
  double up;
  double down;
};

constexpr double kKjMolPerEv = 96.48533212331001;    // N_A e, both exact
constexpr double kEvPerHartree = 27.211386245988;    // CODATA 2018
constexpr double kEvPerRydberg = 13.605693122994;    // CODATA 2018
constexpr double kAngstromPerBohr = 0.529177210903;  // CODATA 2018
constexpr double kJoulePerEv = 1.602176634e-19;      // exact
constexpr double kBarPerEvPerA3 = 1.602176634e6;     // exact

using Q = Quantity;
// THz is left out on purpose: it is read as 1/ps or as 2 pi/ps.
constexpr Unit kUnits[] = {
    {"A", Q::length, 1, 1},
    {"nm", Q::length, 10, 1},
    {"pm", Q::length, 1, 100},
    {"um", Q::length, 1e4, 1},
    {"mm", Q::length, 1e7, 1},
    {"cm", Q::length, 1e8, 1},
    {"m", Q::length, 1e10, 1},
    {"bohr", Q::length, kAngstromPerBohr, 1},
    {"fs", Q::time, 1, 1e3},
    {"ps", Q::time, 1, 1},
    {"ns", Q::time, 1e3, 1},
    {"us", Q::time, 1e6, 1},
    {"ms", Q::time, 1e9, 1},
    {"s", Q::time, 1e12, 1},
    {"s", Q::wall_time, 1, 1},
    {"ms", Q::wall_time, 1, 1e3},
    {"min", Q::wall_time, 60, 1},
    {"h", Q::wall_time, 3600, 1},
    {"d", Q::wall_time, 86400, 1},
    {"u", Q::mass, 1, 1},
    {"amu", Q::mass, 1, 1},
    {"Da", Q::mass, 1, 1},
    {"g/mol", Q::mass, 1, 1},
    {"eV", Q::energy, 1, 1},
    {"meV", Q::energy, 1, 1e3},
    {"kcal/mol", Q::energy, 4.184, kKjMolPerEv},
    {"kJ/mol", Q::energy, 1, kKjMolPerEv},
    {"J", Q::energy, 1, kJoulePerEv},
    {"Ha", Q::energy, kEvPerHartree, 1},
    {"Ry", Q::energy, kEvPerRydberg, 1},
    {"K", Q::temperature, 1, 1},
    {"bar", Q::pressure, 1, 1},
    {"kbar", Q::pressure, 1e3, 1},
    {"atm", Q::pressure, 1.01325, 1},
    {"Pa", Q::pressure, 1, 1e5},
    {"kPa", Q::pressure, 1, 100},
    {"MPa", Q::pressure, 10, 1},
    {"GPa", Q::pressure, 1e4, 1},
    {"eV/A^3", Q::pressure, kBarPerEvPerA3, 1},
    {"A/ps", Q::velocity, 1, 1},
    {"A/fs", Q::velocity, 1e3, 1},
    {"nm/ps", Q::velocity, 10, 1},
    {"m/s", Q::velocity, 1, 100},
    {"km/s", Q::velocity, 10, 1},
    {"eV/A", Q::force, 1, 1},
    {"meV/A", Q::force, 1, 1e3},
    {"kcal/mol/A", Q::force, 4.184, kKjMolPerEv},
    {"kJ/mol/A", Q::force, 1, kKjMolPerEv},
    {"kJ/mol/nm", Q::force, 1, kKjMolPerEv * 10},
    {"Ha/bohr", Q::force, kEvPerHartree, kAngstromPerBohr},
    {"ps^-1", Q::frequency, 1, 1},
    {"fs^-1", Q::frequency, 1e3, 1},
    {"ns^-1", Q::frequency, 1, 1e3},
    {"us^-1", Q::frequency, 1, 1e6},
    {"s^-1", Q::frequency, 1, 1e12},
    {"A^-3", Q::number_density, 1, 1},
    {"nm^-3", Q::number_density, 1, 1e3},
    {"cm^-3", Q::number_density, 1, 1e24},
    {"m^-3", Q::number_density, 1, 1e30},
    {"e", Q::charge, 1, 1},
};

/// One spelling: A for Å (three code points look like it) and angstrom, u for µ, "x^-n" for "1/x^n", "x-n" and "x⁻ⁿ".
std::string normalised(std::string_view unit) {
  constexpr std::array<std::array<std::string_view, 2>, 12> kSpellings = {{{"\u00C5", "A"},
                                                                           {"A\u030A", "A"},
                                                                           {"\u212B", "A"},
                                                                           {"angstrom", "A"},
                                                                           {"Angstrom", "A"},
                                                                           {"\u00B5", "u"},
                                                                           {"\u03BC", "u"},
                                                                           {"\u207B", "-"},
                                                                           {"\u00B9", "1"},
                                                                           {"\u00B3", "^3"},
                                                                           {"-^3", "-3"},
                                                                           {" ", ""}}};
  std::string text(unit);
  for (const auto& [from, to] : kSpellings) text = replaced(text, from, to);
  if (text.compare(0, 2, "1/") == 0) {
    const auto power = text.find('^');
    text = power == std::string::npos ? text.substr(2) + "^-1"
                                      : text.substr(2, power - 2) + "^-" + text.substr(power + 1);
  }
  const auto minus = text.find('-');
  if (minus != std::string::npos && minus > 0 && text[minus - 1] != '^') text.insert(minus, "^");
  return text;
}

std::string with_ring(std::string_view unit) {
  // The only capital A of the table's names is that of Å.
  return replaced(unit, "A", "Å");
}

const Unit* find_unit(std::string_view name, Quantity quantity) {
  for (const Unit& unit : kUnits)
    if (unit.name == name && unit.quantity == quantity) return &unit;
  return nullptr;
}

QuantityResult failed(std::string sentence) { return {std::nullopt, std::move(sentence)}; }

std::string expected_kind(Quantity quantity, UnitStyle style) {
  if (quantity == Quantity::number) return "a number without a unit";
  const std::string_view unit = unit_text(style, quantity);
  if (unit.empty()) return fmt::format("a bare number ({})", name(quantity));
  return fmt::format("a {} (bare numbers: {})", name(quantity), unit);
}

std::string unknown_unit(std::string_view unit, Quantity quantity, UnitStyle style) {
  for (const Unit& known : kUnits) {
    if (known.name == unit && known.quantity != quantity)
      return fmt::format("'{}' is a unit of {}, expected {}", with_ring(unit), name(known.quantity),
                         expected_kind(quantity, style));
  }
  const auto nearest = nearest_name(unit, unit_names(quantity));
  if (nearest)
    return fmt::format("unknown unit '{}' (did you mean '{}'?)", shortened(unit), *nearest);
  return fmt::format("unknown unit '{}', expected {}", shortened(unit),
                     expected_kind(quantity, style));
}

double converted(double value, const Unit& from, const Unit& to) {
  if (from.up == to.up && from.down == to.down) return value;
  if (from.down == to.down) return from.up == 1 ? value / to.up : value * from.up / to.up;
  if (from.up == to.up) return to.down == 1 ? value / from.down : value * to.down / from.down;
  return value * (from.up * to.down) / (from.down * to.up);
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// "HH:MM:SS" or, as Slurm writes it, "D-HH:MM:SS", in seconds.
std::optional<double> clock_time(std::string_view text) {
  constexpr std::size_t kMostDigits = 6;
  double days = 0.0;
  if (const auto dash = text.find('-'); dash != std::string_view::npos) {
    const auto part = text.substr(0, dash);
    if (!all_digits(part) || part.size() > kMostDigits) return std::nullopt;
    days = std::stod(std::string(part));
    text.remove_prefix(dash + 1);
  }
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || text.size() != colon + 6 || text[colon + 3] != ':')
    return std::nullopt;
  const auto hours = text.substr(0, colon);
  const auto minutes = text.substr(colon + 1, 2);
  const auto seconds = text.substr(colon + 4, 2);
  if (!all_digits(hours) || hours.size() > kMostDigits || !all_digits(minutes) ||
      !all_digits(seconds) || minutes[0] > '5' || seconds[0] > '5')
    return std::nullopt;
  const auto number = [](std::string_view digits) { return std::stod(std::string(digits)); };
  return ((days * 24 + number(hours)) * 60 + number(minutes)) * 60 + number(seconds);
}

struct Leading {
  double value = 0.0;
  std::string_view rest;
  std::string error;
};

/// The number that `text` begins with. from_chars does not know of locales, and takes no sign '+', no hex without asking.
Leading leading_number(std::string_view text) {
  std::string_view digits = text;
  if (!digits.empty() && digits.front() == '+') digits.remove_prefix(1);
  const std::string_view unsigned_part =
      !digits.empty() && digits.front() == '-' && digits.data() == text.data() ? digits.substr(1)
                                                                               : digits;
  const std::string_view first =
      unsigned_part.substr(!unsigned_part.empty() && unsigned_part.front() == '.');
  const bool numeric = !first.empty() && first.front() >= '0' && first.front() <= '9';
  if (!numeric) return {0.0, text, fmt::format("'{}' is not a number", shortened(text))};
  if (unsigned_part.size() > 1 && (unsigned_part[1] == 'x' || unsigned_part[1] == 'X'))
    return {0.0, text,
            fmt::format("'{}' is hexadecimal, expected a decimal number", shortened(text))};
  Leading result;
  const auto [end, code] =
      std::from_chars(digits.data(), digits.data() + digits.size(), result.value);
  if (code == std::errc::result_out_of_range)
    result.error = fmt::format("'{}' is out of the range of double precision", shortened(text));
  else if (code != std::errc{})
    result.error = fmt::format("'{}' is not a number", shortened(text));
  result.rest = digits.substr(static_cast<std::size_t>(end - digits.data()));
  if (!result.rest.empty() &&
      std::string_view(",_.").find(result.rest.front()) != std::string_view::npos)
    result.error = fmt::format(
        "'{}' is not a number (decimal point '.', no separators of thousands)", shortened(text));
  return result;
}

}  // namespace

std::vector<std::string> unit_names(Quantity quantity) {
  std::vector<std::string> names;
  for (const Unit& unit : kUnits) {
    if (unit.quantity != quantity) continue;
    names.push_back(with_ring(unit.name));
    if (names.back() == unit.name) continue;
    names.emplace_back(unit.name);
    names.push_back(replaced(unit.name, "A", "angstrom"));
  }
  return names;
}

QuantityResult parse_quantity(std::string_view text, Quantity quantity, UnitStyle style) {
  text = trim(text);
  if (text.empty())
    return failed(fmt::format("found nothing, expected {}", expected_kind(quantity, style)));
  if (quantity == Quantity::wall_time && text.find(':') != std::string_view::npos) {
    if (const auto seconds = clock_time(text)) return {ParsedQuantity{*seconds, true}, {}};
    return failed(fmt::format("'{}' is not a time of the form HH:MM:SS", shortened(text)));
  }
  const Leading number = leading_number(text);
  if (!number.error.empty()) return failed(number.error);
  const std::string_view written = trim(number.rest);
  if (written.empty()) return {ParsedQuantity{number.value, false}, {}};
  if (style == UnitStyle::lj && quantity != Quantity::wall_time && quantity != Quantity::number)
    return failed(fmt::format(
        "'{}' carries a unit, but numbers under 'units: lj' are reduced: leave out '{}'",
        shortened(text), shortened(written)));
  if (written.size() > 64) return failed(fmt::format("'{}' is no unit", shortened(written)));
  const std::string unit_name = normalised(written);
  const Unit* from = find_unit(unit_name, quantity);
  if (from == nullptr) return failed(unknown_unit(unit_name, quantity, style));
  const Unit* to = find_unit(normalised(unit_text(style, quantity)), quantity);
  const double value = converted(number.value, *from, *to);
  if (!std::isfinite(value))
    return failed(fmt::format("'{}' is out of the range of double precision", shortened(text)));
  return {ParsedQuantity{value, true}, {}};
}

}  // namespace r1
