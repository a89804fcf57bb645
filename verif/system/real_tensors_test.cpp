// SPDX-License-Identifier: Apache-2.0
// Layers of the embedded language model: exact at several points, and as fast as promised.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "golden/transitive/cycle_model.hpp"
#include "verif/harness/errors.hpp"
#include "verif/harness/workload.hpp"
#include "verif/system/rig.hpp"

namespace hasse::system {
namespace {

harness::Operands layer(const harness::Engine& engine, const std::string& name, int bits,
                        std::size_t tokens) {
  harness::WorkloadOptions options;
  options.tensor = "model.layers." + name + ".weight";
  options.weight_bits = bits;
  options.tokens = tokens;
  return harness::make_workload(engine, options).operands;
}

class RealTensors : public testing::TestWithParam<Point> {};

TEST_P(RealTensors, AreMultipliedExactly) {
  Rig rig(GetParam());
  const int most = rig.engine().weight_bits;
  rig.multiply(layer(rig.engine(), "0.self_attn.k_proj", most, 5));
  rig.multiply(layer(rig.engine(), "1.self_attn.o_proj", 2, 3));
  rig.multiply(layer(rig.engine(), "3.mlp.down_proj", std::min(4, most), 2));
}

// Activations of fewer bits than the design's are sign extended, and need nothing else.
TEST_P(RealTensors, NarrowActivationsAreMultipliedExactly) {
  Rig rig(GetParam());
  for (const int bits : {4, 8, 16}) {
    harness::WorkloadOptions options;
    options.tokens = 3;
    options.activation_bits = bits;
    if (bits > rig.engine().activation_bits) {
      EXPECT_THROW(harness::make_workload(rig.engine(), options), harness::HarnessError);
      continue;
    }
    const harness::Operands operands = harness::make_workload(rig.engine(), options).operands;
    EXPECT_EQ(harness::bits_needed(operands.activations), bits);
    rig.multiply(operands);
  }
}

TEST_P(RealTensors, AWholeTransformerBlockIsExact) {
  Rig rig(GetParam());
  for (const char* projection :
       {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
        "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"}) {
    SCOPED_TRACE(projection);
    rig.multiply(layer(rig.engine(), fmt::format("2.{}", projection), 4, 8));
  }
}

INSTANTIATE_TEST_SUITE_P(At, RealTensors,
                         testing::Values(kBanked, kSplit, kRows512, kTiny, points()[3],
                                         points()[4]),
                         testing::PrintToStringParamName());

/// The same block, unsigned activations too, through arrays behind AXI ports.
class ArrayBehindAxi : public testing::TestWithParam<const char*> {};

TEST_P(ArrayBehindAxi, MultipliesAWholeTransformerBlock) {
  const auto point = std::find_if(arrays().begin(), arrays().end(), [](const Point& candidate) {
    return std::string(candidate.name) == GetParam();
  });
  ASSERT_NE(point, arrays().end());
  Rig rig(*point);
  ASSERT_TRUE(rig.engine().is_axi());
  ASSERT_GT(rig.engine().units, 1);
  for (const char* projection :
       {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
        "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"}) {
    SCOPED_TRACE(projection);
    harness::WorkloadOptions options;
    options.tensor = fmt::format("model.layers.2.{}.weight", projection);
    options.weight_bits = 4;
    options.tokens = 11;
    for (const bool is_unsigned : {false, true}) {
      if (is_unsigned && !rig.engine().takes_unsigned) continue;
      options.unsigned_activations = is_unsigned;
      rig.multiply(harness::make_workload(rig.engine(), options).operands);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Of, ArrayBehindAxi,
                         testing::Values("AxiTwoSharingWeights", "AxiTwoStatic", "AxiThreeSplits"),
                         [](const auto& point) { return std::string(point.param); });

/// Cycles of a sub-tile in the steady state over the cycles its TransRows alone would take.
double overhead(Rig& rig, const harness::Operands& operands) {
  const harness::GemmRun run = rig.multiply(operands);
  const auto& config = rig.engine().config;
  return transitive::steady_state_cycles(config, operands.shape(), run.subtile_done) /
         transitive::bound_cycles(config, operands.weight_bits);
}

// The longest inner dimension of the model, so that there is a steady state to speak of.
constexpr const char* kLongLayers[] = {"0.mlp.down_proj", "3.mlp.down_proj"};

void expect_overhead(const Point& point, double most) {
  Rig rig(point);
  for (const char* name : kLongLayers)
    for (const int bits : {4, 8}) {
      const double ratio = overhead(rig, layer(rig.engine(), name, bits, 4));
      EXPECT_LE(ratio, most) << name << ", " << bits << " bits";
      EXPECT_GE(ratio, 1.0) << name << ", " << bits << " bits: faster than possible";
    }
}

TEST(SteadyState, TakesAtMostTenPercentMoreThanItsTransRows) {
  expect_overhead(kBanked, 1.10);
}

TEST(SteadyState, LosesNothingWhereWeightsStream) {
  expect_overhead(kSplit, 1.01);
}

TEST(SteadyState, TakesAtMostSixPercentMoreWithLargeSubTiles) {
  expect_overhead(kRows512, 1.06);
}

}  // namespace
}  // namespace hasse::system
