// Constants against CODATA 2018 and LAMMPS' tables; quantities read, converted exactly where that is possible, or refused.
// SPDX-License-Identifier: Apache-2.0
#include "core/units.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <locale>
#include <string>
#include <vector>

namespace r1 {
namespace {

constexpr auto kLj = UnitStyle::lj;
constexpr auto kMetal = UnitStyle::metal;
constexpr auto kReal = UnitStyle::real;

double value(std::string_view text, Quantity quantity, UnitStyle style = kMetal) {
  const QuantityResult result = parse_quantity(text, quantity, style);
  EXPECT_TRUE(result.value) << text << ": " << result.error;
  return result.value ? result.value->value : std::nan("");
}

std::string error(std::string_view text, Quantity quantity, UnitStyle style = kMetal) {
  const QuantityResult result = parse_quantity(text, quantity, style);
  EXPECT_FALSE(result.value) << text;
  return result.error;
}

/// Exact constants of the SI and the CODATA 2018 atomic mass.
constexpr double kBoltzmannJoule = 1.380649e-23;
constexpr double kElementaryCharge = 1.602176634e-19;
constexpr double kAvogadro = 6.02214076e23;
constexpr double kAtomicMass = 1.66053906660e-27;

TEST(Units, AgreeWithCodata2018) {
  const Units metal = Units::make(kMetal, ConstantSet::codata);
  constexpr double kDigits = 1e-11;  // of the published figures
  EXPECT_NEAR(metal.boltzmann / (kBoltzmannJoule / kElementaryCharge), 1.0, kDigits);
  EXPECT_NEAR(metal.mvv_to_energy / (kAtomicMass * 1e4 / kElementaryCharge), 1.0, 1e-9);
  EXPECT_NEAR(metal.energy_per_volume_to_pressure / (kElementaryCharge * 1e30 / 1e5), 1.0, kDigits);
  const Units real = Units::make(kReal, ConstantSet::codata);
  EXPECT_NEAR(real.boltzmann / (kBoltzmannJoule * kAvogadro / 4184.0), 1.0, 1e-9);
  EXPECT_DOUBLE_EQ(real.mvv_to_energy, 1e7 / 4184.0);
  EXPECT_NEAR(real.energy_per_volume_to_pressure / (4184.0 / kAvogadro * 1e30 / 101325.0), 1.0,
              kDigits);
}

TEST(Units, OfLammpsAreItsOwnDigits) {
  const Units metal = Units::make(kMetal, ConstantSet::lammps);
  EXPECT_EQ(metal.boltzmann, 8.617343e-5);
  EXPECT_EQ(metal.mvv_to_energy, 1.0364269e-4);
  EXPECT_EQ(metal.energy_per_volume_to_pressure, 1.6021765e6);
  const Units real = Units::make(kReal, ConstantSet::lammps);
  EXPECT_EQ(real.boltzmann, 0.0019872067);
  EXPECT_EQ(real.mvv_to_energy, 48.88821291 * 48.88821291);
  EXPECT_EQ(real.energy_per_volume_to_pressure, 68568.415);
}

TEST(Units, OfLjAreOne) {
  for (const auto set : {ConstantSet::codata, ConstantSet::lammps}) {
    const Units lj = Units::make(kLj, set);
    EXPECT_EQ(lj.boltzmann, 1.0);
    EXPECT_EQ(lj.mvv_to_energy, 1.0);
    EXPECT_EQ(lj.energy_per_volume_to_pressure, 1.0);
  }
}

TEST(Quantity, InTheStylesOwnUnitKeepsItsBits) {
  for (const auto* text : {"2.5", "0.1", "3.615", "1e-3", "123456789.123456789", "-0.3"}) {
    const double bits = std::stod(text);
    EXPECT_EQ(value(text, Quantity::length), bits);
    EXPECT_EQ(value(std::string(text) + " \u00C5", Quantity::length), bits);
    EXPECT_EQ(value(std::string(text) + " fs", Quantity::time, kReal), bits);
    EXPECT_EQ(value(std::string(text) + "kcal/mol", Quantity::energy, kReal), bits);
    EXPECT_EQ(value(std::string(text) + " fs^-1", Quantity::frequency, kReal), bits);
  }
}

TEST(Quantity, DecimalMultiplesAreCorrectlyRounded) {
  EXPECT_EQ(value("5 fs", Quantity::time), 0.005);
  EXPECT_EQ(value("7 fs", Quantity::time), 0.007);
  EXPECT_EQ(value("3 ps", Quantity::time, kReal), 3000.0);
  EXPECT_EQ(value("13 pm", Quantity::length), 0.13);
  EXPECT_EQ(value("7 m/s", Quantity::velocity), 0.07);
  EXPECT_EQ(value("3 Pa", Quantity::pressure), 3e-5);
  EXPECT_EQ(value("7 ns^-1", Quantity::frequency), 0.007);
  EXPECT_EQ(value("7 ns^-1", Quantity::frequency, kReal), 7e-6);
  EXPECT_EQ(value("33 nm^-3", Quantity::number_density), 0.033);
}

TEST(Quantity, KnowsTheUnitsOfAllKinds) {
  EXPECT_EQ(value("2 nm", Quantity::length), 20.0);
  EXPECT_EQ(value("2 ns", Quantity::time), 2000.0);
  EXPECT_DOUBLE_EQ(value("1 kcal/mol", Quantity::energy), 0.04336410424180094);
  EXPECT_DOUBLE_EQ(value("1 eV", Quantity::energy, kReal), 23.06054783061903);
  EXPECT_EQ(value("4.184 kJ/mol", Quantity::energy, kReal), 1.0);
  EXPECT_DOUBLE_EQ(value("1 Ha", Quantity::energy), 27.211386245988);
  EXPECT_NEAR(value("2 Ry", Quantity::energy), 27.211386245988, 1e-11);
  EXPECT_DOUBLE_EQ(value("1.602176634e-19 J", Quantity::energy), 1.0);
  EXPECT_EQ(value("300 K", Quantity::temperature), 300.0);
  EXPECT_EQ(value("1 GPa", Quantity::pressure), 10000.0);
  EXPECT_EQ(value("1.01325 bar", Quantity::pressure, kReal), 1.0);
  EXPECT_EQ(value("1 atm", Quantity::pressure), 1.01325);
  EXPECT_EQ(value("1 \u00C5/fs", Quantity::velocity), 1000.0);
  EXPECT_DOUBLE_EQ(value("41.84 kJ/mol/nm", Quantity::force, kReal), 1.0);
  EXPECT_EQ(value("63.55 g/mol", Quantity::mass), 63.55);
  EXPECT_EQ(value("-1 e", Quantity::charge), -1.0);
}

TEST(Quantity, TakesEverySpellingOfAngstromAndOfInversePicoseconds) {
  for (const auto* unit : {"\u00C5", "A\u030A", "\u212B", "A", "angstrom", "Angstrom"})
    EXPECT_EQ(value(std::string("2 ") + unit, Quantity::length), 2.0) << unit;
  for (const auto* unit : {"ps^-1", "1/ps", "ps-1", "ps\u207B\u00B9"})
    EXPECT_EQ(value(std::string("2 ") + unit, Quantity::frequency), 2.0) << unit;
  for (const auto* unit : {"\u00C5^-3", "1/\u00C5^3", "A-3", "angstrom\u207B\u00B3"})
    EXPECT_EQ(value(std::string("2 ") + unit, Quantity::number_density), 2.0) << unit;
}

TEST(Quantity, EveryDocumentedUnitIsRead) {
  for (int kind = 1; kind <= static_cast<int>(Quantity::charge); ++kind) {
    const auto quantity = static_cast<Quantity>(kind);
    ASSERT_FALSE(unit_names(quantity).empty());
    for (const auto& unit : unit_names(quantity))
      for (const auto style : {kMetal, kReal}) EXPECT_GT(value("1 " + unit, quantity, style), 0.0);
    EXPECT_EQ(value("0.7 " + std::string(unit_text(kReal, quantity)), quantity, kReal), 0.7);
  }
}

TEST(Quantity, ReadsWallTimeInEveryStyle) {
  EXPECT_EQ(value("10 min", Quantity::wall_time, kLj), 600.0);
  EXPECT_EQ(value("1.5 h", Quantity::wall_time), 5400.0);
  EXPECT_EQ(value("02:00:30", Quantity::wall_time, kLj), 7230.0);
  EXPECT_EQ(value("100:00:00", Quantity::wall_time), 360000.0);
  EXPECT_EQ(value("1-12:00:00", Quantity::wall_time), 129600.0);
  EXPECT_EQ(value("90", Quantity::wall_time, kReal), 90.0);
  for (const auto* bad : {"02:60:00", "02:00:60", "2:0:0", "02:00", ":00:00", "aa:00:00",
                          "-1:00:00", "1e3:00:00", "02:00:00:00", "9999999:00:00", "1--1:00:00"})
    EXPECT_NE(error(bad, Quantity::wall_time).find("HH:MM:SS"), std::string::npos) << bad;
}

TEST(Quantity, RefusesAUnitOfAnotherKind) {
  EXPECT_EQ(error("5 ps", Quantity::length),
            "'ps' is a unit of time, expected a length (bare numbers: \u00C5)");
  EXPECT_EQ(error("5 \u00C5", Quantity::time),
            "'\u00C5' is a unit of length, expected a time (bare numbers: ps)");
  EXPECT_EQ(error("5 K", Quantity::number),
            "'K' is a unit of temperature, expected a number without a unit");
}

TEST(Quantity, SuggestsTheNearestUnit) {
  EXPECT_EQ(error("5 ev", Quantity::energy), "unknown unit 'ev' (did you mean 'eV'?)");
  EXPECT_EQ(error("5 angstom", Quantity::length),
            "unknown unit 'angstom' (did you mean 'angstrom'?)");
  EXPECT_EQ(error("5 parsec", Quantity::length),
            "unknown unit 'parsec', expected a length (bare numbers: \u00C5)");
}

TEST(Quantity, RefusesUnitsUnderLj) {
  EXPECT_EQ(
      error("2.5 \u00C5", Quantity::length, kLj),
      "'2.5 \u00C5' carries a unit, but numbers under 'units: lj' are reduced: leave out '\u00C5'");
}

TEST(Quantity, RefusesWhatIsNoFiniteDecimalNumber) {
  for (const auto* bad :
       {"",    "nan", "inf",   "-inf", ".nan",  ".inf", "0x10", "1e999", "1e308 nm", "-",     "+",
        "+-1", "--1", "1_000", "1,5",  "1.2.3", ".",    "e5",   "five",  "1e",       "\u0661"})
    for (const auto style : {kMetal, kLj})
      EXPECT_FALSE(error(bad, Quantity::length, style).empty()) << bad;
}

TEST(Quantity, SaysWhetherAUnitWasGiven) {
  EXPECT_FALSE(parse_quantity(" 2.5 ", Quantity::length, kMetal).value->has_unit);
  EXPECT_TRUE(parse_quantity("2.5nm", Quantity::length, kMetal).value->has_unit);
}

struct DecimalComma : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(Quantity, DoesNotDependOnTheLocale) {
  const std::locale before =
      std::locale::global(std::locale(std::locale::classic(), new DecimalComma));
  const double read = value("1234.5", Quantity::length);
  const double seconds = value("1234:00:00", Quantity::wall_time);
  std::locale::global(before);
  EXPECT_EQ(read, 1234.5);
  EXPECT_EQ(seconds, 1234 * 3600.0);
}

TEST(UnitFactors, LeadToMetalAndToH5md) {
  EXPECT_DOUBLE_EQ(to_metal(kReal, Quantity::energy), value("1 kcal/mol", Quantity::energy));
  EXPECT_DOUBLE_EQ(to_metal(kReal, Quantity::force), value("1 kcal/mol/A", Quantity::force));
  EXPECT_EQ(to_metal(kReal, Quantity::velocity), 1000.0);
  EXPECT_EQ(to_metal(kReal, Quantity::pressure), 1.01325);
  EXPECT_EQ(to_metal(kMetal, Quantity::energy), 1.0);
  EXPECT_EQ(to_metal(kLj, Quantity::time), 1.0);
  EXPECT_DOUBLE_EQ(to_h5md(kMetal, Quantity::force), 96.48533212331);
  EXPECT_EQ(to_h5md(kReal, Quantity::force), 4.184);
  EXPECT_EQ(to_h5md(kReal, Quantity::time), 1e-3);
  EXPECT_EQ(to_h5md(kLj, Quantity::force), 1.0);
}

}  // namespace
}  // namespace r1
