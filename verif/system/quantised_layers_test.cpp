// SPDX-License-Identifier: Apache-2.0
// A projection of the embedded model, quantised by every method that `hasse eval` compares, through
// the hardware: its integers are those of the evaluation.
#include <gtest/gtest.h>

#include <vector>

#include "golden/model/methods.hpp"
#include "golden/model/score.hpp"
#include "verif/harness/embedded.hpp"
#include "verif/harness/language_model.hpp"
#include "verif/system/rig.hpp"

namespace hasse::system {
namespace {

using harness::Operands;
using model::IntegerLinear;
using model::Method;
using tensor::Matrix;

constexpr const char* kProjection = "model.layers.0.mlp.down_proj.weight";

/// A small design that scales groups and takes the 16-bit activations of AWQ.
constexpr Point kScaledWide = {"ScaledWide",
                               R"({"engine": "banked", "tile_bits": 4, "lanes": 4, "columns": 2,
    "columns_per_adder": 2, "rows": 32, "weight_bits": 4, "activation_bits": 16,
    "accumulator_bits": 48, "scaling": "group", "max_k": 1024, "max_n": 1024, "max_m": 50})"};

/// The integer projection, and its activations over the first bytes of a text.
struct Layer {
  IntegerLinear linear;
  Matrix<std::int16_t> activations;

  Matrix<std::int64_t> product() const { return linear.product(activations); }
};

Layer layer_of(Method method, std::size_t tokens) {
  const model::Llama llama = harness::load_model();
  const std::string text(harness::embedded_calibration());
  const auto windows = model::byte_windows(llama.config(), text.substr(0, 1024));
  const model::QuantisedModel quantised = model::quantise(llama, method, {128, windows.tokens});
  Matrix<float> input;
  quantised.model.forward(std::string_view(text).substr(0, tokens),
                          [&](const std::string& name, const Matrix<float>& x) {
                            if (name == kProjection) input = x;
                          });
  const IntegerLinear& linear = quantised.layers.at(kProjection);
  return {linear, linear.activations(input).values};
}

Matrix<std::int32_t> widened(const Matrix<std::int16_t>& values) {
  return {values.rows(), values.cols(), {values.values().begin(), values.values().end()}};
}

/// The layer's codes and activations as operands; `scaled`: with scales of groups.
Operands operands_of(const Layer& layer, bool scaled) {
  const auto& weights = std::get<quant::GroupedWeights>(layer.linear.weights());
  Operands operands{weights.codes, widened(layer.activations), weights.bits};
  if (scaled) operands.scales = weights.groups;
  return operands;
}

TEST(QuantisedLayers, W8a8IsTheArraysProduct) {
  Rig rig(kBanked);
  const Layer layer = layer_of(Method::w8a8, 3);
  EXPECT_EQ(first_difference(rig.multiply(operands_of(layer, false)).y, layer.product()), "");
}

TEST(QuantisedLayers, W4a8IsTheArraysProduct) {
  Rig rig(kSplit);
  const Layer layer = layer_of(Method::w4a8_rtn, 3);
  EXPECT_EQ(first_difference(rig.multiply(operands_of(layer, false)).y, layer.product()), "");
}

TEST(QuantisedLayers, QservesGroupsAreScaledByTheArray) {
  Rig rig(scaled_points().front());
  const Layer layer = layer_of(Method::qserve_w4a8, 3);
  EXPECT_EQ(first_difference(rig.multiply(operands_of(layer, true)).y, layer.product()), "");
}

// AWQ's own codes and zero points: scale * (sum of code * x - zero * sum of x), no dequantiser.
TEST(QuantisedLayers, AwqsCodesAndZerosAreScaledByTheArray) {
  Rig rig(kScaledWide);
  const Layer layer = layer_of(Method::awq_w4, 3);
  const auto& weights = std::get<quant::GroupedWeights>(layer.linear.weights());
  EXPECT_EQ(weights.groups.scales.cols(), 3U);
  EXPECT_EQ(first_difference(rig.multiply(operands_of(layer, true)).y, layer.product()), "");
}

/// Value = 256 * high + low, both of eight bits in two's complement.
std::pair<Matrix<std::int8_t>, Matrix<std::int8_t>> digits(const Matrix<std::int16_t>& values) {
  Matrix<std::int8_t> high(values.rows(), values.cols()), low = high;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int value = values.data()[i];
    low.data()[i] = static_cast<std::int8_t>(value);
    high.data()[i] = static_cast<std::int8_t>((value - low.data()[i]) / 256);
  }
  return {std::move(high), std::move(low)};
}

/// Decoded outlier-victim pairs are wider than the array's weights: two products, one shifted.
void expect_pairs(Method method) {
  const Point wide = {"WideActivations",
                      R"({"engine": "banked", "lanes": 2, "columns": 2, "columns_per_adder": 2,
      "rows": 40, "activation_bits": 16, "accumulator_bits": 64})"};
  Rig rig(wide);
  const Layer layer = layer_of(method, 2);
  const Matrix<std::int32_t> activations = widened(layer.activations);
  const auto [high, low] = digits(layer.linear.integers());
  const Matrix<std::int64_t> upper = rig.multiply({high, activations, 8}).y;
  Matrix<std::int64_t> y = rig.multiply({low, activations, 8}).y;
  for (std::size_t i = 0; i < y.size(); ++i) y.data()[i] += 256 * upper.data()[i];
  EXPECT_EQ(first_difference(y, layer.product()), "");
}

TEST(QuantisedLayers, FourBitPairsAreMultipliedAsIntegers) {
  expect_pairs(Method::olive4);
}

TEST(QuantisedLayers, EightBitPairsAreMultipliedAsIntegers) {
  expect_pairs(Method::olive8);
}

}  // namespace
}  // namespace hasse::system
