// SPDX-License-Identifier: Apache-2.0
// Makes pass key texts and scores a model on them.
#include "golden/attention/passkey.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <span>
#include <stdexcept>

#include "golden/attention/evaluate.hpp"
#include "golden/model/operators.hpp"

namespace hasse::attention {
namespace {

constexpr std::string_view kHidden = "\nThe pass key is {}. Remember it.\n";
constexpr std::string_view kAsked = "\nThe pass key is {}.";

/// Characters of a wording around the digits.
std::size_t written(std::string_view wording) {
  return wording.size() - 2 + kPasskeyDigits;
}

std::string with_key(std::string_view wording, std::string_view digits) {
  return fmt::format(fmt::runtime(wording), digits);
}

void score_one(const model::Llama& model, const Passkey& key, const Policy& policy,
               PasskeyScore& score) {
  Figures uncounted(model.config().num_hidden_layers, model.config().num_attention_heads,
                    model.config().num_key_value_heads);
  const PolicyAttention attention(policy, {.prefill = key.question, .from = key.text.size()},
                                  uncounted);
  const auto tokens = model::byte_tokens(key.text);
  const auto logits = model.forward(tokens, {}, attention);
  std::size_t found = 0;
  for (std::size_t t = key.answer; t < key.answer + kPasskeyDigits; ++t) {
    const auto row = logits.row(t - 1);
    found += std::ranges::max_element(row) - row.begin() == tokens[t] ? 1 : 0;
    score.digit_bits += model::surprise(row, tokens[t]);
  }
  ++score.keys;
  score.keys_found += found == kPasskeyDigits ? 1 : 0;
  score.digits_found += found;
}

}  // namespace

std::size_t shortest_passkey() {
  return written(kHidden) + written(kAsked);
}

Passkey make_passkey(std::string_view filler, std::size_t length, double depth,
                     std::uint32_t seed) {
  if (length < shortest_passkey() || filler.size() < length) {
    throw std::invalid_argument(
        fmt::format("a pass key text is {} bytes, expected {} to {}, what "
                    "there is to fill it with",
                    length, shortest_passkey(), filler.size()));
  }
  std::mt19937 random(seed);
  std::string digits;
  for (std::size_t i = 0; i < kPasskeyDigits; ++i) {
    digits += static_cast<char>('0' + random() % 10);
  }
  const std::size_t room = length - shortest_passkey();
  const std::size_t start = random() % (filler.size() - room + 1);
  const auto before = static_cast<std::size_t>(depth * static_cast<double>(room));
  Passkey key;
  key.text = std::string(filler.substr(start, before)) + with_key(kHidden, digits) +
             std::string(filler.substr(start + before, room - before)) + with_key(kAsked, digits);
  key.question = length - written(kAsked);
  key.answer = length - 1 - kPasskeyDigits;
  return key;
}

std::vector<PasskeyScore> passkey_scores(const model::Llama& model, std::string_view filler,
                                         const Policy& policy, const PasskeyGrid& grid,
                                         const std::function<void(double)>& progress) {
  std::vector<PasskeyScore> scores;
  const std::size_t cells = grid.lengths.size() * grid.depths.size();
  for (const std::size_t length : grid.lengths) {
    for (const double depth : grid.depths) {
      if (progress) progress(static_cast<double>(scores.size()) / static_cast<double>(cells));
      PasskeyScore score{.length = length, .depth = depth};
      for (std::size_t i = 0; i < grid.keys; ++i) {
        const auto seed = static_cast<std::uint32_t>(grid.seed + i);
        score_one(model, make_passkey(filler, length, depth, seed), policy, score);
      }
      scores.push_back(score);
    }
  }
  return scores;
}

}  // namespace hasse::attention
