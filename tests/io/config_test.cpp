// Values, defaults, overrides, refusals and printing of checked inputs; single mistakes are in config_mistakes_test.cpp.
// SPDX-License-Identifier: Apache-2.0
#include "io/config.hpp"

#include "tests/io/sample_schema.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace r1::io {
namespace {

using Document = std::shared_ptr<ConfigDocument>;

Document valid(const std::string& text, const Schema& schema,
               const std::vector<Override>& overrides = {}) {
  auto document = parse_config(text, "folder/input.yaml", schema, overrides);
  document->check();
  return document;
}

Document sample_with(const std::vector<Override>& overrides) {
  return valid(sample::input(), sample::root(), overrides);
}

std::vector<std::string> faults(const std::string& text, const Schema& schema,
                                const std::vector<Override>& overrides = {}) {
  std::vector<std::string> messages;
  try {
    parse_config(text, "input.yaml", schema, overrides)->check();
  } catch (const ConfigError& error) {
    for (const auto& fault : error.faults()) messages.push_back(fault.text());
  }
  return messages;
}

std::string first_fault(const std::string& text, const Schema& schema,
                        const std::vector<Override>& overrides = {}) {
  const auto all = faults(text, schema, overrides);
  return all.empty() ? std::string() : all.front().substr(0, all.front().find('\n'));
}

std::string replaced_once(std::string text, const std::string& from, const std::string& to) {
  const auto place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return place == std::string::npos ? text : text.replace(place, from.size(), to);
}

TEST(Config, GivesValuesInTheStylesUnits) {
  const Config root = valid(sample::input(), sample::root())->root();
  EXPECT_EQ(root["seed"].integer(), 42);
  EXPECT_EQ(root["system"]["lattice"]["constant"].real(), 3.615);
  EXPECT_EQ(root["system"]["lattice"]["type"].text(), "fcc");
  EXPECT_TRUE(root["system"]["periodic"].items()[2].boolean());
  const Config dynamics = root["run"].items()[2];
  EXPECT_EQ(dynamics.kind(), "dynamics");
  EXPECT_EQ(dynamics.options()["timestep"].real(), 0.005);
  EXPECT_EQ(dynamics.options()["thermostat"].options()["friction"].real(), 1.0);
  EXPECT_EQ(root["walltime"].real(), 7200.0);
  EXPECT_FALSE(root["system"].has("structure"));
}

TEST(Config, KnowsOriginsAndDefaults) {
  const Config root = sample_with({{"seed", "7"}})->root();
  EXPECT_EQ(root["seed"].origin(), Origin::command_line);
  EXPECT_EQ(root["units"].origin(), Origin::file);
  EXPECT_EQ(root["checkpoint"]["every"].origin(), Origin::fallback);
  EXPECT_EQ(root["checkpoint"]["every"].real(), 600.0);
  const Config minimize = root["run"].items()[1].options();
  EXPECT_EQ(minimize["max_steps"].integer(), 10000);
  EXPECT_EQ(minimize["max_steps"].origin(), Origin::fallback);
  EXPECT_EQ(minimize.keys(), (std::vector<std::string>{"method", "force_tolerance", "max_steps"}));
}

TEST(Config, UnderstandsShortFormsOfMappingsChoicesAndLists) {
  const Config root = valid(sample::input(), sample::root())->root();
  EXPECT_EQ(root["output"]["thermo"]["every"].integer(), 50);
  EXPECT_EQ(root["run"].items()[0].kind(), "evaluate");
  EXPECT_TRUE(root["run"].items()[0].options().keys().empty());
  EXPECT_EQ(root["potential"].items()[0].options()["file"].items().size(), 1U);
  const auto alone = replaced_once(sample::input(), "\n  - eam", "\n  eam");
  EXPECT_EQ(valid(alone, sample::root())->root()["potential"].items()[0].kind(), "eam");
}

TEST(Config, ResolvesPathsAgainstTheFile) {
  const Config file = valid(sample::input(), sample::root())
                          ->root()["potential"]
                          .items()[0]
                          .options()["file"]
                          .items()[0];
  EXPECT_EQ(file.path(), std::filesystem::path("folder/Cu_u3.eam"));
  EXPECT_EQ(file.text(), "Cu_u3.eam");
}

TEST(Config, TellsWhichAlternativeMatched) {
  const Schema schema = mapping(
      {Key("every", any_of({integer(), real(Quantity::wall_time), word({"never"})}), "Interval.")});
  EXPECT_EQ(valid("every: 10", schema)->root()["every"].alternative(), 0);
  EXPECT_EQ(valid("every: 10 min", schema)->root()["every"].alternative(), 1);
  const Config never = valid("every: never", schema)->root()["every"];
  EXPECT_EQ(never.alternative(), 2);
  EXPECT_TRUE(never.is("never"));
  EXPECT_FALSE(valid("every: 10", schema)->root()["every"].is("never"));
}

TEST(Config, ReadsBareNumbersInTheStyleOfTheFile) {
  const Schema schema = mapping({Key("units", word({"lj", "metal", "real"}), "Style.").or_("metal"),
                                 Key("t", real(Quantity::time), "Time.")});
  EXPECT_EQ(valid("t: 2 fs", schema)->root()["t"].real(), 0.002);
  EXPECT_EQ(valid("{t: 2 fs, units: real}", schema)->root()["t"].real(), 2.0);
  EXPECT_EQ(valid("{t: 2, units: real}", schema)->style(), UnitStyle::real);
  EXPECT_EQ(valid("{t: 2 fs}", schema, {{"units", "real"}})->root()["t"].real(), 2.0);
  EXPECT_NE(first_fault("{t: 2 fs, units: lj}", schema).find("are reduced"), std::string::npos);
}

TEST(Config, ReadingAValueAsSomethingElseIsAnInternalError) {
  const Config root = valid(sample::input(), sample::root())->root();
  EXPECT_THROW((void)root["seed"].real(), Error);
  EXPECT_THROW((void)root["nothing"], Error);
  EXPECT_THROW((void)root["seed"].items(), Error);
  EXPECT_THROW((void)Config().integer(), Error);
}

TEST(Config, ADefaultThatBreaksItsSchemaIsAnInternalError) {
  const Schema schema = mapping({Key("a", integer().min(1), "A.").or_("0")});
  try {
    parse_config("{}", "a.yaml", schema);
    FAIL();
  } catch (const ConfigError&) {
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("the default '0' of 'a'"), std::string::npos);
  }
}

TEST(Config, ReportsFiveMistakesAtOnceInTheOrderOfTheFile) {
  std::string text = sample::input();
  text = replaced_once(text, "seed: 42", "seed: -1");
  text = replaced_once(text, "3.615 Å", "3.615 ps");
  text = replaced_once(text, "timestep:", "time_step:");
  text = replaced_once(text, "      steps: 1000\n", "      steps: 1000\n      steps: 2000\n");
  text = replaced_once(text, "h5md, extxyz", "h5md, dcd");
  const auto all = faults(text, sample::root());
  ASSERT_EQ(all.size(), 5U);
  const char* const places[] = {"3:7", "6:34", "19:7", "20:7", "25:19"};
  for (std::size_t i = 0; i < 5; ++i)
    EXPECT_EQ(all[i].find(std::string("input.yaml:") + places[i] + ": error: "), 0U) << all[i];
}

TEST(Config, WritesFaultsAsCompilersDo) {
  const auto all = faults(replaced_once(sample::input(), "timestep", "time_step"), sample::root());
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(
      all.front(),
      "input.yaml:19:7: error: unknown key 'time_step' in 'dynamics' (did you mean 'timestep'?); "
      "allowed: steps, duration, timestep, thermostat, barostat\n"
      "        time_step: 5 fs\n"
      "        ^");
}

TEST(Config, ReportsEveryMissingKeyOfAChosenKind) {
  const auto text = replaced_once(sample::input(), "{temperature: 300 K, friction: 1 ps^-1}", "{}");
  EXPECT_EQ(faults(text, sample::root()).size(), 2U);
}

TEST(Config, ShowsAtMostAHundredFaults) {
  std::string text = "a: 1\n";
  for (int i = 0; i < 300; ++i) text += "key" + std::to_string(i) + ": 1\n";
  const auto all = faults(text, mapping({Key("a", integer(), "A.")}));
  ASSERT_EQ(all.size(), 101U);
  EXPECT_EQ(all.back(), "input.yaml: error: 200 more faults are not shown");
}

TEST(Config, AddsFaultsOfLaterChecksInTheOrderOfTheFile) {
  const auto document = valid(sample::input(), sample::root());
  document->root()["walltime"].fault("too short");
  document->add_fault({"other.data", 3, 1, "bad line", ""});
  document->root()["seed"].fault("taken");
  try {
    document->root()["units"].fail("unusual");
  } catch (const ConfigError& error) {
    ASSERT_EQ(error.faults().size(), 4U);
    EXPECT_EQ(error.faults()[0].message, "unusual");
    EXPECT_EQ(error.faults()[1].message, "taken");
    EXPECT_EQ(error.faults()[2].line, 25);
    EXPECT_EQ(error.faults()[3].file, "other.data");
  }
}

TEST(Config, RefusesWhatIsNotBuiltByName) {
  const Schema schema = mapping(
      {Key("precision", word({"double"}), "P.").or_("double").refused({"mixed"}, "mixed precision"),
       Key("barostat", any_of({word({"none"}), choice({{"mtk", "B."}})}), "B.")
           .or_("none")
           .refused({"*"}, "constant pressure"),
       Key("kinds", list(word({"a", "b"})), "K.").refused({"b"}, "b")});
  EXPECT_EQ(first_fault("precision: mixed", schema),
            "input.yaml:1:12: error: 'precision: mixed' is not available in this version (mixed "
            "precision); use 'double'");
  EXPECT_EQ(first_fault("barostat: {other: {x: 1}}", schema),
            "input.yaml:1:11: error: 'barostat: other' is not available in this version (constant "
            "pressure); use 'none'");
  EXPECT_EQ(
      first_fault("kinds: [a, b]", schema),
      "input.yaml:1:12: error: 'kinds: b' is not available in this version (b); leave the key out");
  EXPECT_EQ(first_fault("{precision: double, barostat: none, kinds: [a]}", schema), "");
}

TEST(Config, DefaultsOfARuleGiveWayToTheKeyThatIsGiven) {
  const Schema schema =
      with_rule(mapping({Key("a", integer(), "A.").or_("1"), Key("b", integer(), "B.")}),
                Rule::exactly_one, {"a", "b"});
  EXPECT_EQ(valid("{}", schema)->root()["a"].integer(), 1);
  EXPECT_FALSE(valid("b: 2", schema)->root().has("a"));
  EXPECT_EQ(first_fault("{a: 1, b: 2}", schema),
            "input.yaml:1:8: error: 'a' and 'b' exclude each other at the top level");
}

TEST(Overrides, ReplaceAddAndOpenValues) {
  const Config root = sample_with({{"run[2].dynamics.steps", "10"},
                                   {"output.directory", "elsewhere"},
                                   {"checkpoint.every", "1 h"},
                                   {"run[3]", "{minimize: {max_steps: 5}}"}})
                          ->root();
  EXPECT_EQ(root["run"].items()[2].options()["steps"].integer(), 10);
  EXPECT_EQ(root["output"]["directory"].text(), "elsewhere");
  EXPECT_EQ(root["checkpoint"]["every"].real(), 3600.0);
  EXPECT_EQ(root["run"].items()[3].options()["max_steps"].integer(), 5);
  const Schema choices = mapping({Key("bath", sample::thermostat(), "B.")});
  const Config bath = valid("bath: langevin", choices,
                            {{"bath.langevin.temperature", "3 K"}, {"bath.langevin.friction", "2"}})
                          ->root()["bath"];
  EXPECT_EQ(bath.options()["temperature"].real(), 3.0);
}

TEST(Overrides, NameTheOptionInTheirFaults) {
  const auto fault = [](const std::string& path, const std::string& yaml) {
    return first_fault(sample::input(), sample::root(), {{path, yaml}});
  };
  EXPECT_EQ(
      fault("run[2].dynamics.stpes", "10"),
      "--set run[2].dynamics.stpes=10: error: unknown key 'stpes' in 'dynamics' (did you mean "
      "'steps'?); allowed: steps, duration, timestep, thermostat, barostat");
  EXPECT_EQ(fault("ouput.thermo.every", "10").substr(0, 70),
            "--set ouput.thermo.every=10: error: unknown key 'ouput' at the top lev");
  EXPECT_EQ(fault("seed", "-1"), "--set seed=-1: error: found '-1', expected a whole number >= 0");
  EXPECT_EQ(fault("seed", "[1]]").substr(0, 36), "--set seed=[1]]: error: YAML syntax:");
  EXPECT_EQ(
      fault("run[9].dynamics.steps", "1"),
      "--set run[9].dynamics.steps=1: error: 'run' has 3 items, counted from 0; [9] is beyond the "
      "place after the last");
  EXPECT_EQ(fault("run.dynamics.steps", "1"),
            "--set run.dynamics.steps=1: error: 'run' is a list, so it has no key 'dynamics': "
            "write run[0]");
  EXPECT_EQ(fault("seed.x", "1"), "--set seed.x=1: error: 'seed' is '42', so it has no key 'x'");
  for (const auto* bad : {"", ".", "a.", "[0]", "run[", "run[x]", "run[-1]", "run[0", "run[0]x",
                          "a b", "run[99999999999999999999]"})
    EXPECT_NE(fault(bad, "1").find("is not a path to a value"), std::string::npos) << bad;
}

TEST(Print, LoadsAgainToTheSameText) {
  const auto first = sample_with({{"seed", "7"}, {"output.directory", "\"a: b\\t\\\" #\""}});
  const std::string text = first->print(ConfigDocument::Origins::hidden);
  EXPECT_EQ(valid(text, sample::root())->print(ConfigDocument::Origins::hidden), text);
  const std::string shown = first->print(ConfigDocument::Origins::shown);
  EXPECT_EQ(valid(shown, sample::root())->print(ConfigDocument::Origins::hidden), text);
  EXPECT_NE(shown.find("seed: 7  # --set\n"), std::string::npos);
  EXPECT_NE(shown.find("  periodic: [true, true, true]  # file\n"), std::string::npos);
  EXPECT_NE(shown.find("precision: double  # file\n"), std::string::npos);
  EXPECT_NE(shown.find("  every: 600 s  # default\n"), std::string::npos);
  EXPECT_EQ(valid(text, sample::root())->root()["output"]["directory"].text(), "a: b\t\" #");
}

TEST(Print, KeepsEveryBitAndTheKindOfNumbers) {
  const Schema schema =
      mapping({Key("x", real(), "X."),
               Key("e", any_of({integer(), real(Quantity::wall_time), real(Quantity::time)}), "E."),
               Key("t", text(), "T."), Key("n", list(list(real())), "N.")});
  std::mt19937_64 random(3);
  for (int i = 0; i < 2000; ++i) {
    double value = 0.0;
    const std::uint64_t bits = random();
    static_assert(sizeof value == sizeof bits);
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value) || std::abs(value) < 1e-300) continue;
    char buffer[40];
    std::snprintf(buffer, sizeof buffer, "x: %.17g", value);
    const auto printed = valid(buffer, schema)->print(ConfigDocument::Origins::hidden);
    EXPECT_EQ(valid(printed, schema)->root()["x"].real(), value) << buffer;
  }
  for (const auto* text :
       {"e: 10", "e: 10 min", "e: 10 fs", "t: '5'", "t: 'no'", "t: ' a '", "t: '#x'",
        "t: \"\\u00e9\\n\"", "t: '-'", "t: 'null'", "n: [[1, 2], [], [3]]", "{}", "n: []"}) {
    const auto first = valid(text, schema);
    const auto second = valid(first->print(ConfigDocument::Origins::hidden), schema);
    EXPECT_EQ(second->print(ConfigDocument::Origins::shown),
              first->print(ConfigDocument::Origins::shown));
    if (first->root().has("e")) {
      EXPECT_EQ(second->root()["e"].alternative(), first->root()["e"].alternative()) << text;
    }
    if (first->root().has("t")) {
      EXPECT_EQ(second->root()["t"].text(), first->root()["t"].text());
    }
  }
}

TEST(LoadConfig, SaysWhyAFileCannotBeRead) {
  const auto message = [](const std::filesystem::path& file) -> std::string {
    try {
      load_config(file, sample::root())->check();
    } catch (const ConfigError& error) {
      return error.what();
    }
    return {};
  };
  EXPECT_EQ(message("no/such.yaml"),
            "no/such.yaml: error: cannot be read: No such file or directory");
  EXPECT_EQ(message("/"), "/: error: cannot be read: it is a folder");
}

TEST(LoadConfig, ReadsAFile) {
  const auto file = std::filesystem::temp_directory_path() /
                    ("r1_config_test_" + std::to_string(std::random_device{}()) + ".yaml");
  std::ofstream(file) << sample::input();
  const auto document = load_config(file, sample::root());
  EXPECT_NO_THROW(document->check());
  EXPECT_EQ(document->file(), file);
  std::filesystem::remove(file);
}

TEST(ConfigFuzz, MutatedInputsGiveNothingButConfigErrors) {
  const Schema schema = sample::root();
  const std::string valid_text = sample::input();
  const std::string alphabet = "[]{}:,-&*!|>'\"%#?@`\\ \n\t~<=0aA.\xC3\x85";
  std::mt19937 random(20240229);
  const auto below = [&](std::size_t bound) { return random() % bound; };
  int refused = 0;
  for (int i = 0; i < 5000; ++i) {
    std::string text = valid_text;
    for (std::size_t edits = 1 + below(4); edits > 0; --edits) {
      const std::size_t place = below(text.size());
      switch (below(4)) {
        case 0:
          text[place] = static_cast<char>(below(256));
          break;
        case 1:
          text[place] = alphabet[below(alphabet.size())];
          break;
        case 2:
          text.erase(place, 1 + below(20));
          break;
        default:
          text.insert(place, text.substr(below(text.size()), 1 + below(40)));
      }
      if (text.empty()) text = "a";
    }
    try {
      const auto document = parse_config(text, "input.yaml", schema);
      document->check();
      (void)document->print(ConfigDocument::Origins::shown);
    } catch (const ConfigError& error) {
      ++refused;
      EXPECT_FALSE(error.faults().empty());
    }
  }
  EXPECT_GT(refused, 2500);
}

}  // namespace
}  // namespace r1::io
