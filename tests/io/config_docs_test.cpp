// The documents that are made from a schema: complete, deterministic, and in step with what the checker takes.
// SPDX-License-Identifier: Apache-2.0
#include "tests/io/sample_schema.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <regex.h>
#include <string>

namespace r1::io {
namespace {

using Json = nlohmann::json;

/// POSIX' matcher: that of the standard library sets off false warnings in sanitizer builds of GCC 12.
bool matches(const std::string& pattern, const char* text) {
  regex_t compiled;
  EXPECT_EQ(regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB), 0) << pattern;
  const bool result = regexec(&compiled, text, 0, nullptr, 0) == 0;
  regfree(&compiled);
  return result;
}

const Json& sample_schema() {
  static const Json kSchema = Json::parse(config_json_schema(sample::root(), "r1md input"));
  return kSchema;
}

TEST(ConfigMarkdown, HasATableForEveryMappingAndKind) {
  const std::string text = config_markdown(sample::root(), "r1md input");
  EXPECT_EQ(text.find("## r1md input\n"), 0U);
  for (const auto* section :
       {"### `system.lattice`", "### `system.species[]`", "### `potential[].eam`",
        "### `potential[].lennard_jones.pairs[]`", "### `run[].dynamics`",
        "### `run[].dynamics.thermostat.nose_hoover`", "### `output.thermo`"})
    EXPECT_NE(text.find(section), std::string::npos) << section;
  EXPECT_NE(text.find("| `timestep` | time (ps or fs) > 0 | required | Time step. |"),
            std::string::npos);
  EXPECT_NE(text.find("| `seed` | whole number >= 0 | `42` | Seed of everything. |"),
            std::string::npos);
  EXPECT_NE(text.find("Exactly one of `steps`, `duration`."), std::string::npos);
  EXPECT_NE(text.find("A lone value stands for `{every: value}`."), std::string::npos);
  EXPECT_NE(text.find("Not available yet: `mixed` (mixed precision)."), std::string::npos);
}

TEST(ConfigMarkdown, EscapesBarsInTables) {
  EXPECT_NE(config_markdown(sample::root(), "x").find("Of bare numbers \\| and outputs."),
            std::string::npos);
}

TEST(ConfigDocuments, AreTheSameEveryTime) {
  EXPECT_EQ(config_markdown(sample::root(), "x"), config_markdown(sample::root(), "x"));
  EXPECT_EQ(config_json_schema(sample::root(), "x"), config_json_schema(sample::root(), "x"));
}

TEST(ConfigJsonSchema, IsDraft7OfAClosedObject) {
  const Json& schema = sample_schema();
  EXPECT_EQ(schema["$schema"], "http://json-schema.org/draft-07/schema#");
  EXPECT_EQ(schema["title"], "r1md input");
  EXPECT_EQ(schema["additionalProperties"], false);
  EXPECT_EQ(schema["required"], Json::array({"r1md", "system", "potential", "run"}));
}

TEST(ConfigJsonSchema, DescribesKeysWithBoundsDefaultsAndSentences) {
  const Json& keys = sample_schema()["properties"];
  EXPECT_EQ(keys["seed"]["type"], "integer");
  EXPECT_EQ(keys["seed"]["minimum"], 0);
  EXPECT_EQ(keys["seed"]["default"], 42);
  EXPECT_EQ(keys["seed"]["description"], "Seed of everything.");
  EXPECT_EQ(keys["units"]["enum"], Json::array({"lj", "metal", "real"}));
  const Json& repeat = keys["system"]["properties"]["lattice"]["properties"]["repeat"];
  EXPECT_EQ(repeat["minItems"], 3);
  EXPECT_EQ(repeat["maxItems"], 3);
  EXPECT_EQ(repeat["default"], Json::array({1, 1, 1}));
}

TEST(ConfigJsonSchema, PatternsTakeTheQuantitiesThatTheParserTakes) {
  const Json& constant =
      sample_schema()["properties"]["system"]["properties"]["lattice"]["properties"]["constant"];
  const auto pattern = constant["anyOf"][1]["pattern"].get<std::string>();
  for (const auto* text : {"3.6 \u00C5", "3.6A", "1e-3 nm", "+.5 angstrom", "5 bohr", "3.6 ps",
                           "3.6 Ingstrom", "\u00C5", "3.6", "1e nm", "nm 3"}) {
    const QuantityResult parsed = parse_quantity(text, Quantity::length, UnitStyle::metal);
    EXPECT_EQ(matches(pattern, text), parsed.value && parsed.value->has_unit) << text;
  }
  const Json& walltime =
      sample_schema()["properties"]["walltime"]["anyOf"][1]["anyOf"][1]["pattern"];
  EXPECT_TRUE(matches(walltime.get<std::string>(), "02:00:00"));
}

TEST(ConfigJsonSchema, OffersBareWordsOfKindsThatNeedNoOptions) {
  const Json& stage = sample_schema()["properties"]["run"]["items"];
  EXPECT_EQ(stage["anyOf"][0]["enum"], Json::array({"evaluate", "minimize"}));
  const Json& kinds = stage["anyOf"][1];
  EXPECT_EQ(kinds["minProperties"], 1);
  EXPECT_EQ(kinds["maxProperties"], 1);
  EXPECT_EQ(kinds["properties"]["dynamics"]["description"], "Newton's equations.");
  EXPECT_EQ(kinds["properties"]["dynamics"]["allOf"][0]["oneOf"],
            Json::parse(R"([{"required": ["steps"]}, {"required": ["duration"]}])"));
}

}  // namespace
}  // namespace r1::io
