// SPDX-License-Identifier: Apache-2.0
// Loads model, text and policies, and measures.
#include "flows/attend/attend.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "golden/model/llama.hpp"
#include "golden/model/llama2c.hpp"
#include "golden/model/tokenizer.hpp"
#include "golden/tensor/file.hpp"
#include "golden/tensor/format_error.hpp"
#include "golden/tensor/safetensors.hpp"
#include "verif/harness/language_model.hpp"

namespace hasse::attend {
namespace {

/// A model, and its tokenizer unless it reads bytes.
struct Reader {
  model::Llama model;
  std::optional<model::Tokenizer> tokenizer;

  attention::TokenText read(const std::string& text) const {
    if (!tokenizer) return attention::byte_text(text);
    attention::TokenText result{{model::kBeginning}, {0}};
    for (const model::Token token : tokenizer->encode(text)) {
      result.tokens.push_back(token);
      result.bytes.push_back(tokenizer->text(token).size());
    }
    return result;
  }
};

Reader load_reader(const AttendOptions& options) {
  const bool llama2c = options.model.extension() == ".bin";
  if (llama2c != !options.tokenizer.empty()) {
    throw std::runtime_error(fmt::format(
        "--tokenizer is {}, expected one for a llama2.c model (.bin) and none for others",
        options.tokenizer.empty() ? "missing" : options.tokenizer.string()));
  }
  if (!llama2c) return {harness::load_model(options.model), std::nullopt};
  model::Llama model(model::load_llama2c(options.model));
  auto tokenizer = model::Tokenizer::load(options.tokenizer, model.config().vocab_size);
  return {std::move(model), std::move(tokenizer)};
}

std::vector<attention::Policy> load_policies(const AttendOptions& options,
                                             const attention::ModelShape& shape) {
  std::vector<attention::Policy> policies;
  for (const auto& path : options.policies) {
    policies.push_back(attention::load_policy(path, shape));
  }
  if (policies.empty()) policies.push_back(attention::dense_policy(shape));
  return policies;
}

void check(const AttendOptions& options, const Reader& reader, const attention::TokenText& text) {
  if (text.tokens.size() < 2) {
    throw tensor::FormatError(options.text.string(), "size",
                              fmt::format("{} tokens", text.tokens.size()), "at least 2");
  }
  const std::size_t longest = reader.model.config().max_position_embeddings;
  const std::size_t length = std::min(longest, text.tokens.size());
  const std::size_t from = std::max(options.schedule.prefill, options.schedule.from);
  if (from >= length) {
    throw std::runtime_error(
        fmt::format("--prefill and --from are {} and {}, expected less than a window's {} tokens",
                    options.schedule.prefill, options.schedule.from, length));
  }
  if (!options.passkey) return;
  if (reader.tokenizer) throw std::runtime_error("--passkey needs a model that reads bytes");
  for (const std::size_t asked : options.grid.lengths) {
    const std::size_t most = std::min(longest, text.tokens.size());
    if (asked >= attention::shortest_passkey() && asked <= most) continue;
    throw std::runtime_error(fmt::format("--passkey-lengths has {}, expected {} to {} bytes", asked,
                                         attention::shortest_passkey(), most));
  }
}

}  // namespace

AttendResult attend(const AttendOptions& options, const Progress& progress) {
  const Reader reader = load_reader(options);
  const std::string text = tensor::read_file(options.text);
  const attention::TokenText tokens = reader.read(text);
  check(options, reader, tokens);
  AttendResult result{options.model.empty() ? "embedded model" : options.model.string(),
                      options.text.string(),
                      options.schedule,
                      {}};
  for (attention::Policy& policy : load_policies(options, attention::shape_of(reader.model))) {
    auto evaluation =
        attention::evaluate(reader.model, tokens, policy, options.schedule, options.windows,
                            [&](double share) { progress(policy.name, share); });
    std::vector<attention::PasskeyScore> scores;
    if (options.passkey) {
      scores = attention::passkey_scores(
          reader.model, text, policy, options.grid,
          [&](double share) { progress(policy.name + ", pass keys", share); });
    }
    result.policies.push_back({std::move(policy), std::move(evaluation), std::move(scores)});
  }
  return result;
}

}  // namespace hasse::attend
