// SPDX-License-Identifier: Apache-2.0
// Models and tokenizers of llama2.c: made up, broken, and the real stories260K.
#include "golden/model/llama2c.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>

#include "golden/tensor/tests/refusal.hpp"

namespace hasse::model {
namespace {

using tensor::expect_refusal;

const std::filesystem::path kShared = HASSE_SOURCE_DIR "/../shared/data";

template <class T>
void append(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// dim 8, hidden 12, 2 layers, 2 heads, 1 KV head, vocabulary 10, 16 tokens.
constexpr std::array<std::int32_t, 7> kSizes = {8, 12, 2, 2, 1, 10, 16};
constexpr std::size_t kWeights = 10 * 8 + 2 * (8 + 64 + 32 + 32 + 64 + 8 + 3 * 96) + 8 + 16 * 4;

std::string tiny(std::array<std::int32_t, 7> sizes = kSizes, std::size_t weights = kWeights) {
  std::string bytes;
  for (const std::int32_t size : sizes) append(bytes, size);
  std::mt19937 random(5);
  std::normal_distribution<float> value(0, .5F);
  for (std::size_t i = 0; i < weights; ++i) append(bytes, value(random));
  return bytes;
}

TEST(Llama2c, ReadsSizesAndWeights) {
  const Llama model = parse_llama2c(tiny(), "tiny");
  EXPECT_EQ(model.config().head_dim, 4U);
  EXPECT_EQ(model.config().num_key_value_heads, 1U);
  const std::vector<Token> tokens = {1, 9, 0};
  const auto logits = model.forward(tokens);
  EXPECT_EQ(logits.cols(), 10U);
  for (const float logit : logits.values()) EXPECT_TRUE(std::isfinite(logit));
}

TEST(Llama2c, TurnsRotaryPairsIntoHalves) {
  const std::string bytes = tiny();
  const Llama model = parse_llama2c(bytes, "tiny");
  std::array<float, 8> row{};  // row 1 of the first layer's queries: pair 0, second feature
  const std::size_t queries = 10 * 8 + 2 * 8;
  std::memcpy(row.data(), bytes.data() + 28 + 4 * (queries + 8), sizeof row);
  const auto& q = model.weight("model.layers.0.self_attn.q_proj.weight");
  EXPECT_TRUE(std::ranges::equal(q.row(2), row));
}

TEST(Llama2cRefusal, NamesWhatIsWrong) {
  expect_refusal([] { parse_llama2c("abc", "m"); }, "m: size is 3, expected a header of 28 bytes");
  const auto refuse = [](std::size_t field, std::int32_t value, const std::string& words) {
    auto sizes = kSizes;
    sizes[field] = value;
    expect_refusal([&] { parse_llama2c(tiny(sizes), "m"); }, words);
  };
  refuse(2, 0, "m: n_layers is 0, expected an integer from 1 to");
  refuse(3, 3, "m: n_heads is 3, expected a divisor of dim");
  refuse(3, 8, "m: n_heads is 8, expected a divisor of dim that leaves an even head dimension");
  refuse(5, -10, "m: vocab_size is -10, expected");
  refuse(5, 70000, "m: vocab_size is 70000, expected at most 65536");
  expect_refusal([] { parse_llama2c(tiny(kSizes, kWeights - 1), "m"); }, "the weights end early");
  expect_refusal([] { parse_llama2c(tiny(kSizes, kWeights + 1), "m"); }, "where the weights end");
}

TEST(Llama2cRefusal, TokensOutsideTheVocabulary) {
  const Llama model = parse_llama2c(tiny(), "tiny");
  const std::vector<Token> tokens = {3, 10};
  expect_refusal<std::invalid_argument>([&] { model.forward(tokens); },
                                        "token 1 is 10, expected 0 to 9");
}

/// A vocabulary of the special entries, 256 bytes and `pieces`, earlier ones better.
std::string tokenizer_of(const std::vector<std::string>& pieces) {
  std::string bytes;
  append(bytes, std::int32_t{8});
  for (std::size_t i = 0; i < 259 + pieces.size(); ++i) {
    const std::string piece = i >= 259 ? pieces[i - 259]
                              : i >= 3 ? fmt::format("<0x{:02X}>", i - 3)
                                       : fmt::format("s{}", i);
    append(bytes, -static_cast<float>(i));
    append(bytes, static_cast<std::int32_t>(piece.size()));
    bytes += piece;
  }
  return bytes;
}

TEST(Tokenizer, MergesTheBestPairFirst) {
  const std::vector<std::string> pieces = {"ab", "bc", "abc", " ab", "a", "b", "c", " "};
  const auto tokenizer = Tokenizer::parse(tokenizer_of(pieces), "t", 259 + pieces.size());
  EXPECT_EQ(tokenizer.encode(""), (std::vector<Token>{1}));
  EXPECT_EQ(tokenizer.encode("abc"), (std::vector<Token>{1, 266, 261}));
  EXPECT_EQ(tokenizer.encode("ab"), (std::vector<Token>{1, 262}));
  EXPECT_EQ(tokenizer.encode("z ab"), (std::vector<Token>{1, 266, 3 + 'z', 262}));
  EXPECT_EQ(tokenizer.piece(3 + 'A'), "A");
  EXPECT_EQ(tokenizer.piece(262), " ab");
}

TEST(Tokenizer, BrokenFilesAreNamed) {
  const std::string bytes = tokenizer_of({});
  expect_refusal([&] { Tokenizer::parse(bytes, "t", 260); }, "t: size is too small, expected all");
  expect_refusal([&] { Tokenizer::parse(bytes, "t", 258); }, "t: size is 14 bytes more, expected");
  std::string longer = bytes;
  longer[8] = 9;
  expect_refusal([&] { Tokenizer::parse(longer, "t", 259); },
                 "t: length of piece 0 is 9, expected 0 to 8");
}

TEST(Stories260K, TellsThePublishedStory) {
  if (!std::filesystem::exists(kShared / "stories260K.bin")) {
    GTEST_SKIP() << kShared / "stories260K.bin"
                 << " is not there";
  }
  const Llama model = load_llama2c(kShared / "stories260K.bin");
  const auto tokenizer = Tokenizer::load(kShared / "tok512.bin", model.config().vocab_size);
  std::vector<Token> tokens = tokenizer.encode("");
  std::string story;
  while (tokens.size() <= 10) {
    const auto logits = model.forward(tokens);
    const auto row = logits.row(tokens.size() - 1);
    tokens.push_back(static_cast<Token>(std::ranges::max_element(row) - row.begin()));
    story += tokenizer.piece(tokens.back());
  }
  EXPECT_EQ(tokens, (std::vector<Token>{1, 403, 407, 261, 378, 432, 383, 286, 261, 376, 298}));
  EXPECT_EQ(story, " Once upon a time, there was a little g");
}

}  // namespace
}  // namespace hasse::model
