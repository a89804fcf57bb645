// SPDX-License-Identifier: Apache-2.0
// What the parser accepts, and how it words what it refuses.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/design/defaults.hpp"
#include "generator/design/design.hpp"
#include "generator/design/error.hpp"

namespace hasse::design {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

/// The message with which `text` is refused; empty when it is accepted.
std::string refused(std::string_view text) {
  try {
    parse(text, "d.json");
  } catch (const DesignError& error) {
    return error.what();
  }
  return "";
}

std::vector<std::string> pointers(std::string_view text) {
  std::vector<std::string> result;
  try {
    parse(text, "d.json");
  } catch (const DesignError& error) {
    for (const Problem& problem : error.problems()) {
      result.push_back(problem.pointer);
    }
  }
  return result;
}

TEST(Parse, EmptyObjectIsTheDefaultDesign) {
  EXPECT_EQ(to_json(parse("{}", "d.json")), to_json(defaults(kDefaultEngine)));
}

TEST(Parse, DefaultsAreThoseOfTheEngine) {
  for (const char* engine : {"banked", "split", "bit_serial", "bitvert", "dot_product"}) {
    const std::string text = fmt::format(R"({{"lanes": 2, "engine": "{}"}})", engine);
    Design design = defaults(engine);
    EXPECT_EQ(design.engine, engine);
    design.lanes = 2;
    EXPECT_EQ(to_json(parse(text, "d.json")), to_json(design));
  }
  EXPECT_EQ(parse(R"({"engine": "banked"})", "d.json").tile_bits, 8);
  EXPECT_EQ(parse(R"({"engine": "split"})", "d.json").tile_bits, 2);
}

TEST(Parse, ReadsEveryKindOfField) {
  const Design design = parse(
      R"({"$schema": "x", "name": "small-1", "engine": "banked", "tile_bits": 4, "rows": 64,
          "columns_per_adder": 2})",
      "d.json");
  EXPECT_EQ(design.name, "small-1");
  EXPECT_EQ(design.tile_bits, 4);
  EXPECT_EQ(design.rows, 64);
  EXPECT_EQ(design.columns_per_adder, 2);
  EXPECT_EQ(design.columns, 32);
}

TEST(Parse, NamesFilePointerValueAndAllowedRange) {
  EXPECT_EQ(refused(R"({"tile_bits": 12})"),
            "d.json: /tile_bits: 12: expected an integer from 2 to 10");
  EXPECT_EQ(refused(R"({"activation_bits": 7})"),
            "d.json: /activation_bits: 7: expected one of 4, 8, 16");
}

TEST(Parse, RefusesWrongTypes) {
  for (const char* value : {"8.5", "8.0", "true", "null", "\"8\"", "[8]", "{}", "1e99",
                            "18446744073709551615", "-9223372036854775808"}) {
    EXPECT_THAT(refused("{\"lanes\": " + std::string(value) + "}"),
                AllOf(HasSubstr("/lanes"), HasSubstr("expected an integer from 1 to 64")))
        << value;
  }
  EXPECT_THAT(refused(R"({"name": 3})"), HasSubstr("/name: 3: expected a word"));
  EXPECT_THAT(refused(R"({"engine": 1})"),
              HasSubstr("one of banked, split, dot_product, bit_serial, bitvert, systolic"));
  EXPECT_THAT(refused(R"({"$schema": 1})"), HasSubstr("/$schema: 1: expected a string"));
}

TEST(Parse, RefusesNamesThatNoToolWouldTake) {
  for (const char* name : {"", "1st", "a b", "../up", "a.b", "\\u00e4"}) {
    EXPECT_THAT(refused("{\"name\": \"" + std::string(name) + "\"}"), HasSubstr("/name")) << name;
  }
  EXPECT_THAT(refused("{\"name\": \"" + std::string(65, 'a') + "\"}"), HasSubstr("aaa...:"));
}

TEST(Parse, SuggestsTheFieldThatWasMeant) {
  EXPECT_EQ(refused(R"({"lane": 8})"), "d.json: /lane: 8: unknown field; did you mean \"lanes\"?");
  EXPECT_THAT(refused(R"({"voltage": 1.8})"),
              AllOf(HasSubstr("/voltage: 1.8"), HasSubstr("the fields are name, engine, planner")));
}

TEST(Parse, EscapesPointers) {
  EXPECT_THAT(refused(R"({"a/b~c": 1})"), HasSubstr("d.json: /a~1b~0c: 1:"));
}

TEST(Parse, ReportsAllProblemsAtOnce) {
  EXPECT_THAT(pointers(R"({"engine": "banked", "tile_bits": 1, "lanes": "8", "colums": 3, "rows": 8,
                           "weight_bits": 2, "columns_per_adder": 4, "columns": 6,
                           "max_k": 0})"),
              ElementsAre("/colums", "/lanes", "/max_k", "/tile_bits", "/columns_per_adder"));
}

TEST(Parse, RefusesPairsThatWouldBeMisread) {
  const auto olive = [](const std::string& fields) {
    return refused(R"({"engine": "olive", "weight_bits": 4, "activation_bits": 4)" + fields + "}");
  };
  const std::string types = R"(, "weight_pairs": "int4", "activation_pairs": "uflint4")";
  EXPECT_EQ(olive(types), "");
  EXPECT_THAT(olive(R"(, "weight_pairs": "int4")"),
              HasSubstr("/activation_pairs: \"none\": does not say how codes are read"));
  EXPECT_THAT(olive(R"(, "weight_pairs": "int8", "activation_pairs": "int4")"),
              HasSubstr("/weight_pairs: \"int8\": has codes of 8 bits, but weight_bits = 4"));
  EXPECT_THAT(refused(R"({"weight_pairs": "int8"})"),
              HasSubstr("does not apply to engine split, whose operands are integers"));
  EXPECT_THAT(olive(types + R"(, "max_k": 65535, "accumulator_bits": 24)"),
              HasSubstr("a product can overflow: ceil(max_k / 2)"));
  EXPECT_THAT(olive(types + R"(, "tile_bits": 4)"), HasSubstr("which slices no weights"));
  EXPECT_THAT(olive(types + R"(, "units": 2)"), HasSubstr("/units: 2: is not built with"));
  EXPECT_THAT(olive(types + R"(, "bus": "axi")"), HasSubstr("/bus: \"axi\": is not built with"));
  EXPECT_THAT(olive(types + R"(, "activations": "either")"),
              HasSubstr("/activations: \"either\": is not built with"));
}

TEST(Parse, RefusesFieldsStatedTwice) {
  EXPECT_EQ(refused(R"({"lanes": 8, "rows": 256, "lanes": 4})"),
            "d.json: /lanes: stated twice: expected each field at most once");
}

TEST(Parse, PointsAtInvalidJson) {
  EXPECT_THAT(refused("{\n  \"lanes\": 8,\n}"),
              AllOf(HasSubstr("d.json: (document): invalid JSON"), HasSubstr("line 3, column 1")));
  EXPECT_THAT(refused(""), HasSubstr("invalid JSON"));
  EXPECT_THAT(refused("{\"name\": \"\xff\"}"), HasSubstr("invalid"));
  EXPECT_THAT(refused("[1]"), HasSubstr("an array: expected an object"));
  EXPECT_THAT(refused("{} {}"), HasSubstr("invalid JSON"));
}

TEST(Parse, SurvivesDeepNesting) {
  const std::string deep = std::string(100000, '[') + std::string(100000, ']');
  EXPECT_THAT(refused("{\"lanes\": " + deep + "}"), HasSubstr("/lanes: an array"));
}

TEST(Combinations, AccumulatorOverflowStatesTheNumbers) {
  EXPECT_EQ(refused(R"({"accumulator_bits": 30})"),
            "d.json: /accumulator_bits: 30: a product can overflow: max_k * 2^(activation_bits-1) "
            "* 2^(weight_bits-1) = 65535 * 2^7 * 2^7 = 1073725440 exceeds 2^29 - 1 = 536870911; "
            "expected accumulator_bits of at least 31, or max_k of at most 32767");
}

TEST(Combinations, AccumulatorLimitIsExact) {
  EXPECT_EQ(refused(R"({"accumulator_bits": 30, "max_k": 32767})"), "");
  EXPECT_THAT(refused(R"({"accumulator_bits": 30, "max_k": 32768})"), HasSubstr("overflow"));
  EXPECT_EQ(refused(R"({"accumulator_bits": 31})"), "");
  EXPECT_THAT(refused(R"({"activation_bits": 16})"), HasSubstr("at least 39"));
}

TEST(Combinations, AccumulatorHoldsOnePartialSum) {
  EXPECT_THAT(refused(R"({"engine": "banked", "accumulator_bits": 17, "max_k": 1})"),
              HasSubstr("= 255 * 8 * 64; expected at least 18"));
  EXPECT_EQ(refused(R"({"engine": "banked", "accumulator_bits": 18, "max_k": 1})"), "");
}

TEST(Combinations, AddersShareColumnsEvenly) {
  EXPECT_THAT(refused(R"({"columns": 6, "columns_per_adder": 4})"),
              HasSubstr("/columns_per_adder: 4: does not divide columns = 6"));
  EXPECT_EQ(refused(R"({"columns": 6, "columns_per_adder": 2})"), "");
}

TEST(Combinations, RowsHoldOneGroupOfTheWidestWeights) {
  EXPECT_THAT(refused(R"({"engine": "banked", "rows": 63})"),
              HasSubstr("lanes * weight_bits = 8 * 8 = 64"));
  EXPECT_EQ(refused(R"({"engine": "banked", "rows": 64})"), "");
  // Five planes fill two beats of four.
  EXPECT_THAT(refused(R"({"engine": "split", "lanes": 2, "weight_bits": 5, "rows": 15})"),
              HasSubstr("2 * 8 = 16"));
  EXPECT_EQ(refused(R"({"engine": "split", "lanes": 2, "weight_bits": 5, "rows": 16})"), "");
}

TEST(Combinations, StreamingEnginesHaveNoBanksAndBankedOnesNoTables) {
  EXPECT_THAT(pointers(R"({"engine": "split", "tile_bits": 2, "banks_per_lane": 1, "look_ahead": 4,
                   "planner": "orbit"})"),
              ElementsAre("/banks_per_lane", "/look_ahead", "/planner"));
  EXPECT_THAT(refused(R"({"engine": "split", "tile_bits": 3, "look_ahead": 4})"),
              HasSubstr("does not apply to engine split, whose lanes never wait; leave it out"));
  EXPECT_THAT(refused(R"({"engine": "banked", "tables": 4})"),
              HasSubstr("does not apply to engine banked"));
  EXPECT_THAT(refused(R"({"engine": "banked", "lanes": 17})"),
              HasSubstr("at most 16 with engine banked"));
  EXPECT_THAT(refused(R"({"engine": "banked", "rows": 4097})"), HasSubstr("at most 4096"));
}

TEST(Combinations, StreamingEnginesKeepToTheirLimits) {
  EXPECT_EQ(refused(R"({"engine": "split", "tile_bits": 6, "operand_rows": 3, "lanes": 64,
                        "rows": 512})"),
            "");
  EXPECT_THAT(refused(R"({"engine": "split", "tile_bits": 7})"), HasSubstr("/tile_bits: 7"));
  EXPECT_THAT(refused(R"({"engine": "dot_product", "columns_per_adder": 2})"),
              HasSubstr("/columns_per_adder: 2: leaves an adder short"));
  EXPECT_THAT(
      refused(R"({"engine": "bit_serial", "tile_bits": 4, "tables": 1,
                          "columns_per_adder": 4})"),
      HasSubstr("loaded in 2 cycles of operand_rows = 2; their adders take 4, so expected at "
                "least 2"));
  // A weight of a single beat: a sum would be added to while it is written.
  EXPECT_THAT(refused(R"({"engine": "split", "tables": 2, "operand_rows": 4})"),
              HasSubstr("/tables: 2: makes K-tiles of tables * tile_bits = 2 * 2"));
  EXPECT_EQ(refused(R"({"engine": "split", "tables": 2, "operand_rows": 4, "planes": 1})"), "");
}

TEST(Combinations, ScaledGroupsAreWholeTiles) {
  EXPECT_THAT(refused(R"({"scaling": "group", "max_k": 31})"),
              HasSubstr("/max_k: 31: is less than a K-tile of 32 elements"));
  EXPECT_EQ(refused(R"({"scaling": "group", "max_k": 32})"), "");
}

TEST(Combinations, PeersKeepToTheirLimits) {
  EXPECT_EQ(refused(R"({"engine": "bitvert", "tile_bits": 6, "planes": 2})"), "");
  EXPECT_THAT(refused(R"({"engine": "bitvert", "tile_bits": 5, "tables": 2})"),
              HasSubstr("/tile_bits: 5: cannot be halved"));
  EXPECT_EQ(refused(R"({"engine": "systolic", "weight_bits": 5, "activation_bits": 16,
                        "accumulator_bits": 48})"),
            "");
  EXPECT_THAT(refused(R"({"engine": "systolic", "accumulator_bits": 24})"),
              HasSubstr("a product can overflow: max_k * 2^(activation_bits-1)"));
  EXPECT_THAT(refused(R"({"engine": "systolic", "weight_pairs": "int8"})"),
              HasSubstr("whose operands are integers"));
  EXPECT_THAT(refused(R"({"engine": "systolic", "scaling": "group"})"),
              HasSubstr("is not built with engine systolic"));
}

TEST(Combinations, BeatsHoldPlanesAndRowsThatFit) {
  EXPECT_THAT(refused(R"({"engine": "split", "planes": 4, "weight_bits": 3})"),
              HasSubstr("/planes: 4: exceeds weight_bits = 3"));
  EXPECT_THAT(refused(R"({"engine": "dot_product", "planes": 2})"),
              HasSubstr("which takes all planes at once"));
  EXPECT_THAT(pointers(R"({"engine": "banked", "planes": 2, "operand_rows": 2,
                           "tree_stages": 1})"),
              ElementsAre("/planes", "/operand_rows", "/tree_stages"));
  EXPECT_THAT(refused(R"({"engine": "split", "tile_bits": 3, "operand_rows": 2})"),
              HasSubstr("by whole tables, or tables by whole beats"));
  EXPECT_EQ(refused(R"({"engine": "split", "tile_bits": 3, "operand_rows": 6})"), "");
  EXPECT_THAT(refused(R"({"engine": "bit_serial", "tile_bits": 3, "tables": 5,
                          "operand_rows": 2})"),
              HasSubstr("/operand_rows: 2: does not divide K-tiles"));
}

TEST(Combinations, DotProductsAloneRecodeWeights) {
  EXPECT_THAT(refused(R"({"engine": "split", "recoding": "booth"})"),
              HasSubstr("/recoding: \"booth\": does not apply to engine split"));
  EXPECT_THAT(refused(R"({"engine": "dot_product", "recoding": "radix8"})"),
              HasSubstr("one of none, booth, radix4"));
  EXPECT_EQ(refused(R"({"engine": "dot_product", "recoding": "radix4"})"), "");
}

TEST(Combinations, OperandsAreFoldedWhereBitsOfWeightsAre) {
  EXPECT_THAT(refused(R"({"engine": "bit_serial", "operands": "magnitude"})"),
              HasSubstr("/operands: \"magnitude\": does not apply to engine bit_serial"));
  EXPECT_THAT(refused(R"({"engine": "dot_product", "operands": "magnitude", "recoding": "booth"})"),
              HasSubstr("has no bits of weights to fold signs into"));
  EXPECT_THAT(
      refused(R"({"engine": "split", "operands": "symmetric", "activations": "either"})"),
      HasSubstr("leaves out the lowest number, which activations = \"either\" has room for"));
  EXPECT_EQ(refused(R"({"engine": "split", "operands": "symmetric"})"), "");
}

TEST(Combinations, DynamicPlannersHaveSlotsToDivideAndNodesToChoose) {
  EXPECT_THAT(refused(R"({"engine": "banked", "planner": "orbit", "operand_network": "benes"})"),
              HasSubstr("/operand_network: \"benes\": does not apply to planner orbit"));
  EXPECT_EQ(refused(R"({"engine": "banked", "planner": "dynamic", "operand_network": "benes"})"),
            "");
  EXPECT_THAT(refused(R"({"engine": "banked", "planner": "dynamic", "tile_bits": 3})"),
              HasSubstr("/tile_bits: 3: leaves planner dynamic nothing to choose"));
  EXPECT_THAT(refused(R"({"engine": "banked", "planner": "dynamic", "banks_per_lane": 3})"),
              HasSubstr("power of two of at most 2^(tile_bits-3) = 32"));
  EXPECT_THAT(
      refused(R"({"engine": "banked", "planner": "dynamic", "tile_bits": 4, "banks_per_lane": 4})"),
      HasSubstr("/banks_per_lane: 4"));
  EXPECT_EQ(
      refused(R"({"engine": "banked", "planner": "dynamic", "tile_bits": 4, "banks_per_lane": 2})"),
      "");
  EXPECT_EQ(refused(R"({"engine": "banked", "tile_bits": 3, "banks_per_lane": 3})"), "");
}

TEST(Combinations, ProgramsGoWithEverythingButLookAhead) {
  const std::string compiled = R"({"engine": "banked", "planner": "compiled")";
  EXPECT_EQ(refused(compiled + "}"), "");
  EXPECT_EQ(refused(compiled + R"(, "bus": "axi", "scaling": "group"})"), "");
  EXPECT_EQ(refused(compiled + R"(, "units": 3, "share": "weights"})"), "");
  EXPECT_EQ(refused(compiled + R"(, "units": 3})"), "");
  EXPECT_THAT(refused(compiled + R"(, "look_ahead": 4})"),
              HasSubstr("/look_ahead: 4: does not apply to planner compiled"));
}

TEST(Combinations, StaySilentAboutFieldsThatAreWrongAlready) {
  EXPECT_THAT(pointers(R"({"columns": 0, "rows": 8, "lanes": 99})"),
              ElementsAre("/columns", "/lanes"));
}

TEST(Load, NamesAFileThatCannotBeRead) {
  EXPECT_THROW(load("/nonexistent/design.json"), DesignError);
  EXPECT_THROW(load(HASSE_SOURCE_DIR), DesignError);
}

TEST(Derive, FollowsTheBankedDesign) {
  const Derived derived = derive(Design{});
  EXPECT_EQ(derived.prefix_lanes, 7);
  EXPECT_EQ(derived.banks, 14);
  EXPECT_EQ(derived.node_bits, 11);
  EXPECT_EQ(derived.partial_bits, 18);
  EXPECT_EQ(derived.adders, 8);
  EXPECT_EQ(derived.max_groups, 16);
}

TEST(Derive, CeilLog2) {
  EXPECT_EQ(ceil_log2(1), 0);
  EXPECT_EQ(ceil_log2(2), 1);
  EXPECT_EQ(ceil_log2(513), 10);
  EXPECT_EQ(ceil_log2(1024), 10);
}

}  // namespace
}  // namespace hasse::design
