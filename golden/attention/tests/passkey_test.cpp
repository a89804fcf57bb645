// SPDX-License-Identifier: Apache-2.0
// Pass key texts, and what the byte-level model makes of them.
#include "golden/attention/passkey.hpp"

#include <gtest/gtest.h>

#include <string>

#include "golden/attention/evaluate.hpp"
#include "golden/model/operators.hpp"
#include "golden/tensor/file.hpp"
#include "golden/tensor/tests/refusal.hpp"

namespace hasse::attention {
namespace {

const std::string kFiller(600, '.');

TEST(Passkey, StandsAtItsDepthAndAtTheEnd) {
  for (const double depth : {0.0, .5, 1.0}) {
    const Passkey key = make_passkey(kFiller, 200, depth, 3);
    ASSERT_EQ(key.text.size(), 200U);
    const std::string digits = key.text.substr(key.answer, kPasskeyDigits);
    EXPECT_EQ(key.text.substr(key.question), "\nThe pass key is " + digits + ".");
    const std::string hidden = "\nThe pass key is " + digits + ". Remember it.\n";
    EXPECT_EQ(key.text.find(hidden), static_cast<std::size_t>(depth * (200.0 - 60)));
  }
}

TEST(Passkey, SeedsDrawOtherKeys) {
  EXPECT_EQ(make_passkey(kFiller, 100, .5, 1).text, make_passkey(kFiller, 100, .5, 1).text);
  EXPECT_NE(make_passkey(kFiller, 100, .5, 1).text, make_passkey(kFiller, 100, .5, 2).text);
}

TEST(Passkey, LengthsWithoutRoomAreRefused) {
  EXPECT_EQ(shortest_passkey(), 60U);
  EXPECT_EQ(make_passkey(kFiller, 60, .5, 1).text.size(), 60U);
  using Error = std::invalid_argument;
  tensor::expect_refusal<Error>([] { make_passkey(kFiller, 59, .5, 1); }, "59 bytes, expected 60");
  tensor::expect_refusal<Error>([] { make_passkey(kFiller, 601, .5, 1); }, "expected 60 to 600");
}

TEST(PasskeyScores, AreTheModelsSurpriseAtTheDigits) {
  const auto model = model::Llama::load(HASSE_SOURCE_DIR "/golden/model/bytelm.safetensors");
  const std::string filler = tensor::read_file("/usr/share/common-licenses/Artistic");
  const PasskeyGrid grid{.lengths = {70, 90}, .depths = {0, 1}, .keys = 1, .seed = 5};
  const auto scores = passkey_scores(model, filler, dense_policy(shape_of(model)), grid);
  ASSERT_EQ(scores.size(), 4U);
  EXPECT_EQ(scores[1].length, 70U);
  EXPECT_EQ(scores[1].depth, 1);
  const Passkey key = make_passkey(filler, 90, 0, 5);
  const auto logits = model.forward(key.text);
  double bits = 0;
  for (std::size_t t = key.answer; t < key.answer + kPasskeyDigits; ++t) {
    bits += model::surprise(logits.row(t - 1), static_cast<unsigned char>(key.text[t]));
  }
  EXPECT_NEAR(scores[2].mean_bits(), bits / kPasskeyDigits, 1e-4);
}

TEST(PasskeyScores, StreamingHeadsDoNotSeeADistantKey) {
  const auto model = model::Llama::load(HASSE_SOURCE_DIR "/golden/model/bytelm.safetensors");
  const std::string filler = tensor::read_file("/usr/share/common-licenses/Artistic");
  Policy policy = dense_policy(shape_of(model));
  for (auto& layer : policy.heads) {
    for (HeadPolicy& head : layer) {
      head.select = Select::stream;
      head.stream = {.sink = 0, .recent = 4, .prefill = StreamPrefill::window, .prefill_recent = 4};
    }
  }
  // With four layers of four tokens, nothing before the last 13 reaches a digit.
  const Passkey one = make_passkey(filler, 100, 0, 1);
  std::string other = one.text;
  other.replace(0, 40, std::string(40, 'x'));
  Figures figures(4, 4, 2);
  const PolicyAttention attention(policy, {}, figures);
  const auto a = model.forward(model::byte_tokens(one.text), {}, attention);
  const auto b = model.forward(model::byte_tokens(other), {}, attention);
  for (std::size_t i = 0; i < 256; ++i) EXPECT_EQ(a(98, i), b(98, i));
  EXPECT_NE(model.forward(one.text)(98, 0), model.forward(other)(98, 0));
}

}  // namespace
}  // namespace hasse::attention
