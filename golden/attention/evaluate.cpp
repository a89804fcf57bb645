// SPDX-License-Identifier: Apache-2.0
// Windows of a text, scored token by token.
#include "golden/attention/evaluate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <stdexcept>

#include "golden/model/operators.hpp"

namespace hasse::attention {

TokenText byte_text(std::string_view text) {
  return {model::byte_tokens(text), std::vector<std::size_t>(text.size(), 1)};
}

ModelShape shape_of(const model::Llama& model) {
  return {model.config().num_hidden_layers, model.config().num_key_value_heads};
}

Evaluation evaluate(const model::Llama& model, const TokenText& text, const Policy& policy,
                    const Schedule& schedule, std::size_t windows,
                    const std::function<void(double)>& progress) {
  const model::Config& config = model.config();
  const std::size_t length = std::min(config.max_position_embeddings, text.tokens.size());
  if (length < 2) {
    throw std::invalid_argument(
        fmt::format("the text is {} tokens, expected at least 2", text.tokens.size()));
  }
  Evaluation result{.figures = Figures(config.num_hidden_layers, config.num_attention_heads,
                                       config.num_key_value_heads)};
  result.windows = std::min(windows, text.tokens.size() / length);
  const PolicyAttention attention(policy, schedule, result.figures);
  for (std::size_t window = 0; window < result.windows; ++window) {
    if (progress) progress(static_cast<double>(window) / static_cast<double>(result.windows));
    const auto tokens = std::span(text.tokens).subspan(window * length, length);
    const auto logits = model.forward(tokens, {}, attention);
    for (std::size_t t = 1; t < length; ++t) {
      result.bits += model::surprise(logits.row(t - 1), tokens[t]);
      result.bytes += text.bytes[window * length + t];
    }
  }
  return result;
}

}  // namespace hasse::attention
