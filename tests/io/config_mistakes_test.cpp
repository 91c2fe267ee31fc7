// A table of single mistakes in a valid input: each is found at its line and column, alone, in words that help.
// SPDX-License-Identifier: Apache-2.0
#include "tests/io/sample_schema.hpp"

#include <gtest/gtest.h>

#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace r1::io {
namespace {

struct Mistake {
  std::string_view right;    // part of sample::input()
  std::string_view wrong;    // what stands in its place
  std::string_view place;    // "line:column"
  std::string_view message;  // a part of it
};

constexpr Mistake kMistakes[] = {
    {"r1md: 1", "r1md: 2", "1:7", "found '2', expected a whole number = 1"},
    {"r1md: 1\n", "", "1:1", "required key 'r1md' is missing at the top level"},
    {"units: metal", "units: mettal", "2:8",
     "found 'mettal', expected one of lj, metal, real (did you mean 'metal'?)"},
    {"units: metal", "unit: metal", "2:1",
     "unknown key 'unit' at the top level (did you mean 'units'?)"},
    {"seed: 42", "seed: -1", "3:7", "found '-1', expected a whole number >= 0"},
    {"seed: 42", "seed: 4e2", "3:7", "found '4e2', expected a whole number >= 0 (write 400)"},
    {"seed: 42", "seed: 042", "3:7",
     "found '042', expected a whole number >= 0 (a leading zero reads as octal"},
    {"seed: 42", "seed:", "3:1", "found nothing, expected a whole number >= 0"},
    {"seed: 42", "seed: 99999999999999999999", "3:7",
     "found '99999999999999999999', expected a whole number >= 0"},
    {"seed: 42", "seed: 42\nseed: 43", "4:1", "duplicate key 'seed' (first at 3:1)"},
    {"precision: double", "precision: mixed", "4:12",
     "'precision: mixed' is not available in this version (mixed precision);"},
    {"precision: double", "precision: [double]", "4:12", "found a list, expected 'double'"},
    {"type: fcc", "type: fccc", "6:19",
     "found 'fccc', expected one of sc, bcc, fcc, diamond (did you mean 'fcc'?)"},
    {"3.615 Å", "3.615 K", "6:34",
     "'K' is a unit of temperature, expected a length (bare numbers: Å)"},
    {"3.615 Å", "3.615 Amstrong", "6:34",
     "unknown unit 'Amstrong', expected a length (bare numbers: Å)"},
    {"3.615 Å", "-3.615 Å", "6:34",
     "found '-3.615 Å', expected a number with a unit of length (bare: Å) > 0"},
    {"3.615 Å", "3,615", "6:36", "unknown key '615' in 'lattice'"},
    {"3.615 Å", "0x10", "6:34", "'0x10' is hexadecimal, expected a decimal number"},
    {"3.615 Å", ".nan", "6:34", "'.nan' is not a number"},
    {"3.615 Å", "inf", "6:34",
     "found 'inf', expected a number with a unit of length (bare: Å) > 0"},
    {"3.615 Å", "1e400", "6:34", "'1e400' is out of the range of double precision"},
    {"3.615 Å", "[3.615]", "6:34",
     "found a list, expected a number with a unit of length (bare: Å) > 0"},
    {"[20, 20, 20]", "[20, 20]", "6:51",
     "found a list of 2, expected a list of 3 (each a whole number >= 1)"},
    {"[20, 20, 20]", "20", "6:51", "found '20', expected a list of 3 (each a whole number >= 1)"},
    {"[20, 20, 20]", "[20, 0, 20]", "6:56", "found '0', expected a whole number >= 1"},
    {"constant: 3.615 Å,", "", "6:12", "one of 'constant', 'density' is required in 'lattice'"},
    {"constant: 3.615 Å,", "constant: 3.615 Å, density: 0.08 Å^-3,", "6:43",
     "'constant' and 'density' exclude each other in 'lattice'"},
    {", species: Cu}", ", species: Cu, size: 3}", "6:78", "unknown key 'size' in 'lattice'"},
    {", species: Cu}", "}", "6:12", "required key 'species' is missing in 'lattice'"},
    {"[true, true, true]", "[true, yes, true]", "7:20",
     "found 'yes', expected true or false (these two spellings alone)"},
    {"[true, true, true]", "[true, 1, true]", "7:20", "found '1', expected true or false"},
    {"mass: 63.55", "mass: 63.55 kg", "9:24",
     "unknown unit 'kg', expected a mass (bare numbers: u)"},
    {"mass: 63.55", "mass: 0", "9:24",
     "found '0', expected a number with a unit of mass (bare: u) > 0"},
    {"1600 K", "1600 k", "10:29", "unknown unit 'k' (did you mean 'K'?)"},
    {"temperature: 1600 K, seed: 7", "temprature: 1600 K, seed: 7", "10:16",
     "unknown key 'temprature' in 'velocities' (did you mean 'temperature'?)"},
    {"- eam: {", "- eamm: {", "12:5",
     "found 'eamm', expected one of eam, lennard_jones (did you mean 'eam'?)"},
    {"- eam: {file: Cu_u3.eam, species: [Cu]}", "- lennard_jones", "12:5",
     "required key 'cutoff' is missing in 'lennard_jones'"},
    {"- eam: {file: Cu_u3.eam, species: [Cu]}", "- eam:", "12:5",
     "'eam' is followed by nothing: write 'eam' alone, 'eam: {}', or options"},
    {"- eam: {file: Cu_u3.eam, species: [Cu]}", "- {eam: {file: a}, lennard_jones: {cutoff: 2}}",
     "12:22", "'lennard_jones' stands beside 'eam', expected one kind alone (are the"},
    {"file: Cu_u3.eam", "file: ''", "12:17", "found '', expected a path"},
    {"{skin: 1.0 Å}", "1.0 ps", "13:11",
     "'ps' is a unit of time, expected a length (bare numbers: Å)"},
    {"{skin: 1.0 Å}", "[1.0]", "13:11",
     "found a list, expected a number with a unit of length (bare: Å) > 0, or a"},
    {"- evaluate", "- evaluat", "15:5",
     "found 'evaluat', expected one of evaluate, minimize, dynamics (did you"},
    {"- evaluate", "- evaluate: {frames: a.xyz}", "15:16",
     "unknown key 'frames' in 'evaluate'; it takes no keys"},
    {"- evaluate", "- {}", "15:5", "found {}, expected one of evaluate, minimize, dynamics"},
    {"{force_tolerance: 1e-5}", "{force_tolerance: 1 pN}", "16:33",
     "unknown unit 'pN', expected a force (bare numbers: eV/Å)"},
    {"{force_tolerance: 1e-5}", "{force_tolerance:1e-5}", "16:16",
     "unknown key 'force_tolerance:1e-5' in 'minimize' (a space must follow the"},
    {"      timestep", "      time_step", "19:7",
     "unknown key 'time_step' in 'dynamics' (did you mean 'timestep'?)"},
    {"timestep: 5 fs", "timestep: 5 fs # \n      duration: 5 ps", "20:7",
     "'steps' and 'duration' exclude each other in 'dynamics'"},
    {"      timestep: 5 fs\n", "", "18:7", "required key 'timestep' is missing in 'dynamics'"},
    {"      steps: 1000\n", "", "18:7", "one of 'steps', 'duration' is required in 'dynamics'"},
    {"      steps: 1000\n", "      step: 1000\n", "18:7",
     "unknown key 'step' in 'dynamics' (did you mean 'steps'?)"},
    {"1000\n", "1000 steps\n", "18:14", "found '1000 steps', expected a whole number >= 0"},
    {"langevin: {temperature: 300 K,", "langevin: {temperature: hot,", "21:33",
     "found 'hot', expected a number with a unit of temperature (bare: K) >= 0"},
    {"langevin: {temperature: 300 K, friction", "langewin: {temperature: 300 K, friction", "21:9",
     "found 'langewin', expected one of langevin, nose_hoover (did you mean"},
    {"friction: 1 ps^-1", "friction: 1 ps", "21:50",
     "'ps' is a unit of time, expected a frequency (bare numbers: ps^-1)"},
    {"\n        langevin: {temperature: 300 K, friction: 1 ps^-1}", " nosehoover", "20:19",
     "found 'nosehoover', expected 'none', or one of langevin, nose_hoover (did"},
    {"\n        langevin: {temperature: 300 K, friction: 1 ps^-1}", " [none]", "20:19",
     "found a list, expected 'none', or one of langevin, nose_hoover"},
    {"      thermostat:", "      barostat: mtk\n      thermostat:", "20:17",
     "'barostat: mtk' is not available in this version (constant pressure); use"},
    {"thermo: 50", "thermo: fifty", "23:11", "found 'fifty', expected a whole number >= 1"},
    {"thermo: 50", "thermo: {each: 50}", "23:12", "unknown key 'each' in 'thermo'"},
    {"formats: [h5md, extxyz]", "formats: [h5md, xyz]", "24:19",
     "found 'xyz', expected one of h5md, extxyz (did you mean 'extxyz'?)"},
    {"formats: [h5md, extxyz]", "formats: {h5md: 1}", "24:12",
     "found a mapping, expected one of h5md, extxyz, or a list of such"},
    {"02:00:00", "02:61:00", "25:11",
     "found '02:61:00', expected one of none, auto, or a number with a unit of"},
    {"02:00:00", "2 hours", "25:11",
     "found '2 hours', expected one of none, auto, or a number with a unit of"},
    {"02:00:00", "nnoe", "25:11",
     "found 'nnoe', expected one of none, auto, or a number with a unit of wall"},
    {"walltime", "wall time", "25:1",
     "unknown key 'wall time' at the top level (did you mean 'walltime'?)"},
    {"output:", "output: !mine", "22:9",
     "the tag '!mine' is not part of this language: leave it out"},
    {"output:", "<<: {}\noutput:", "22:1",
     "merge keys '<<' are not part of this language: write the keys out"},
    {"output:", "? [a]\n: 1\noutput:", "22:3",
     "a key must be a plain word, found a list or mapping"},
    {"units: metal", "units:\tmetal\n\tseed: 1", "3:1",
     "a tab in the indentation: YAML wants spaces"},
    {"seed: 42", "seed: 42: 3", "3:9",
     "YAML syntax: illegal map value (indentation, or a ':' too many?)"},
    {"seed: 42", "seed: [1", "4:10", "YAML syntax: end of sequence flow not found"},
    {"seed: 42", "seed: *a", "3:7", "YAML syntax: the referenced anchor is not defined"},
    {"02:00:00\n", "02:00:00\n---\na: 1\n", "26:1",
     "the document ended before this place, expected nothing more (one document"},
    {"seed: 42", "seed: \"4\\q\"", "3:11", "YAML syntax: unknown escape character: q"},
};

std::string with_mistake(const Mistake& mistake) {
  std::string text = sample::input();
  const auto place = text.find(mistake.right);
  EXPECT_NE(place, std::string::npos) << mistake.right;
  if (place != std::string::npos) text.replace(place, mistake.right.size(), mistake.wrong);
  return text;
}

std::vector<Diagnostic> faults_of(const std::string& text) {
  try {
    parse_config(text, "input.yaml", sample::root())->check();
  } catch (const ConfigError& error) {
    return error.faults();
  }
  return {};
}

TEST(ConfigMistakes, TheInputWithoutThemIsValid) {
  EXPECT_NO_THROW(parse_config(sample::input(), "input.yaml", sample::root())->check());
}

TEST(ConfigMistakes, AreEachFoundAloneAtTheirPlace) {
  ASSERT_GE(std::size(kMistakes), 40U);
  for (const auto& mistake : kMistakes) {
    SCOPED_TRACE(std::string(mistake.right) + " -> " + std::string(mistake.wrong));
    const auto faults = faults_of(with_mistake(mistake));
    for (const auto& fault : faults) {
      EXPECT_EQ(std::to_string(fault.line) + ':' + std::to_string(fault.column), mistake.place)
          << fault.text();
      EXPECT_NE(fault.message.find(mistake.message), std::string::npos) << fault.text();
    }
    EXPECT_EQ(faults.size(), 1U);
  }
}

TEST(ConfigMistakes, PointAtTheColumnWithACaret) {
  for (const auto& mistake : kMistakes)
    for (const auto& fault : faults_of(with_mistake(mistake))) {
      const auto end = fault.excerpt.rfind('\n');
      ASSERT_NE(end, std::string::npos) << fault.text();
      if (fault.excerpt.compare(0, 5, "  ...") == 0) continue;  // a window of a long line
      EXPECT_EQ(fault.excerpt.size() - end, static_cast<std::size_t>(fault.column) + 3)
          << fault.text();
      EXPECT_EQ(fault.excerpt.back(), '^');
    }
}

}  // namespace
}  // namespace r1::io
