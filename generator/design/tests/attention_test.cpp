// SPDX-License-Identifier: Apache-2.0
// The member `attention`: what the parser accepts, and how it words what it refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/design/design.hpp"
#include "generator/design/error.hpp"

namespace hasse::design {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// A design with an array that an attention engine can have. `array` is added to its fields and
/// takes their place.
nlohmann::json with(const nlohmann::json& attention, const nlohmann::json& array = {}) {
  nlohmann::json design = {{"tables", 8},
                           {"operand_rows", 4},
                           {"columns", 4},
                           {"rows", 64},
                           {"activation_bits", 16},
                           {"activations", "either"},
                           {"accumulator_bits", 48},
                           {"attention", attention}};
  if (array.is_object()) design.update(array);
  return design;
}

/// The message with which the whole of `text` is refused; empty when it is accepted.
std::string refused_text(const std::string& text) {
  try {
    parse(text, "d.json");
  } catch (const DesignError& error) {
    return error.what();
  }
  return "";
}

/// The same for a design with these fields.
std::string refused(const nlohmann::json& attention, const nlohmann::json& array = {}) {
  return refused_text(with(attention, array).dump());
}

const nlohmann::json kNothing = nlohmann::json::object();

std::vector<std::string> pointers(const nlohmann::json& attention,
                                  const nlohmann::json& array = {}) {
  std::vector<std::string> result;
  try {
    parse(with(attention, array).dump(), "d.json");
  } catch (const DesignError& error) {
    for (const Problem& problem : error.problems()) result.push_back(problem.pointer);
  }
  return result;
}

TEST(ParseAttention, IsNoneUnlessItIsThere) {
  EXPECT_FALSE(parse("{}", "d.json").attention);
  EXPECT_FALSE(to_json(parse("{}", "d.json")).contains("attention"));
}

TEST(ParseAttention, EveryFieldHasADefault) {
  const Design design = parse(with(kNothing).dump(), "d.json");
  ASSERT_TRUE(design.attention);
  EXPECT_EQ(to_json(*design.attention), to_json(Attention{}));
  EXPECT_EQ(to_json(design)["attention"], to_json(Attention{}));
}

TEST(ParseAttention, ReadsEveryField) {
  const nlohmann::ordered_json fields = {
      {"dim", 128},       {"page", 64}, {"logical_pages", 4}, {"max_pages", 99},
      {"max_listed", 44}, {"sink", 3},  {"ring", 9},          {"interval", 7}};
  EXPECT_EQ(to_json(*parse(with(fields).dump(), "d.json").attention), fields);
}

TEST(ParseAttention, NamesFilePointerValueAndAllowedRange) {
  EXPECT_EQ(refused({{"dim", 513}}),
            "d.json: /attention/dim: 513: expected an integer from 16 to 512");
  EXPECT_EQ(refused({{"page", 24}}),
            "d.json: /attention/page: 24: expected one of 16, 32, 64, 128, 256");
  EXPECT_EQ(refused({{"sink", "two"}}),
            "d.json: /attention/sink: \"two\": expected an integer from 0 to 1024");
  EXPECT_THAT(refused({{"ring", 1.5}}), HasSubstr("/attention/ring: 1.5: expected an integer"));
}

TEST(ParseAttention, IsAnObject) {
  for (const char* value : {"null", "true", "64", "\"quest\"", "[]"})
    EXPECT_THAT(refused_text(R"({"attention": )" + std::string(value) + "}"),
                AllOf(HasSubstr("d.json: /attention: "), HasSubstr("expected an object")))
        << value;
}

TEST(ParseAttention, SuggestsTheFieldThatWasMeant) {
  EXPECT_EQ(refused({{"max_page", 64}}),
            "d.json: /attention/max_page: 64: unknown field; did you mean \"max_pages\"?");
  EXPECT_THAT(refused({{"heads", 8}}),
              HasSubstr("/attention/heads: 8: unknown field; the fields are dim, page"));
  EXPECT_THAT(refused_text(R"({"atention": {}})"), HasSubstr("did you mean \"attention\"?"));
  EXPECT_THAT(refused_text(R"({"dim": 64})"), HasSubstr("/dim: 64: unknown field"));
}

TEST(ParseAttention, RefusesFieldsStatedTwice) {
  EXPECT_THAT(refused_text(R"({"attention": {"dim": 64, "page": 16, "dim": 32}})"),
              HasSubstr("d.json: /attention/dim: stated twice: expected each field at most once"));
  EXPECT_THAT(refused_text(R"({"attention": {}, "attention": {}})"),
              HasSubstr("d.json: /attention: stated twice"));
}

TEST(ParseAttention, ReportsAllProblemsAtOnce) {
  EXPECT_THAT(pointers({{"dim", 0}, {"page", 16}, {"pages", 9}, {"max_listed", 4000}},
                       {{"units", 2}, {"lanes", "four"}}),
              ElementsAre("/attention/dim", "/attention/pages", "/lanes", "/units",
                          "/attention/max_listed"));
}

TEST(AttentionCombinations, TheArrayTakesCodesAndProbabilities) {
  EXPECT_THAT(refused_text(R"({"attention": {}})"),
              AllOf(HasSubstr("/activations: \"signed\": is not the array of an attention engine; "
                              "expected \"either\""),
                    HasSubstr("/activation_bits: 8: is not the array"), HasSubstr("expected 16"),
                    HasSubstr("/tile_bits: 2: makes K-tiles of 32 elements; expected 2, 4, 8 or"),
                    HasSubstr("/rows: 512: makes N-tiles of 64 weights of 8 bits and 128 of 4")));
  EXPECT_THAT(pointers(kNothing, {{"units", 2}, {"bus", "axi"}, {"scaling", "group"}}),
              ElementsAre("/units", "/bus", "/scaling"));
  EXPECT_THAT(refused(kNothing, {{"weight_bits", 4}}), HasSubstr("/weight_bits: 4: is not"));
  EXPECT_THAT(refused(kNothing, {{"columns_per_adder", 2}}), HasSubstr("expected 1"));
  EXPECT_THAT(refused(kNothing, {{"max_m", 3}}), HasSubstr("/max_m: 3: is less than columns = 4"));
  EXPECT_THAT(refused(kNothing, {{"accumulator_bits", 49}}), HasSubstr("expected at most 48"));
}

TEST(AttentionCombinations, EnginesTakeFourAndEightBits) {
  for (const char* engine : {"split", "bit_serial"})
    EXPECT_EQ(refused(kNothing, {{"engine", engine}}), "") << engine;
  EXPECT_THAT(refused(kNothing, {{"engine", "dot_product"}}),
              HasSubstr("/engine: \"dot_product\": takes no planes of 4-bit weights"));
  const nlohmann::json bare = {{"engine", "systolic"},    {"activation_bits", 16},
                               {"activations", "signed"}, {"accumulator_bits", 48},
                               {"columns_per_adder", 1},  {"attention", kNothing}};
  EXPECT_THAT(refused_text(bare.dump()), HasSubstr("/engine: \"systolic\": takes no planes"));
}

TEST(AttentionCombinations, PlannersTakeWeightsOnly) {
  const auto banked = [](const char* planner) {
    const nlohmann::json design = {{"engine", "banked"},
                                   {"planner", planner},
                                   {"lanes", 8},
                                   {"rows", 64},
                                   {"columns", 2},
                                   {"columns_per_adder", 1},
                                   {"activations", "either"},
                                   {"activation_bits", 16},
                                   {"accumulator_bits", 48},
                                   {"attention", kNothing}};
    return refused_text(design.dump());
  };
  for (const char* planner : {"lattice", "orbit", "dynamic"}) EXPECT_EQ(banked(planner), "");
  for (const char* planner : {"static", "compiled"})
    EXPECT_THAT(banked(planner), HasSubstr("asks for more than weights; expected one of lattice"));
}

TEST(AttentionCombinations, TilesFillPagesAndChannels) {
  EXPECT_EQ(refused({{"dim", 48}}), "");
  EXPECT_THAT(refused({{"dim", 40}}), HasSubstr("/attention/dim: 40: does not fill the array's "
                                                "tiles; expected a multiple of 16"));
  EXPECT_THAT(refused(kNothing, {{"tables", 12}}), HasSubstr("K-tiles of 24 elements"));
  EXPECT_THAT(refused(kNothing, {{"lanes", 3}, {"rows", 96}}),
              HasSubstr("/rows: 96: makes N-tiles of 12 weights of 8 bits and 24 of 4"));
  EXPECT_THAT(refused(kNothing, {{"lanes", 1}, {"planes", 1}, {"rows", 8}, {"tables", 8}}),
              HasSubstr("/lanes: 1: makes weight beats of 16 bits"));
}

TEST(AttentionCombinations, ProductsFitTheArray) {
  EXPECT_THAT(refused({{"dim", 128}}, {{"max_k", 255}, {"max_n", 32768}}),
              HasSubstr("/attention/dim: 128: makes products that are 2 * dim long and dim high; "
                        "expected at most max_k / 2 = 127 and max_n = 32768"));
  EXPECT_THAT(refused({{"max_pages", 8192}, {"logical_pages", 8}}),
              HasSubstr("/attention/max_pages: 8192: has more bounds than a product has rows, "
                        "max_n = 65535; expected at most 8190 pages of 8 logical ones"));
  EXPECT_EQ(refused({{"max_pages", 8190}, {"logical_pages", 8}}), "");
  EXPECT_THAT(refused({{"page", 64}}),
              HasSubstr("/attention/max_listed: 2048: makes products of 131072 tokens, and max_n = "
                        "65535, max_k = 65535; expected at most 1023 pages of 64 tokens"));
  EXPECT_EQ(refused({{"page", 64}, {"max_listed", 1023}}), "");
  EXPECT_THAT(refused({{"max_pages", 100}}),
              HasSubstr("/attention/max_listed: 2048: exceeds max_pages = 100"));
}

TEST(AttentionCombinations, StreamingHeadsFitAStep) {
  EXPECT_THAT(refused({{"max_listed", 6}}),
              HasSubstr("/attention/ring: 5: makes a streaming head of sink + ring = 7 pages; "
                        "expected at most 6"));
  EXPECT_EQ(refused({{"max_listed", 7}}), "");
  EXPECT_THAT(refused({{"max_pages", 16}, {"max_listed", 16}, {"sink", 11}}),
              HasSubstr("= 16 pages; expected at most 15"));
}

TEST(AttentionCombinations, StaySilentAboutFieldsThatAreWrongAlready) {
  EXPECT_THAT(pointers({{"page", 15}, {"max_listed", 4095}, {"max_pages", 5000}}),
              ElementsAre("/attention/page"));
  EXPECT_THAT(pointers(3, {{"lanes", 4}}), ElementsAre("/attention"));
}

}  // namespace
}  // namespace hasse::design
