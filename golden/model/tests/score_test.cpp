// SPDX-License-Identifier: Apache-2.0
// Windows of bytes and of tokens, and what a score counts.
#include "golden/model/score.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "golden/model/tests/tiny_model.hpp"
#include "golden/tensor/tests/refusal.hpp"

namespace hasse::model {
namespace {

using tensor::expect_refusal;

/// A model with `vocabulary` tokens and no other difference.
Llama tiny(std::size_t vocabulary) {
  auto tensors = tiny_tensors();
  std::mt19937 random(2);
  tensors.front() = random_tensor("model.embed_tokens.weight", {vocabulary, 8}, random);
  return Llama(tiny_file(tensors, tiny_metadata({{"vocab_size", std::to_string(vocabulary)}})));
}

/// A vocabulary of bytes, a blank and "ab".
Tokenizer tokenizer() {
  std::string bytes(4, '\0');
  const auto add = [&bytes](const std::string& piece) {
    bytes += std::string(4, '\0') + static_cast<char>(piece.size()) + std::string(3, '\0') + piece;
  };
  for (int i = 0; i < 259; ++i) add("?" + std::to_string(i));
  for (const char* piece : {" ", "a", "b", "ab"}) add(piece);
  return Tokenizer::parse(bytes, "t", 263);
}

TEST(Score, ByteWindowsAreWholeAndTheirFirstByteIsGiven) {
  const Windows windows = byte_windows(tiny(256).config(), std::string(40, 'x'));
  EXPECT_EQ(windows.tokens.size(), 2U);
  EXPECT_EQ(windows.tokens[1], std::vector<Token>(16, 'x'));
  EXPECT_EQ(windows.scored_tokens, 30U);
  EXPECT_EQ(windows.scored_bytes, 30U);
}

TEST(Score, TokenWindowsBeginWithTheBeginning) {
  std::string text = "ab";
  for (int i = 0; i < 13; ++i) text += "ba";
  // " ", "ab", and thirteen times "ba": "b", "ab", .., "ab", "a".
  const Windows windows = token_windows(tiny(263).config(), tokenizer(), text);
  ASSERT_EQ(windows.tokens.size(), 1U);
  EXPECT_EQ(windows.tokens[0].size(), 16U);
  EXPECT_EQ(windows.tokens[0][0], kBeginning);
  EXPECT_EQ(windows.scored_tokens, 15U);
  EXPECT_EQ(windows.scored_bytes, 1U + 2 + 1 + 12 * 2);
}

TEST(Score, BitsAreThoseOfTheTruth) {
  const Llama model = tiny(263);
  Windows windows;
  windows.tokens = {{1, 260, 261}};
  windows.scored_tokens = 2;
  windows.scored_bytes = 4;
  const auto logits = model.forward(windows.tokens.front());
  double bits = 0;
  for (std::size_t t = 0; t < 2; ++t) {
    double sum = 0;
    for (const float logit : logits.row(t)) sum += std::exp(static_cast<double>(logit));
    bits += std::log2(sum) - static_cast<double>(logits(t, 260 + t)) / std::log(2.0);
  }
  double last = 0;
  const Score result = score(model, windows, [&](double share) { last = share; });
  EXPECT_NEAR(result.bits_per_byte, bits / 4, 1e-5);
  EXPECT_NEAR(result.perplexity, std::exp2(bits / 2), 1e-3);
  EXPECT_EQ(last, 1);
}

TEST(Score, RefusesTextItCannotRead) {
  using Error = ModelError;
  expect_refusal<Error>([] { byte_windows(tiny(263).config(), std::string(40, 'x')); },
                        "vocabulary has 263 tokens, expected 256");
  expect_refusal<Error>([] { byte_windows(tiny(256).config(), "short"); }, "text is 5 bytes");
  expect_refusal<Error>([] { token_windows(tiny(263).config(), tokenizer(), "ab"); },
                        "text is 2 tokens, expected at least one window of 15");
  expect_refusal<Error>(
      [] {
        tiny(256).forward(std::vector<Token>{3, 256});
      },
      "token 1 is 256, expected less than 256");
}

}  // namespace
}  // namespace hasse::model
