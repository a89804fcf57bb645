// SPDX-License-Identifier: Apache-2.0
// A language model reads a text under a policy: what it costs in surprise, what it saves in reads.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "golden/attention/figures.hpp"
#include "golden/attention/policy.hpp"
#include "golden/attention/policy_attention.hpp"
#include "golden/model/llama.hpp"

namespace hasse::attention {

/// A text as a model reads it.
struct TokenText {
  std::vector<model::Token> tokens;
  std::vector<std::size_t> bytes;  ///< Bytes that each token stands for.
};

/// `text` as tokens of a byte-level model.
TokenText byte_text(std::string_view text);

/// What reading a text under a policy came to.
struct Evaluation {
  double bits = 0;        ///< Surprise at all tokens but the first of each window.
  std::size_t bytes = 0;  ///< Bytes of the tokens that were scored.
  std::size_t windows = 0;
  Figures figures;

  double bits_per_byte() const { return bits / static_cast<double>(bytes); }
};

/// The heads of `model`.
ModelShape shape_of(const model::Llama& model);

/// Reads `text` in windows of the model's longest length, at most `windows` of them; a text shorter
/// than one window is read as a whole, the rest of a longer one is dropped. Tokens of the prompt
/// are scored like the others. `progress` hears the share that is done. Throws
/// std::invalid_argument when the text has fewer than two tokens.
Evaluation evaluate(const model::Llama& model, const TokenText& text, const Policy& policy,
                    const Schedule& schedule, std::size_t windows,
                    const std::function<void(double)>& progress = {});

}  // namespace hasse::attention
