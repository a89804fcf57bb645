// SPDX-License-Identifier: Apache-2.0
// What is published about designs - schema, examples, documentation - agrees with the code.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "generator/design/defaults.hpp"
#include "generator/design/design.hpp"
#include "generator/design/error.hpp"
#include "generator/design/fields.hpp"

namespace hasse::design {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

const fs::path designs = fs::path(HASSE_SOURCE_DIR) / "flows" / "designs";
const fs::path schema_file = designs / "design.schema.json";

std::string read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// Those of the array.
Json published_properties() {
  Json properties = Json::parse(read(schema_file))["properties"];
  properties.erase(std::string(attention_key));
  return properties;
}

/// Those of the member `attention`.
Json published_attention() {
  return Json::parse(read(schema_file))["properties"][std::string(attention_key)]["properties"];
}

/// Whether the code accepts `value` for `field`, whatever it thinks of the rest of the design.
bool accepted(const std::string& field, const Json& value) {
  try {
    parse(Json{{field, value}}.dump(), "d.json");
  } catch (const DesignError& error) {
    return error.problems().front().allowed.rfind("expected", 0) != 0;
  }
  return true;
}

/// The same for a field of the member `attention`.
bool accepted_there(const std::string& field, const Json& value) {
  return accepted(std::string(attention_key), Json{{field, value}});
}

template <class Accepts>
void expect_ranges(const Json& properties, Accepts accepts) {
  for (const auto& [name, property] : properties.items()) {
    if (!property.contains("minimum")) continue;
    EXPECT_TRUE(accepts(name, property["minimum"])) << name;
    EXPECT_TRUE(accepts(name, property["maximum"])) << name;
    EXPECT_FALSE(accepts(name, property["minimum"].template get<int>() - 1)) << name;
    EXPECT_FALSE(accepts(name, property["maximum"].template get<int>() + 1)) << name;
  }
}

template <class Accepts>
void expect_choices(const Json& properties, Accepts accepts) {
  for (const auto& [name, property] : properties.items()) {
    if (!property.contains("enum") || property["type"] != "integer") continue;
    const std::set<int> choices = property["enum"];
    for (int value = -1; value <= 2 * *choices.rbegin(); ++value)
      EXPECT_EQ(accepts(name, value), choices.count(value) == 1) << name << " " << value;
  }
}

TEST(Schema, IsWhatTheCodeSays) {
  const std::string current = schema().dump(2) + "\n";
  if (std::getenv("HASSE_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(schema_file) << current;
  }
  EXPECT_EQ(read(schema_file), current)
      << "run this test with HASSE_UPDATE_GOLDEN=1 to publish the schema anew";
}

TEST(Schema, ListsTheFieldsAndDefaultsOfADesign) {
  Json listed;
  const Json properties = published_properties();
  for (const auto& [name, property] : properties.items()) {
    if (name != schema_key) {
      listed[name] = property["default"];
    }
  }
  EXPECT_EQ(listed, to_json(defaults(kDefaultEngine)));
  Json attention;
  const Json there = published_attention();
  for (const auto& [name, property] : there.items()) attention[name] = property["default"];
  EXPECT_EQ(attention, to_json(Attention{}));
}

TEST(Schema, RangesAreThoseOfTheParser) {
  expect_ranges(published_properties(), accepted);
  expect_ranges(published_attention(), accepted_there);
}

TEST(Schema, ChoicesAreThoseOfTheParser) {
  expect_choices(published_properties(), accepted);
  expect_choices(published_attention(), accepted_there);
}

TEST(Examples, AreAllValid) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(designs)) {
    if (entry.path() != schema_file) {
      const Design design = load(entry.path());
      EXPECT_EQ(design.name + ".json", entry.path().filename().string());
      ++count;
    }
  }
  EXPECT_GE(count, 5);
}

TEST(Examples, DefaultIsTheDefault) {
  EXPECT_EQ(to_json(load(designs / "default.json")), to_json(defaults(kDefaultEngine)));
}

TEST(Examples, BankedIsTheDefaultOfItsEngine) {
  Design banked = defaults("banked");
  banked.name = "banked";
  EXPECT_EQ(to_json(load(designs / "banked.json")), to_json(banked));
}

TEST(Documentation, HasEveryFieldWithItsDefaults) {
  const std::string page = read(fs::path(HASSE_SOURCE_DIR) / "docs" / "design-json.md");
  for (const Field& field : fields()) {
    const auto text = [&](const char* engine) {
      const Json value = value_of(field, defaults(engine));
      return value.is_string() ? value.get<std::string>() : value.dump();
    };
    EXPECT_THAT(page, testing::HasSubstr(fmt::format("| `{}` | {} | {} |", field.name,
                                                     text("split"), text("banked"))));
  }
  for (const AttentionField& field : attention_fields())
    EXPECT_THAT(page, testing::HasSubstr(fmt::format("| `{}` | {} |", field.name,
                                                     value_of(field, Attention{}).dump())));
}

}  // namespace
}  // namespace hasse::design
