// SPDX-License-Identifier: Apache-2.0
// Scores a model, quantised by one method after the other.
#include "flows/evaluate/evaluation.hpp"

#include <algorithm>
#include <utility>

#include "flows/quantize/calibration.hpp"
#include "golden/model/llama2c.hpp"
#include "golden/tensor/file.hpp"
#include "verif/harness/language_model.hpp"

namespace hasse::evaluate {
namespace {

using model::Llama;
using model::Method;

constexpr const char* kFloat = "float";

Llama load_model(const std::filesystem::path& file) {
  return file.extension() == ".bin" ? Llama(model::load_llama2c(file)) : harness::load_model(file);
}

model::Windows windows_of(const Llama& llama, const std::optional<model::Tokenizer>& tokenizer,
                          const std::filesystem::path& text) {
  const std::string bytes = tensor::read_file(text);
  return tokenizer ? model::token_windows(llama.config(), *tokenizer, bytes)
                   : model::byte_windows(llama.config(), bytes);
}

/// Everything that all methods share.
struct Bench {
  Llama llama;
  model::Windows windows;
  model::MethodOptions options;
};

Bench set_up(const EvalOptions& options) {
  Llama llama = load_model(options.model);
  std::optional<model::Tokenizer> tokenizer;
  if (!options.tokenizer.empty())
    tokenizer = model::Tokenizer::load(options.tokenizer, llama.config().vocab_size);
  model::Windows windows = windows_of(llama, tokenizer, options.text);
  auto calibration = quantize::calibration_windows(llama.config(), options.calibration, tokenizer);
  return {std::move(llama), std::move(windows), {options.group, std::move(calibration)}};
}

MethodResult evaluate_float(const Bench& bench, const ProgressFn& progress) {
  const auto score = model::score(bench.llama, bench.windows, [&](double share) {
    if (progress) progress(kFloat, share);
  });
  return {kFloat, "float32", "float32", score, std::nullopt};
}

MethodResult evaluate_method(const Bench& bench, Method method, const ProgressFn& progress) {
  const model::MethodInfo& info = model::methods()[static_cast<std::size_t>(method)];
  const std::string name(info.name);
  const auto tell = [&](const std::string& what, double share) {
    if (progress) progress(what, share);
  };
  const model::QuantisedModel quantised = model::quantise(
      bench.llama, method, bench.options,
      [&](const std::string& what, double share) { tell(name + ", " + what, share); });
  MethodResult result{
      name, std::string(info.weights), std::string(info.activations),
      model::score(quantised.model, bench.windows, [&](double share) { tell(name, share); }),
      std::nullopt};
  if (method == Method::olive4 || method == Method::olive8)
    result.pairs = model::pair_report(bench.llama, quantised.layers, bench.windows.tokens.front());
  return result;
}

nlohmann::ordered_json to_json(const quant::PairStatistics& statistics) {
  return {{"pairs", statistics.pairs},
          {"outlier_normal", statistics.outlier_normal},
          {"outlier_outlier", statistics.outlier_outlier}};
}

}  // namespace

std::vector<std::string> method_names() {
  std::vector<std::string> names{kFloat};
  for (const model::MethodInfo& info : model::methods()) names.emplace_back(info.name);
  return names;
}

Evaluation evaluate(const EvalOptions& options, const ProgressFn& progress) {
  const Bench bench = set_up(options);
  Evaluation result{options.model.empty() ? "embedded model" : options.model.filename().string(),
                    options.text.filename().string(),
                    bench.windows.scored_bytes,
                    bench.windows.scored_tokens,
                    bench.windows.tokens.size(),
                    options.group,
                    {}};
  for (const std::string& name : method_names()) {
    const bool wanted = options.methods.empty() || std::ranges::count(options.methods, name) > 0;
    if (!wanted) continue;
    result.methods.push_back(
        name == kFloat ? evaluate_float(bench, progress)
                       : evaluate_method(bench, model::method_of(name).value(), progress));
  }
  return result;
}

nlohmann::ordered_json to_json(const Evaluation& evaluation) {
  nlohmann::ordered_json document = {{"model", evaluation.model},     {"text", evaluation.text},
                                     {"bytes", evaluation.bytes},     {"tokens", evaluation.tokens},
                                     {"windows", evaluation.windows}, {"group", evaluation.group}};
  for (const MethodResult& method : evaluation.methods) {
    nlohmann::ordered_json& entry = document["methods"][method.name];
    entry = {{"bits_per_byte", method.score.bits_per_byte},
             {"perplexity", method.score.perplexity},
             {"weights", method.weights},
             {"activations", method.activations}};
    if (method.pairs)
      entry["pairs"] = {{"weights", to_json(method.pairs->weights)},
                        {"activations", to_json(method.pairs->activations)}};
  }
  return document;
}

}  // namespace hasse::evaluate
