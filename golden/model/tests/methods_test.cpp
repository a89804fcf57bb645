// SPDX-License-Identifier: Apache-2.0
// Quantised models: integers that stand for the right weights, and losses in the right order.
#include "golden/model/methods.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "golden/model/score.hpp"
#include "golden/model/tests/tiny_model.hpp"
#include "golden/tensor/file.hpp"

namespace hasse::model {
namespace {

using tensor::Matrix;

constexpr const char* kText = "The quick brown fox jumps over the lazy dog.";

Llama tiny() {
  return Llama(tiny_file(tiny_tensors(), tiny_metadata()));
}

MethodOptions options_for(const Llama& model, int group) {
  return {group, byte_windows(model.config(), kText).tokens};
}

double distance(const Matrix<float>& a, const Matrix<float>& b) {
  double difference = 0, whole = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += std::pow(a.data()[i] - b.data()[i], 2);
    whole += std::pow(b.data()[i], 2);
  }
  return std::sqrt(difference / whole);
}

TEST(Methods, HaveNames) {
  for (const MethodInfo& info : methods()) EXPECT_EQ(method_of(info.name), info.method);
  EXPECT_FALSE(method_of("float"));
}

// Each bound is about twice what is measured, and a method that forgot a scale misses it by far.
TEST(Methods, LogitsStayCloseToThoseOfTheFloatModel) {
  const Llama model = tiny();
  const auto window = options_for(model, 4).calibration.front();
  const Matrix<float> exact = model.forward(window);
  for (const auto& [method, most] :
       {std::pair{Method::w8a8, 0.03}, std::pair{Method::w4a8_rtn, 0.5},
        std::pair{Method::w4a16_rtn, 0.3}, std::pair{Method::awq_w4, 0.3},
        std::pair{Method::qserve_w4a8, 0.3}, std::pair{Method::olive4, 0.8},
        std::pair{Method::olive8, 0.06}}) {
    const QuantisedModel quantised = quantise(model, method, options_for(model, 4));
    EXPECT_EQ(quantised.layers.size(), 14U);
    const double error = distance(quantised.model.forward(window), exact);
    EXPECT_LT(error, most) << methods()[static_cast<std::size_t>(method)].name;
    EXPECT_GT(error, 0);
  }
}

TEST(Methods, AProjectionIsItsIntegerProduct) {
  const Llama model = tiny();
  const QuantisedModel quantised = quantise(model, Method::qserve_w4a8, options_for(model, 4));
  const std::string name = "model.layers.1.mlp.down_proj.weight";
  const IntegerLinear& layer = quantised.layers.at(name);
  const auto& weights = std::get<quant::GroupedWeights>(layer.weights());
  const Matrix<float> input(1, 12, {1, 2, 3, -4, 5, 6, 7, 8, 9, 10, 11, -12});
  const auto x = layer.activations(input);
  EXPECT_EQ(x.values(11, 0), -127);
  EXPECT_FLOAT_EQ(x.scales[0], 12.0F / 127);
  const Matrix<float> output = layer(input);
  for (std::size_t n = 0; n < 8; ++n) {
    std::int64_t sum = 0;
    for (std::size_t k = 0; k < 12; ++k)
      sum += std::int64_t{weights.groups.scales(n, k / 4)} *
             (weights.codes(n, k) - weights.groups.zeros(n, k / 4)) * x.values(k, 0);
    EXPECT_EQ(layer.product(x.values)(n, 0), sum);
    EXPECT_FLOAT_EQ(output(0, n), static_cast<float>(static_cast<double>(sum) *
                                                     weights.row_scales[n] * x.scales[0]));
  }
}

TEST(Methods, RefuseToSearchWithoutText) {
  for (const Method method : {Method::awq_w4, Method::olive4, Method::olive8})
    EXPECT_THROW(quantise(tiny(), method, {}), ModelError);
}

TEST(Methods, WholeRowsAreOneGroup) {
  const Llama model = tiny();
  for (const Method method : {Method::w4a16_rtn, Method::awq_w4, Method::qserve_w4a8}) {
    const QuantisedModel quantised = quantise(model, method, options_for(model, 0));
    for (const auto& [name, layer] : quantised.layers)
      EXPECT_EQ(std::get<quant::GroupedWeights>(layer.weights()).groups.scales.cols(), 1U) << name;
  }
}

TEST(Methods, PairsAreCounted) {
  const Llama model = tiny();
  const MethodOptions options = options_for(model, 4);
  const QuantisedModel quantised = quantise(model, Method::olive4, options);
  const PairReport report = pair_report(model, quantised.layers, options.calibration.front());
  // Every weight row and every token of 8 or 12 features ends with a whole pair.
  EXPECT_EQ(report.weights.pairs, 2U * (3 * 8 * 8 - 8 * 8 + 2 * 4 * 8 + 3 * 8 * 12) / 2);
  EXPECT_EQ(report.activations.pairs, 2U * 16 * (6 * 8 + 12) / 2);
}

TEST(Methods, EightBitsCostTheTrainedModelNextToNothing) {
  const Llama model = Llama::load(HASSE_SOURCE_DIR "/golden/model/bytelm.safetensors");
  const Windows windows =
      byte_windows(model.config(), tensor::read_file("/usr/share/common-licenses/Artistic"));
  const double exact = score(model, windows).bits_per_byte;
  EXPECT_NEAR(exact, 2.0980, 0.0005);
  const QuantisedModel w8a8 = quantise(model, Method::w8a8, {});
  EXPECT_NEAR(score(w8a8.model, windows).bits_per_byte, exact, 0.005);
}

}  // namespace
}  // namespace hasse::model
