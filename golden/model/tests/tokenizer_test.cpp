// SPDX-License-Identifier: Apache-2.0
// Merging by hand-made scores, and files that are broken.
#include "golden/model/tokenizer.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "golden/tensor/tests/refusal.hpp"

namespace hasse::model {
namespace {

using tensor::expect_refusal;
using Tokens = std::vector<std::uint32_t>;

template <class T>
std::string number(T value) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

std::string entry(const std::string& piece, float score) {
  return number(score) + number(static_cast<std::int32_t>(piece.size())) + piece;
}

/// Unknown, beginning, end, 256 bytes, and `pieces` with their scores.
std::string file(const std::vector<std::pair<std::string, float>>& pieces) {
  std::string bytes = number(std::int32_t{7});
  for (const char* name : {"<unk>", "<s>", "</s>"}) bytes += entry(name, 0);
  for (int i = 0; i < 256; ++i) bytes += entry("<0x" + std::to_string(i) + ">", 0);
  for (const auto& [piece, score] : pieces) bytes += entry(piece, score);
  return bytes;
}

constexpr std::uint32_t kFirst = 259;

TEST(Tokenizer, MergesTheBestScoreFirstAndTheLeftmostOfEquals) {
  // 259 " ", 260 "a", 261 "b", 262 "ab", 263 "ba", 264 " ab", 265 "aa"
  const std::string bytes =
      file({{" ", -9}, {"a", -9}, {"b", -9}, {"ab", -1}, {"ba", -2}, {" ab", -3}, {"aa", -4}});
  const Tokenizer tokenizer = Tokenizer::parse(bytes, "t", 266);
  EXPECT_EQ(tokenizer.encode("ab"), (Tokens{kFirst + 5}));
  EXPECT_EQ(tokenizer.encode("abba"), (Tokens{kFirst + 5, kFirst + 4}));
  EXPECT_EQ(tokenizer.encode("aaa"), (Tokens{kFirst, kFirst + 6, kFirst + 1}));
  EXPECT_EQ(tokenizer.encode(""), Tokens{});
}

TEST(Tokenizer, WhatHasNoTokenBecomesItsBytes) {
  const Tokenizer tokenizer = Tokenizer::parse(file({{" ", 0}, {"\xc3\xa4", 0}}), "t", 261);
  // A character of two bytes that is known, one that is not, a stray byte.
  EXPECT_EQ(tokenizer.encode("\xc3\xa4\xc3\xb6\xff"),
            (Tokens{kFirst, kFirst + 1, 3 + 0xc3, 3 + 0xb6, 3 + 0xff}));
  EXPECT_EQ(tokenizer.text(3 + 0x0a), "\n");
  EXPECT_EQ(tokenizer.text(kFirst + 1), "\xc3\xa4");
}

TEST(Tokenizer, NamesWhatIsWrongInAFile) {
  const std::string good = file({{" ", 0}});
  const auto refuses = [](const std::string& bytes, std::size_t vocabulary, const char* words) {
    expect_refusal([&] { Tokenizer::parse(bytes, "t", vocabulary); }, words);
  };
  refuses(good, 261, "t: token 260, score is cut off");
  refuses(good.substr(0, good.size() - 1), 260, "t: token 259 is cut off");
  refuses(good + "x", 260, "t: file is 1 bytes longer, expected 260 tokens");
  refuses(number(std::int32_t{1}), 0, "vocabulary is 0 tokens, expected at least 259");
  std::string long_piece = good;
  long_piece.replace(long_piece.size() - 5, 4, number(std::int32_t{-1}));
  refuses(long_piece, 260, "t: token 259, length is -1");
}

}  // namespace
}  // namespace hasse::model
