// SPDX-License-Identifier: Apache-2.0
#include "verif/harness/verify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "golden/tensor/file.hpp"
#include "golden/tensor/gemm.hpp"
#include "golden/tensor/npy.hpp"
#include "verif/harness/errors.hpp"
#include "verif/harness/tests/test_engine.hpp"
#include "verif/harness/toolchain.hpp"

namespace hasse::harness {
namespace {

namespace fs = std::filesystem;

// A directory that looks generated, with the stand-in engine in it.
class VerifyTest : public testing::Test {
 protected:
  VerifyTest() {
    options_.dir = work_.path();
    options_.build.lint = false;  // the stand-in is not synthesisable Verilog
    options_.workload.random = transitive::Shape{20, 30, 9, 4};
    place_engine(0);
  }

  void place_engine(int fault) {
    std::string rtl =
        tensor::read_file(HASSE_SOURCE_DIR "/verif/harness/tests/rtl/transitive_gemm.v");
    const std::string chosen = "Fault = 0";
    rtl.replace(rtl.find(chosen), chosen.size(), "Fault = " + std::to_string(fault));
    fs::create_directories(work_.path() / "rtl");
    tensor::write_file(work_.path() / "rtl/transitive_gemm.v", rtl);
    tensor::write_file(work_.path() / "manifest.json", manifest().dump());
  }

  static nlohmann::json manifest() {
    const Engine engine = test_engine();
    const transitive::EngineConfig& config = engine.config;
    return {{"format", 1},
            {"generator", "0.1.0"},
            {"name", "orbit"},
            {"top", "transitive_gemm"},
            {"design",
             {{"planner", "orbit"},
              {"tile_bits", config.tile_bits},
              {"lanes", config.lanes},
              {"banks_per_lane", config.banks_per_lane},
              {"look_ahead", config.look_ahead},
              {"columns", config.columns},
              {"columns_per_adder", config.columns_per_adder},
              {"rows", config.rows},
              {"activation_bits", engine.activation_bits},
              {"weight_bits", engine.weight_bits},
              {"accumulator_bits", engine.accumulator_bits},
              {"max_n", engine.max_n},
              {"max_k", engine.max_k},
              {"max_m", engine.max_m}}},
            {"derived", {{"prefix_lanes", engine.prefix_lanes}}},
            {"files", {"rtl/transitive_gemm.v"}},
            {"digest", std::string(32, '0')},
            {"modules",
             {{{"name", "transitive_gemm"},
               {"file", "rtl/transitive_gemm.v"},
               {"doc", "Stand-in."},
               {"unit", "control"},
               {"memory", false},
               {"parameters", nlohmann::json::array()},
               {"ports", nlohmann::json::array()},
               {"instances", nlohmann::json::array()}}}}};
  }

  std::string refusal() {
    try {
      verify(options_);
    } catch (const std::exception& error) {
      return error.what();
    }
    return "accepted";
  }

  Workspace work_{testing::TempDir()};
  VerifyOptions options_;
};

TEST_F(VerifyTest, CountsNothingWrongInACorrectEngine) {
  options_.stall = 0.2;
  const nlohmann::ordered_json json = to_json(verify(options_));
  EXPECT_EQ(json["mismatches"], 0);
  EXPECT_EQ(json["outputs"], 180);
  EXPECT_EQ(json["transrows"], 20 * 4 * 8 * 3);
  EXPECT_EQ(json["planner"], "orbit");
  const double busy = json["transrows"].get<double>() - json["zero_transrows"].get<double>();
  EXPECT_GT(busy, 0);
  EXPECT_DOUBLE_EQ(json["bound_cycles"].get<double>(), busy / test_engine().config.lanes);
  EXPECT_GT(json["simulated_hz"], 0);
  EXPECT_GT(json["stall_cycles"], 0);
  for (const char* key : {"cycles", "zero_transrows", "nodes_built", "accumulate_utilisation",
                          "prefix_utilisation"}) {
    EXPECT_TRUE(json[key].is_number()) << key;
  }
}

TEST_F(VerifyTest, ListsTheFirstWrongOutputs) {
  place_engine(1);
  const VerifyResult result = verify(options_);
  EXPECT_EQ(result.mismatches, 9U);  // the first output of every N-tile and M-tile
  ASSERT_EQ(result.first_mismatches.size(), 9U);
  EXPECT_EQ(result.first_mismatches[1].column, 4U);
  EXPECT_EQ(result.first_mismatches[1].actual, result.first_mismatches[1].expected + 1);
}

TEST_F(VerifyTest, ReadsAndWritesNpy) {
  Operands operands = random_operands(test_engine(), {11, 13, 5, 3}, 4);
  options_.workload.random.reset();
  options_.workload.weights = work_.path() / "w.npy";
  options_.workload.activations = work_.path() / "x.npy";
  options_.output = work_.path() / "y.npy";
  tensor::write_npy(options_.workload.weights, operands.weights);
  tensor::write_npy(options_.workload.activations, operands.activations);
  const VerifyResult result = verify(options_);
  EXPECT_EQ(result.mismatches, 0U);
  EXPECT_EQ(result.shape.weight_bits, 3);
  EXPECT_EQ(tensor::read_npy_as<std::int32_t>(options_.output),
            tensor::gemm<std::int32_t>(operands.weights, operands.activations));

  options_.workload.weight_bits = 2;
  EXPECT_THAT(refusal(), testing::HasSubstr("does not fit 2 bits"));
  operands.activations(2, 3) = 300;
  tensor::write_npy(options_.workload.activations, operands.activations);
  EXPECT_THAT(refusal(),
              testing::HasSubstr("x.npy: holds values of 10 bits, but the design takes 8"));
}

TEST_F(VerifyTest, MultipliesTheEmbeddedModelByDefault) {
  options_.workload = {};
  options_.workload.tokens = 2;
  options_.workload.tensor = "model.layers.0.self_attn.k_proj.weight";
  const VerifyResult result = verify(options_);
  EXPECT_EQ(result.mismatches, 0U);
  EXPECT_EQ(result.shape.weight_bits, 4);
  EXPECT_THAT(result.workload, testing::HasSubstr("k_proj"));
}

TEST_F(VerifyTest, RefusesWhatTheDesignCannotTake) {
  options_.workload.random = transitive::Shape{20, 1001, 9, 4};
  EXPECT_THAT(refusal(), testing::HasSubstr("1001"));
  fs::remove(work_.path() / "manifest.json");
  EXPECT_THAT(refusal(), testing::HasSubstr("manifest.json"));
}

}  // namespace
}  // namespace hasse::harness
