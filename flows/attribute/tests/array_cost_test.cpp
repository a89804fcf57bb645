// SPDX-License-Identifier: Apache-2.0
// Cycles of a model's products.
#include "flows/attribute/array_cost.hpp"

#include <gtest/gtest.h>

#include "golden/attribution/synthetic.hpp"
#include "golden/transitive/array_model.hpp"
#include "verif/harness/errors.hpp"

namespace hasse::attribute {
namespace {

using tensor::Matrix;

TEST(CycleCounter, CountsWhatTheCycleModelSays) {
  const harness::Engine engine;
  CycleCounter counter(engine);
  const auto product = counter.product();
  const Matrix<std::int8_t> w(16, 24, 3), x(24, 40, 2);
  EXPECT_EQ(product("a", w, x, 8), Matrix<std::int32_t>(16, 40, 24 * 6));
  product("a", w, x, 8);
  product("b", w, x, 4);
  const ArrayCost cost = counter.cost(2, 5);
  const auto cycles = [&](int bits) {
    return static_cast<double>(
        transitive::count_array_cycles(engine.array(), {16, 24, 40, bits}, w).cycles);
  };
  EXPECT_EQ(cost.by_name.at("a").products, 2U);
  EXPECT_EQ(cost.by_name.at("a").cycles, 2 * cycles(8));
  EXPECT_EQ(cost.by_name.at("b").cycles, cycles(4));
  EXPECT_EQ(cost.total.cycles, 2 * cycles(8) + cycles(4));
  EXPECT_EQ(cost.total.macs, 3 * 16 * 24 * 40);
  EXPECT_EQ(cost.cycles_per_journey(), cost.total.cycles / 2);
  EXPECT_GT(cost.utilisation(), 0);
  EXPECT_LE(cost.utilisation(), 1);
}

TEST(CycleCounter, CutsProductsAtTheLargestNumberOfColumns) {
  harness::Engine engine;
  engine.max_m = 32;
  CycleCounter counter(engine);
  counter.product()("a", Matrix<std::int8_t>(8, 8, 1), Matrix<std::int8_t>(8, 70, 1), 8);
  EXPECT_EQ(counter.cost(1, 1).by_name.at("a").products, 3U);
}

TEST(CycleCounter, RefusesWhatTheEngineCannotTake) {
  harness::Engine engine;
  engine.max_n = 4;
  CycleCounter counter(engine);
  EXPECT_THROW(
      counter.product()("a", Matrix<std::int8_t>(8, 8, 1), Matrix<std::int8_t>(8, 2, 1), 8),
      harness::HarnessError);
}

// The passes of journeys' subsets share their beginnings and go through the array side by side.
TEST(CycleCounter, CounterfactualPassesKeepAnArrayBusy) {
  attribution::SyntheticOptions market;
  market.journeys = 60;
  const attribution::Journeys journeys = attribution::synthesise(market).journeys;
  harness::Engine engine;
  engine.planner = "orbit";
  engine.config.planner = transitive::Planner::orbit;
  engine.config.rows = 512;
  for (const auto precision : {attribution::Precision::w8a8, attribution::Precision::w4a8}) {
    CycleCounter counter(engine);
    const auto model = attribution::load_predictor(
        HASSE_SOURCE_DIR "/golden/attribution/dcrmta_synthetic.safetensors",
        attribution::Arithmetic(precision, counter.product()));
    attribution::AttributeOptions how;
    how.threads = 1;
    attribution::attribute(*model, journeys, how);
    EXPECT_GE(counter.cost(journeys.size(), journeys.touches()).utilisation(), 0.8)
        << name_of(precision);
  }
}

}  // namespace
}  // namespace hasse::attribute
