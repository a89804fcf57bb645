// SPDX-License-Identifier: Apache-2.0
// Cuts text into windows and adds up surprise.
#include "golden/model/score.hpp"

#include <fmt/format.h>

#include <cmath>
#include <span>

#include "golden/model/operators.hpp"

namespace hasse::model {
namespace {

constexpr std::size_t kBytes = 256;

/// Bits of surprise at the tokens of `window` after the first.
double window_bits(const Llama& model, std::span<const Token> window) {
  const tensor::Matrix<float> logits = model.forward(window);
  double bits = 0;
  for (std::size_t t = 0; t + 1 < window.size(); ++t)
    bits += surprise(logits.row(t), window[t + 1]);
  return bits;
}

}  // namespace

std::vector<Token> byte_tokens(const Config& config, std::string_view text) {
  if (config.vocab_size != kBytes)
    throw ModelError(
        fmt::format("the model's vocabulary has {} tokens, expected 256, one for each byte, or a "
                    "tokenizer",
                    config.vocab_size));
  return byte_tokens(text);
}

Windows byte_windows(const Config& config, std::string_view text) {
  const std::size_t length = config.max_position_embeddings, count = text.size() / length;
  if (count == 0 || length < 2)
    throw ModelError(
        fmt::format("text is {} bytes, expected at least one window of {}", text.size(), length));
  Windows windows;
  for (std::size_t i = 0; i < count; ++i)
    windows.tokens.push_back(byte_tokens(config, text.substr(i * length, length)));
  windows.scored_tokens = windows.scored_bytes = count * (length - 1);
  return windows;
}

Windows token_windows(const Config& config, const Tokenizer& tokenizer, std::string_view text) {
  const std::vector<Token> tokens = tokenizer.encode(text);
  const std::size_t length = config.max_position_embeddings - 1;
  const std::size_t count = length > 0 ? tokens.size() / length : 0;
  if (count == 0)
    throw ModelError(fmt::format("text is {} tokens, expected at least one window of {}",
                                 tokens.size(), length));
  Windows windows;
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<Token> window{kBeginning};
    for (const Token token : std::span(tokens).subspan(i * length, length)) {
      window.push_back(token);
      windows.scored_bytes += tokenizer.text(token).size();
    }
    windows.tokens.push_back(std::move(window));
  }
  windows.scored_tokens = count * length;
  return windows;
}

Score score(const Llama& model, const Windows& windows, const ScoreProgress& progress) {
  double bits = 0, done = 0;
  for (const std::vector<Token>& window : windows.tokens) {
    bits += window_bits(model, window);
    if (progress) progress(++done / static_cast<double>(windows.tokens.size()));
  }
  return {bits / static_cast<double>(windows.scored_bytes),
          std::exp2(bits / static_cast<double>(windows.scored_tokens))};
}

}  // namespace hasse::model
