// SPDX-License-Identifier: Apache-2.0
#include "verif/harness/gemm_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "golden/tensor/gemm.hpp"
#include "verif/harness/errors.hpp"
#include "verif/harness/tests/test_engine.hpp"
#include "verif/harness/tests/test_modules.hpp"
#include "verif/harness/workload.hpp"

namespace hasse::harness {
namespace {

using transitive::Shape;

std::filesystem::path stand_in(int fault = 0) {
  BuildOptions options;
  options.lint = false;
  return VerilatedLibrary::build(test_module("transitive_gemm", {{"Fault", fault}}), options)
      .object;
}

tensor::Matrix<std::int64_t> exact(const Operands& operands) {
  return tensor::gemm<std::int64_t>(operands.weights, operands.activations);
}

class Shapes : public testing::TestWithParam<std::tuple<Shape, double>> {};

TEST_P(Shapes, MultiplyExactly) {
  const auto& [shape, stall] = GetParam();
  Model model(stand_in());
  model.reset();
  GemmDriver driver(model, test_engine());
  const Operands operands = random_operands(test_engine(), shape, 9);
  GemmOptions options;
  options.stall = stall;
  const GemmRun run = driver.run(operands, options);
  EXPECT_FALSE(run.refused);
  EXPECT_EQ(run.y, exact(operands));
  const int tile_rows = test_engine().config.rows_per_tile(shape.weight_bits);
  const auto tiles = [](int size, int tile) { return (size + tile - 1) / tile; };
  EXPECT_EQ(
      run.subtile_done.size(),
      static_cast<std::size_t>(tiles(shape.n, tile_rows) * tiles(shape.k, 4) * tiles(shape.m, 4)));
  EXPECT_EQ(run.counters.transrows,
            static_cast<std::uint64_t>(shape.n * shape.weight_bits * tiles(shape.k, 4) *
                                       tiles(shape.m, 4)));
}

INSTANTIATE_TEST_SUITE_P(GemmDriver, Shapes,
                         testing::Combine(testing::Values(Shape{1, 1, 1, 2}, Shape{7, 5, 3, 4},
                                                          Shape{17, 13, 11, 8}, Shape{40, 33, 9, 3},
                                                          Shape{64, 64, 8, 4}),
                                          testing::Values(0.0, 0.4)));

TEST(GemmDriver, RunsAgainAfterAResetInTheMiddle) {
  Model model(stand_in());
  model.reset();
  GemmDriver driver(model, test_engine());
  const Operands operands = random_operands(test_engine(), {30, 30, 6, 4}, 2);
  driver.run_partly(operands, 77);
  model.reset();
  EXPECT_EQ(driver.run(operands).y, exact(operands));
  EXPECT_EQ(driver.run(operands).y, exact(operands));
}

TEST(GemmDriver, AsksForShapesTheEngineRefuses) {
  Model model(stand_in());
  model.reset();
  GemmDriver driver(model, test_engine());
  EXPECT_TRUE(driver.refuses({0, 1, 1, 4}));
  EXPECT_TRUE(driver.refuses({1, 1, 1, 1}));
}

std::string failure(int fault) {
  Model model(stand_in(fault));
  model.reset();
  GemmDriver driver(model, test_engine());
  GemmOptions options;
  options.patience = 500;
  try {
    driver.run(random_operands(test_engine(), {20, 8, 4, 4}, 1), options);
  } catch (const ProtocolError& error) {
    return error.what();
  }
  return "no failure";
}

TEST(GemmDriver, SaysWhereTheEngineHangs) {
  EXPECT_THAT(failure(2),
              testing::AllOf(testing::HasSubstr("nothing moved for 500 cycles"),
                             testing::HasSubstr("weight beats 32 of 80 (valid 1, ready 0)")));
}

TEST(GemmDriver, NoticesAMissingLast) {
  EXPECT_THAT(failure(3), testing::HasSubstr("result_last_o is 0"));
}

}  // namespace
}  // namespace hasse::harness
