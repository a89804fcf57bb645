// SPDX-License-Identifier: Apache-2.0
#include "verif/harness/engine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "verif/harness/errors.hpp"
#include "verif/harness/port.hpp"
#include "verif/harness/tests/test_engine.hpp"
#include "verif/harness/workload.hpp"

namespace hasse::harness {
namespace {

using transitive::Shape;

TEST(PackWeights, PutsPlanesOfLanesSideBySide) {
  const Engine engine = test_engine();
  tensor::Matrix<std::int8_t> weights(3, 5);
  weights(0, 0) = -2;  // 10 in two bits
  weights(1, 3) = 1;   // 01
  weights(2, 4) = -1;  // 11
  const Shape shape{3, 5, 1, 2};
  const PackedBeats packed = pack_weights(engine, {engine.config, shape, weights});
  // Two K-tiles of two groups of two planes; lane 0 in bits 0..3, lane 1 in bits 4..7.
  EXPECT_EQ(packed.words, (std::vector<std::uint32_t>{0x01, 0x80, 0, 0, 0, 0, 0x01, 0x01}));
}

TEST(PackActivations, PutsColumnsSideBySide) {
  const Engine engine = test_engine();
  tensor::Matrix<std::int32_t> x(2, 5);
  x(0, 0) = -1;
  x(0, 3) = 2;
  x(1, 4) = 127;
  const PackedBeats packed = pack_activations(engine, x);
  EXPECT_EQ(packed.words, (std::vector<std::uint32_t>{0x020000ff, 0, 0, 0x7f}));
}

void expect_every_output_once(const Engine& engine) {
  for (const auto& [n, m] :
       {std::pair{1, 1}, std::pair{5, 4}, std::pair{3, 7}, std::pair{20, 9}, std::pair{2, 10}}) {
    const Shape shape{n, 1, m, 4};
    ResultWalk walk(engine, shape);
    tensor::Matrix<int> visits(static_cast<std::size_t>(n), static_cast<std::size_t>(m));
    std::uint64_t beats = 0;
    for (; !walk.done(); ++beats) {
      const std::vector<ResultPlace> places = walk.next();
      ASSERT_EQ(places.size(), static_cast<std::size_t>(engine.result_units()));
      ASSERT_GE(places[0].count, 1);
      for (const ResultPlace& place : places)
        for (int i = 0; i < place.count; ++i)
          ++visits(static_cast<std::size_t>(place.row), static_cast<std::size_t>(place.column + i));
    }
    EXPECT_THAT(visits.values(), testing::Each(1));
    EXPECT_EQ(beats, walk.count());
  }
}

TEST(ResultWalk, VisitsEveryOutputOnce) {
  Engine engine = test_engine();
  expect_every_output_once(engine);
  engine.units = 3;
  for (const auto share : {transitive::Share::activations, transitive::Share::weights})
    for (const bool joined : {false, true}) {
      engine.share = share;
      engine.joined = joined;
      expect_every_output_once(engine);
    }
}

std::string refusal(const Engine& engine, const Operands& operands) {
  try {
    check(engine, operands);
  } catch (const HarnessError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Check, NamesWhatDoesNotFit) {
  using testing::HasSubstr;
  const Engine engine = test_engine();
  EXPECT_EQ(refusal(engine, {{2, 3}, {3, 4}, 4}), "accepted");
  EXPECT_THAT(refusal(engine, {{2, 3}, {4, 4}, 4}), HasSubstr("2 x 3 and activations 4 x 4"));
  EXPECT_THAT(refusal(engine, {{2, 1001}, {1001, 4}, 4}),
              HasSubstr("K (columns of the weights) is 1001"));
  EXPECT_THAT(refusal(engine, {{0, 3}, {3, 4}, 4}), HasSubstr("N (rows of the weights) is 0"));
  EXPECT_THAT(refusal(engine, {{2, 3}, {3, 4}, 9}), HasSubstr("weight bits are 9"));
  EXPECT_THAT(refusal(engine, {{2, 3, 8}, {3, 4}, 4}),
              HasSubstr("weights[0, 0] is 8, which does not fit 4 bits (-8..7)"));
  EXPECT_THAT(refusal(engine, {{2, 3}, {3, 4, 128}, 4}), HasSubstr("activations[0, 0] is 128"));
  Engine symmetric = test_engine();
  symmetric.takes_lowest = false;
  EXPECT_EQ(refusal(symmetric, {{2, 3}, {3, 4, -127}, 4}), "accepted");
  EXPECT_THAT(refusal(symmetric, {{2, 3}, {3, 4, -128}, 4}),
              HasSubstr("activations[0, 0] is -128, which does not fit 8 bits (-127..127)"));
}

TEST(Workload, RandomOperandsCoverTheirRange) {
  const Operands operands = random_operands(test_engine(), {40, 40, 40, 3}, 5);
  for (const int value : {-4, -3, -2, -1, 0, 1, 2, 3})
    EXPECT_THAT(operands.weights.values(), testing::Contains(value));
  EXPECT_THAT(operands.activations.values(), testing::Contains(testing::Gt(120)));
  EXPECT_EQ(refusal(test_engine(), operands), "accepted");
}

TEST(Workload, BitsNeeded) {
  EXPECT_EQ(bits_needed({1, 2, std::vector<std::int32_t>{0, 0}}), 2);
  EXPECT_EQ(bits_needed({1, 2, std::vector<std::int32_t>{-2, 1}}), 2);
  EXPECT_EQ(bits_needed({1, 2, std::vector<std::int32_t>{-8, 7}}), 4);
  EXPECT_EQ(bits_needed({1, 2, std::vector<std::int32_t>{8, 0}}), 5);
  EXPECT_EQ(bits_needed({1, 2, std::vector<std::int32_t>{-128, 0}}), 8);
}

TEST(Workload, ContradictingSourcesAreRefused) {
  WorkloadOptions options;
  options.weights = "w.npy";
  EXPECT_THROW(make_workload(test_engine(), options), HarnessError);
  options.tensor = kDefaultTensor;
  EXPECT_THROW(make_workload(test_engine(), options), HarnessError);
}

}  // namespace
}  // namespace hasse::harness
