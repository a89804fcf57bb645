// SPDX-License-Identifier: Apache-2.0
// Files of codes hold what golden quantises, and give back what golden restores.
#include "flows/quantize/quantize.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>

#include "flows/quantize/blocks.hpp"
#include "flows/quantize/tests/models.hpp"
#include "golden/model/awq.hpp"
#include "golden/model/llama.hpp"
#include "golden/model/score.hpp"
#include "golden/quant/affine.hpp"
#include "golden/quant/olive_quantize.hpp"

namespace hasse::quantize {
namespace {

using quant::Int4Layout;
using tensor::Dtype;
using tensor::Matrix;
using tensor::Safetensors;

Request asking(Scheme scheme, int bits, std::optional<int> group = {},
               std::optional<Int4Layout> layout = {}) {
  Request request;
  request.scheme = scheme;
  request.bits = bits;
  request.group = group;
  request.layout = layout;
  return request;
}

class Quantize : public testing::Test {
 protected:
  /// Quantises "a.weight" of a small model by `request`, and restores it.
  void run(Request request, std::size_t n, std::size_t k, Dtype dtype = Dtype::f32) {
    request.input = scratch_ / "in";
    request.output = scratch_ / "codes";
    if (request.tensors.empty()) request.tensors = {"a.weight"};
    tensor::write_safetensors(request.input, small_model(n, k, dtype), {{"kept", "yes"}});
    original_ = Safetensors::load(request.input);
    summary_ = quantise(request);
    codes_ = Safetensors::load(request.output);
    restore({request.output, scratch_ / "floats", {}, {}});
    floats_ = Safetensors::load(scratch_ / "floats");
  }

  Matrix<float> weight() const { return original_.matrix<float>("a.weight"); }
  Matrix<float> restored() const { return floats_.matrix<float>("a.weight"); }

  Scratch scratch_;
  Summary summary_;
  Safetensors original_, codes_, floats_;
};

TEST_F(Quantize, PlainCodesAreGoldens) {
  run(asking(Scheme::qserve, 4, 32), 9, 96);
  const quant::GroupedWeights golden = quant::quantize_qserve(weight(), 32);
  EXPECT_EQ(codes_.matrix<std::int8_t>("a.weight.codes"), golden.codes);
  EXPECT_EQ(codes_.matrix<std::uint8_t>("a.weight.scales"), golden.groups.scales);
  EXPECT_EQ(codes_.matrix<std::int8_t>("a.weight.zeros"), golden.groups.zeros);
  EXPECT_EQ(codes_.values<float>("a.weight.row_scales"), golden.row_scales);
  EXPECT_EQ(restored(), quant::dequantize(golden));
  EXPECT_EQ(codes_.metadata().at("hasse.method"), "qserve");
  EXPECT_EQ(codes_.metadata().at("hasse.group"), "32");
}

TEST_F(Quantize, EverySchemeOfGroupsComesBackAsGoldenHasIt) {
  const auto golden = [&](Scheme scheme, bool groups) -> Matrix<float> {
    if (scheme == Scheme::rtn)
      return groups ? dequantize(quant::quantize_symmetric_groups(weight(), 5, 16))
                    : dequantize(quant::quantize_weights(weight(), 5));
    if (scheme == Scheme::qserve) return dequantize(quant::quantize_qserve_rows(weight()));
    return dequantize(
        quant::with_integer_scales(quant::quantize_affine(weight(), 5, groups ? 16 : 48)));
  };
  for (const Scheme scheme : {Scheme::rtn, Scheme::affine, Scheme::qserve})
    for (const bool groups : {false, true}) {
      if (scheme == Scheme::qserve && groups) continue;
      SCOPED_TRACE(std::string(name_of(scheme)) + (groups ? " groups" : " rows"));
      run(asking(scheme, scheme == Scheme::qserve ? 4 : 5, groups ? 16 : 0), 7, 48);
      EXPECT_EQ(restored(), golden(scheme, groups));
    }
}

TEST_F(Quantize, WhatIsNotQuantisedIsKept) {
  run(asking(Scheme::rtn, 8), 4, 8, Dtype::bf16);
  for (const char* name : {"norm.weight", "table"}) {
    EXPECT_EQ(codes_.info(name).dtype, Dtype::bf16);
    EXPECT_EQ(codes_.values<float>(name), original_.values<float>(name));
    EXPECT_EQ(floats_.info(name).dtype, Dtype::f32);
    EXPECT_EQ(floats_.values<float>(name), original_.values<float>(name));
  }
  EXPECT_EQ(codes_.metadata().at("kept"), "yes");
  EXPECT_EQ(floats_.metadata(), original_.metadata());
  EXPECT_EQ(summary_.quantised, 1U);
  EXPECT_EQ(summary_.copied, 2U);
  EXPECT_EQ(summary_.weights, 32U);
}

TEST_F(Quantize, TheErrorIsThatOfTheWeights) {
  run(asking(Scheme::rtn, 4), 16, 64);
  double difference = 0, whole = 0;
  for (std::size_t i = 0; i < weight().size(); ++i) {
    difference += std::pow(weight().data()[i] - restored().data()[i], 2);
    whole += std::pow(weight().data()[i], 2);
  }
  EXPECT_NEAR(summary_.relative_error.value(), std::sqrt(difference / whole), 1e-6);
}

TEST_F(Quantize, PairsComeBackAsGoldenHasThem) {
  for (const int bits : {4, 8}) {
    run(asking(Scheme::olive, bits), 6, 40, Dtype::f16);
    const quant::OliveWeights golden =
        quant::quantize_olive_weights(weight(), quant::olive_candidates(bits, true));
    EXPECT_EQ(codes_.metadata().at("hasse.olive_type.a.weight"), golden.format.name);
    EXPECT_EQ(codes_.matrix<std::uint8_t>("a.weight.pairs"), quant::pack_pairs(golden.codes, bits));
    EXPECT_EQ(restored(), quant::dequantize(golden));
  }
}

TEST_F(Quantize, PublishedLayoutsHoldTheCodesOfGolden) {
  for (const Int4Layout layout : {Int4Layout::gemm, Int4Layout::gemv, Int4Layout::v2}) {
    SCOPED_TRACE(quant::name_of(layout));
    run(asking(Scheme::affine, 4, 64, layout), 16, 256, Dtype::f16);
    const quant::AffineWeights golden = quant::quantize_affine(weight(), 4, 64);
    const quant::PackedInt4 packed = quant::pack_int4(golden, layout);
    EXPECT_EQ(codes_.matrix<float>("a.scales"), packed.scales);
    EXPECT_EQ(codes_.info("a.scales").dtype, Dtype::f16);
    if (layout == Int4Layout::v2) {
      EXPECT_EQ(codes_.matrix<std::int16_t>("a.qweight"), packed.halves);
      EXPECT_EQ(codes_.matrix<float>("a.scaled_zeros"), packed.scaled_zeros);
    } else {
      EXPECT_EQ(codes_.matrix<std::int32_t>("a.qweight"), packed.words);
      EXPECT_EQ(codes_.matrix<std::int32_t>("a.qzeros"), packed.zero_words);
    }
    EXPECT_EQ(restored(), quant::dequantize(quant::unpack_int4(packed)));
  }
}

// More than one block of rows: the blocks have to meet without a gap.
TEST_F(Quantize, BlocksMeet) {
  const std::size_t k = kBlockElements / 4;
  run(asking(Scheme::rtn, 8), 9, k);
  EXPECT_EQ(restored(), quant::dequantize(quant::quantize_weights(weight(), 8)));
}

TEST_F(Quantize, AwqWritesWhatGoldenSearches) {
  const std::filesystem::path file = HASSE_SOURCE_DIR "/golden/model/bytelm.safetensors";
  const std::string text =
      tensor::read_file(HASSE_SOURCE_DIR "/golden/model/calibration.txt").substr(0, 512);
  tensor::write_file(scratch_ / "calibration", text);
  Request request = asking(Scheme::awq, 3);
  request.input = file;
  request.output = scratch_ / "codes";
  request.calibration = scratch_ / "calibration";
  quantise(request);
  restore({scratch_ / "codes", scratch_ / "floats", {}, {}});
  const model::Llama restored_model = model::Llama::load(scratch_ / "floats");
  const model::Llama model = model::Llama::load(file);
  const model::Llama searched =
      model::awq_search(model, model::byte_windows(model.config(), text).tokens, {3, 128, true});
  for (const std::string& name : model.linear_names())
    EXPECT_EQ(restored_model.weight(name),
              quant::dequantize(quant::with_integer_scales(
                  quant::quantize_affine(searched.weight(name), 3, 128))))
        << name;
  const std::string norm = "model.layers.2.input_layernorm.weight";
  EXPECT_EQ(restored_model.norm(norm), searched.norm(norm));
  EXPECT_NE(restored_model.norm(norm), model.norm(norm));
}

}  // namespace
}  // namespace hasse::quantize
