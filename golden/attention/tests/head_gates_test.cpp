// SPDX-License-Identifier: Apache-2.0
// Gate files, broken ones and the published ones.
#include "golden/attention/head_gates.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "golden/tensor/tests/refusal.hpp"

namespace hasse::attention {
namespace {

using tensor::expect_refusal;
using tensor::Matrix;

const std::filesystem::path kShared = HASSE_SOURCE_DIR "/../shared/data/duo_gates";

std::vector<int> heads_by_layer(const Matrix<std::uint8_t>& full) {
  std::vector<int> counts;
  for (std::size_t layer = 0; layer < full.rows(); ++layer) {
    const auto row = full.row(layer);
    counts.push_back(std::accumulate(row.begin(), row.end(), 0));
  }
  return counts;
}

TEST(HeadGates, ReadsLinesOfNumbers) {
  const auto gates = parse_gates("0.5\t1.0\n-0.001\t2e-1\n", "g");
  EXPECT_EQ(gates, Matrix<float>(2, 2, std::vector<float>{0.5F, 1.0F, -0.001F, 0.2F}));
}

TEST(HeadGates, RefusalsNameTheLine) {
  expect_refusal([] { parse_gates("", "g"); }, "g: gates is empty, expected a line for every");
  expect_refusal([] { parse_gates("1 2\n3\n", "g"); }, "g: line 2: gates is 1, expected 2, as in");
  expect_refusal([] { parse_gates("1 x\n", "g"); }, "g: line 1: gate is x, expected a finite num");
  expect_refusal([] { parse_gates("1 nan\n", "g"); }, "g: line 1: gate is nan");
  expect_refusal([] { parse_gates("\n1\n", "g"); }, "g: line 1: gates is 0, expected at least one");
  expect_refusal([] { load_gates("/nowhere.tsv"); }, "/nowhere.tsv: path is missing");
}

TEST(RetrievalHeads, QuantileKeepsTiesRankedKeepsTheShare) {
  const Matrix<float> gates(1, 4, std::vector<float>{1, .5F, .5F, -3});
  const auto by_quantile = retrieval_heads(gates, .5, GateRule::quantile);
  EXPECT_EQ(by_quantile.values(), (std::vector<std::uint8_t>{1, 1, 1, 0}));
  const auto ranked = retrieval_heads(gates, .5, GateRule::ranked);
  EXPECT_EQ(ranked.values(), (std::vector<std::uint8_t>{1, 0, 1, 0}));
}

TEST(RetrievalHeads, EndsOfTheShare) {
  const Matrix<float> gates(1, 3, std::vector<float>{0, 1, .5F});
  for (const GateRule rule : {GateRule::quantile, GateRule::ranked}) {
    EXPECT_EQ(heads_by_layer(retrieval_heads(gates, 0, rule)), std::vector<int>{3});
    EXPECT_EQ(heads_by_layer(retrieval_heads(gates, 1, rule)), std::vector<int>{0});
  }
}

TEST(RetrievalHeads, OfThePublishedLlama3Gates) {
  const auto path = kShared / "Llama-3-8B-Instruct-Gradient-1048k.tsv";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  const auto gates = load_gates(path);
  ASSERT_EQ(gates.rows(), 32U);
  ASSERT_EQ(gates.cols(), 8U);
  EXPECT_NEAR(gate_quantile(gates, .25), .7168, 5e-5);
  EXPECT_NEAR(gate_quantile(gates, .5), .96094, 5e-6);
  EXPECT_EQ(gate_quantile(gates, .75), 1);
  const std::vector<int> published = {1, 1, 3, 2, 2, 4, 2, 4, 6, 4, 5, 3, 2, 6, 5, 5,
                                      5, 6, 3, 5, 6, 3, 3, 6, 4, 5, 3, 4, 6, 5, 8, 3};
  EXPECT_EQ(heads_by_layer(retrieval_heads(gates, .5, GateRule::quantile)), published);
  const auto ranked = retrieval_heads(gates, .5, GateRule::ranked);
  EXPECT_EQ(std::accumulate(ranked.values().begin(), ranked.values().end(), 0), 128);
}

TEST(RetrievalHeads, OfThePublishedLlama2Gates) {
  const auto path = kShared / "Llama-2-7B-32K-Instruct.tsv";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  const auto gates = load_gates(path);
  ASSERT_EQ(gates.size(), 32U * 32U);
  EXPECT_EQ(gate_quantile(gates, .25), 0);
  EXPECT_NEAR(gate_quantile(gates, .5), .23730, 5e-6);
  EXPECT_NEAR(gate_quantile(gates, .75), .94141, 5e-6);
  EXPECT_EQ(std::ranges::count_if(gates.values(), [](float gate) { return gate > .5F; }), 444);
}

TEST(HeadGates, AreWrittenAsTheyAreRead) {
  const Matrix<float> gates(2, 2, std::vector<float>{0.1F, 1, 1e-7F, 0.333333343F});
  EXPECT_EQ(parse_gates(format_gates(gates), "g"), gates);
}

}  // namespace
}  // namespace hasse::attention
