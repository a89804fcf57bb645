// SPDX-License-Identifier: Apache-2.0
// How well a model predicts a text: windows, bits per byte, perplexity.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include "golden/model/llama.hpp"
#include "golden/model/tokenizer.hpp"

namespace hasse::model {

/// A text as a model reads it. The first token of every window is given, the others are scored.
struct Windows {
  std::vector<std::vector<Token>> tokens;
  std::size_t scored_tokens = 0;
  std::size_t scored_bytes = 0;  ///< Bytes that the scored tokens stand for.
};

/// The bytes of `text` as tokens. Throws ModelError unless the vocabulary is the 256
/// bytes.
std::vector<Token> byte_tokens(const Config& config, std::string_view text);

/// All whole windows of max_position_embeddings bytes, one after the other; the rest of the text is
/// dropped. Throws as byte_tokens, and ModelError when there is no whole window.
Windows byte_windows(const Config& config, std::string_view text);

/// The tokens of `text` in whole windows of max_position_embeddings - 1, each after the token that
/// begins a text, so that all of them are scored; the rest is dropped. Throws ModelError
/// when there is no whole window.
Windows token_windows(const Config& config, const Tokenizer& tokenizer, std::string_view text);

/// How surprising a text is to a model.
struct Score {
  double bits_per_byte = 0;
  double perplexity = 0;  ///< Per token: 2 to the power of the bits per token.
};

/// Told the share of the windows that is done, 0..1.
using ScoreProgress = std::function<void(double share)>;

/// Scores `model` on `windows`, of which there is at least one.
Score score(const Llama& model, const Windows& windows, const ScoreProgress& progress = {});

}  // namespace hasse::model
