// SPDX-License-Identifier: Apache-2.0
// What the model shows of itself, and the broken models and arguments it refuses.
#include "golden/model/llama.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "golden/model/operators.hpp"
#include "golden/model/tests/tiny_model.hpp"
#include "golden/tensor/tests/refusal.hpp"

namespace hasse::model {
namespace {

using tensor::expect_refusal;
using tensor::Matrix;

constexpr const char* kDown = "model.layers.1.mlp.down_proj.weight";
constexpr const char* kText = "The quick brown fox jumps over the lazy dog.";

Llama tiny() {
  return Llama(tiny_file(tiny_tensors(), tiny_metadata()));
}

tensor::TensorData& find(std::vector<tensor::TensorData>& tensors, const std::string& name) {
  return *std::ranges::find(tensors, name, &tensor::TensorData::name);
}

TEST(Llama, ListsItsProjectionsInOrder) {
  const auto names = tiny().linear_names();
  ASSERT_EQ(names.size(), 14U);
  EXPECT_EQ(names.front(), "model.layers.0.self_attn.q_proj.weight");
  EXPECT_EQ(names.back(), kDown);
}

TEST(Llama, ObserverSeesEveryProjectionOnceInOrder) {
  const Llama model = tiny();
  std::vector<std::string> seen;
  model.forward("abc", [&](const std::string& name, const Matrix<float>& input) {
    seen.push_back(name);
    EXPECT_EQ(input.rows(), 3U);
    EXPECT_EQ(input.cols(), model.weight(name).cols());
  });
  EXPECT_EQ(seen, model.linear_names());
}

TEST(Llama, LaterBytesDoNotChangeEarlierLogits) {
  const Llama model = tiny();
  const auto one = model.forward("abcdef");
  const auto other = model.forward("abcxyz");
  for (std::size_t t = 0; t < 3; ++t) {
    for (std::size_t i = 0; i < 256; ++i) EXPECT_NEAR(one(t, i), other(t, i), 1e-4F);
  }
  EXPECT_NE(one(3, 0), other(3, 0));
}

TEST(Llama, CaptureIsTheTransposedInputOfTheProjection) {
  const Llama model = tiny();
  const Matrix<float> x = model.capture(kText, kDown, 5);
  ASSERT_EQ(x.rows(), 12U);
  ASSERT_EQ(x.cols(), 5U);
  model.forward(std::string_view(kText).substr(0, 5),
                [&](const std::string& name, const Matrix<float>& input) {
                  if (name != kDown) return;
                  EXPECT_EQ(tensor::transpose(input), x);
                });
}

TEST(Llama, CaptureContinuesInTheNextWindow) {
  const Llama model = tiny();
  const std::string_view text = kText;
  const Matrix<float> x = model.capture(text, kDown, 20);
  const Matrix<float> second = model.capture(text.substr(16), kDown, 4);
  for (std::size_t k = 0; k < 12; ++k) {
    for (std::size_t m = 0; m < 4; ++m) EXPECT_EQ(x(k, 16 + m), second(k, m));
  }
}

TEST(Llama, BitsPerByteScoresWholeWindowsWithoutTheirFirstByte) {
  const Llama model = tiny();
  const std::string_view text = kText;
  double bits = 0;
  for (std::size_t begin : {0U, 16U}) {
    const auto logits = model.forward(text.substr(begin, 16));
    for (std::size_t t = 0; t < 15; ++t) {
      bits += surprise(logits.row(t), static_cast<unsigned char>(text[begin + t + 1]));
    }
  }
  EXPECT_NEAR(model.bits_per_byte(text), bits / 30, 1e-9);
}

TEST(Llama, ReplacedWeightIsUsed) {
  Llama model = tiny();
  const auto before = model.forward("abc");
  model.set_weight(kDown, Matrix<float>(8, 12));
  EXPECT_EQ(model.weight(kDown), Matrix<float>(8, 12));
  EXPECT_NE(model.forward("abc"), before);
}

TEST(LlamaRefusal, MissingFileIsNamed) {
  expect_refusal([] { Llama::load("/nowhere.safetensors"); }, "/nowhere.safetensors: path is miss");
}

TEST(LlamaRefusal, EveryMissingTensorIsNamed) {
  for (std::size_t i = 0; i < tiny_tensors().size(); ++i) {
    auto tensors = tiny_tensors();
    const std::string name = tensors[i].name;
    tensors.erase(tensors.begin() + static_cast<std::ptrdiff_t>(i));
    expect_refusal([&] { Llama(tiny_file(tensors, tiny_metadata())); },
                   fmt::format("tiny: {} is missing", name));
  }
}

TEST(LlamaRefusal, UnknownTensorIsNamed) {
  auto tensors = tiny_tensors();
  tensors.push_back({"lm_head.bias", tensor::Dtype::u8, {1}, "x"});
  expect_refusal([&] { Llama(tiny_file(tensors, tiny_metadata())); },
                 "tiny: tensor is lm_head.bias, expected only the tensors of a Llama");
}

TEST(LlamaRefusal, WrongShapeIsNamed) {
  auto tensors = tiny_tensors();
  find(tensors, kDown).shape = {12, 8};
  expect_refusal([&] { Llama(tiny_file(tensors, tiny_metadata())); },
                 fmt::format("tiny: {}: shape is [12, 8], expected [8, 12]", kDown));
}

TEST(LlamaRefusal, IntegerWeightsAreNamed) {
  auto tensors = tiny_tensors();
  find(tensors, kDown).dtype = tensor::Dtype::i32;
  expect_refusal([&] { Llama(tiny_file(tensors, tiny_metadata())); },
                 "dtype is int32, expected float32");
}

TEST(LlamaRefusal, NotANumberIsNamed) {
  auto tensors = tiny_tensors();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::memcpy(find(tensors, kDown).bytes.data() + 3 * sizeof nan, &nan, sizeof nan);
  expect_refusal([&] { Llama(tiny_file(tensors, tiny_metadata())); },
                 fmt::format("{}: element 3 is nan, expected a finite number", kDown));
}

TEST(LlamaRefusal, BadArgumentsAreNamed) {
  Llama model = tiny();
  using Error = ModelError;
  expect_refusal<Error>([&] { model.weight("x"); }, "no projection is called x, expected one of");
  expect_refusal<Error>([&] { model.capture(kText, "x", 1); }, "no projection is called x");
  expect_refusal<Error>([&] { model.capture("abc", kDown, 4); }, "tokens is 4, expected 1 to 3");
  expect_refusal<Error>([&] { model.capture("abc", kDown, 0); }, "tokens is 0, expected 1 to 3");
  expect_refusal<Error>([&] { model.forward(""); }, "window is 0 tokens, expected 1 to 16");
  expect_refusal<Error>([&] { model.forward(kText); }, "window is 44 tokens, expected 1 to 16");
  expect_refusal<Error>([&] { model.bits_per_byte("abc"); }, "text is 3 bytes, expected at least");
  expect_refusal<Error>([&] { model.set_weight(kDown, Matrix<float>(2, 3)); },
                        "shape is 2 x 3, expected 8 x 12");
}

}  // namespace
}  // namespace hasse::model
