// SPDX-License-Identifier: Apache-2.0
#include "flows/predict/shapes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flows/report/documents.hpp"
#include "golden/tensor/file.hpp"
#include "golden/tensor/safetensors.hpp"
#include "verif/harness/toolchain.hpp"

namespace hasse::predict {
namespace {

using testing::HasSubstr;

class ShapesTest : public testing::Test {
 protected:
  void SetUp() override {
    const tensor::Matrix<std::int8_t> codes(6, 10, 1);
    tensor::write_safetensors(folder_ + "w.safetensors", {tensor::tensor_data("w", codes)}, {});
  }

  Shapes read(const std::string& json) {
    tensor::write_file(folder_ + "shapes.json", json);
    return load_shapes(folder_ + "shapes.json");
  }

  std::string refusal(const std::string& json) {
    try {
      read(json);
    } catch (const report::ReportError& error) {
      EXPECT_THAT(error.what(), HasSubstr(folder_ + "shapes.json"));
      return error.what();
    }
    return "accepted";
  }

  harness::Workspace scratch_{testing::TempDir()};
  std::string folder_ = scratch_.path().string() + "/";
};

TEST_F(ShapesTest, LayersTakeWhatTheyDoNotSayFromTheFile) {
  const Shapes shapes = read(R"({"name": "two", "tokens": 7, "weight_bits": 5, "layers": [
      {"name": "a", "n": 3, "k": 4},
      {"name": "b", "n": 5, "k": 6, "m": 8, "weight_bits": 2, "count": 9}]})");
  EXPECT_EQ(shapes.name, "two");
  ASSERT_EQ(shapes.layers.size(), 2U);
  EXPECT_EQ(shapes.layers[0].shape, (transitive::Shape{3, 4, 7, 5}));
  EXPECT_EQ(shapes.layers[0].count, 1);
  EXPECT_EQ(shapes.layers[1].shape, (transitive::Shape{5, 6, 8, 2}));
  EXPECT_EQ(shapes.layers[1].count, 9);
}

TEST_F(ShapesTest, WeightsFromAFileTellTheirShape) {
  const Shapes shapes =
      read(R"({"layers": [{"name": "a", "m": 3, "weights": "w.safetensors", "tensor": "w"}]})");
  EXPECT_EQ(shapes.name, "shapes.json");
  EXPECT_EQ(shapes.layers.at(0).shape, (transitive::Shape{6, 10, 3, 4}));
  EXPECT_EQ(shapes.layers.at(0).weights, folder_ + "w.safetensors");
}

TEST_F(ShapesTest, MistakesAreNamedWithTheirPlace) {
  EXPECT_THAT(refusal("[1"), HasSubstr("not JSON"));
  EXPECT_THAT(refusal("[]"), HasSubstr("found an array, expected an object"));
  EXPECT_THAT(refusal("{}"), HasSubstr("/layers: missing"));
  EXPECT_THAT(refusal(R"({"layers": []})"),
              HasSubstr("/layers: found an array, expected at least"));
  EXPECT_THAT(refusal(R"({"layers": [], "token": 3})"), HasSubstr("/token: found 3, expected no"));
  const auto layer = [&](const std::string& members) {
    return refusal(R"({"layers": [{"name": "a", )" + members + "}]}");
  };
  EXPECT_THAT(layer(R"("n": 0, "k": 1, "m": 1)"),
              HasSubstr("/layers/0/n: found 0, expected an integer from 1 to 65535"));
  EXPECT_THAT(layer(R"("n": 1, "k": 70000, "m": 1)"), HasSubstr("/layers/0/k: found 70000"));
  EXPECT_THAT(layer(R"("n": 1, "k": 1)"), HasSubstr("/layers/0/m: missing"));
  EXPECT_THAT(layer(R"("n": 1, "k": 1, "m": 1, "weight_bits": 9)"),
              HasSubstr("/layers/0/weight_bits: found 9, expected an integer from 2 to 8"));
  EXPECT_THAT(layer(R"("n": 1, "k": 1, "m": 1, "tensor": "w")"), HasSubstr("/layers/0/tensor"));
  EXPECT_THAT(layer(R"("m": 1, "weights": "w.safetensors", "tensor": "x")"),
              HasSubstr("/layers/0/tensor: found \"x\", expected a tensor of"));
  EXPECT_THAT(layer(R"("n": 7, "m": 1, "weights": "w.safetensors", "tensor": "w")"),
              HasSubstr("/layers/0/n: found 7, expected 6"));
}

TEST(Preset, OfLlama2HasTheLayersOfABlock) {
  const Shapes shapes = preset("llama2-7b").value();
  double macs = 0;
  for (const Layer& layer : shapes.layers)
    macs += static_cast<double>(layer.shape.n) * layer.shape.k * layer.shape.m;
  // 202,375,168 weights of the linear layers of a block, each used once per token.
  EXPECT_EQ(macs, 202375168.0 * 2048);
  EXPECT_FALSE(preset("gpt-9"));
  for (const std::string& name : preset_names()) EXPECT_TRUE(preset(name)) << name;
}

}  // namespace
}  // namespace hasse::predict
