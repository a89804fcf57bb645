// SPDX-License-Identifier: Apache-2.0
// The model in the repository gives the losses that PyTorch computes for it.
#include <gtest/gtest.h>

#include <string>

#include "golden/model/llama.hpp"
#include "golden/quant/quantize.hpp"
#include "golden/tensor/file.hpp"

namespace hasse::model {
namespace {

constexpr double kTolerance = 0.0005;

Llama bytelm() {
  return Llama::load(HASSE_SOURCE_DIR "/golden/model/bytelm.safetensors");
}

std::string artistic() {
  return tensor::read_file("/usr/share/common-licenses/Artistic");
}

/// Bits per byte after all projections are rounded to `bits` bits per output channel.
double rounded_bits_per_byte(int bits) {
  Llama model = bytelm();
  for (const std::string& name : model.linear_names()) {
    model.set_weight(name, quant::dequantize(quant::quantize_weights(model.weight(name), bits)));
  }
  return model.bits_per_byte(artistic());
}

TEST(Bytelm, FloatWeightsGiveThePublishedLoss) {
  EXPECT_NEAR(bytelm().bits_per_byte(artistic()), 2.0980, kTolerance);
}

TEST(Bytelm, EightBitWeightsGiveThePublishedLoss) {
  EXPECT_NEAR(rounded_bits_per_byte(8), 2.0983, kTolerance);
}

TEST(Bytelm, FourBitWeightsGiveThePublishedLoss) {
  EXPECT_NEAR(rounded_bits_per_byte(4), 2.1426, kTolerance);
}

TEST(Bytelm, ThreeBitWeightsGiveThePublishedLoss) {
  EXPECT_NEAR(rounded_bits_per_byte(3), 2.2654, kTolerance);
}

}  // namespace
}  // namespace hasse::model
