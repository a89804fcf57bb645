// SPDX-License-Identifier: Apache-2.0
#include "verif/attention/decode_sequence.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "verif/harness/errors.hpp"
#include "verif/harness/language_model.hpp"

namespace hasse::harness {
namespace {

using attention::HeadRows;
using attention::Select;
using attention::units::EngineShape;

/// Puts the pages of a streaming head where its ring has them; those that have left it are gone.
void keep_in_ring(DecodeStep& step, const units::AttentionGeometry& g) {
  attention::units::StreamAddresser addresser(static_cast<std::size_t>(g.sink),
                                              static_cast<std::size_t>(g.ring));
  std::vector<attention::units::KvPage> held;
  for (const attention::units::KvPage& page : step.memory.memory.pages) {
    const std::size_t slot = addresser.next();
    held.resize(std::max(held.size(), slot + 1));
    held[slot] = page;
  }
  step.memory.memory.pages = std::move(held);
  step.slots = addresser.slots();
}

/// Makes sequences.
class SequenceMaker {
 public:
  SequenceMaker(const units::AttentionGeometry& g, const DecodeOptions& options)
      : g_(g), options_(options), heads_(operands()), tokens_(tokens()) {}

  DecodeSequence run() const {
    check();
    DecodeSequence sequence{describe(), tokens_};
    for (const HeadSetting& setting : settings()) {
      sequence.series.push_back(series(setting));
      std::ranges::move(remarks_on(setting), std::back_inserter(sequence.remarks));
    }
    return sequence;
  }

 private:
  bool random() const { return options_.random || !fits_; }

  LayerOperands operands() {
    const auto dim = static_cast<std::size_t>(g_.dim);
    if (!options_.random) {
      LayerOperands heads = layer_operands(options_.layer, options_.model, options_.text);
      fits_ = heads.dim == dim && heads.group() <= static_cast<std::size_t>(g_.columns());
      if (fits_) return heads;
      if (!options_.model.empty())
        throw HarnessError(fmt::format(
            "{}: has heads of {} channels and {} query heads for a KV head; expected {} and at "
            "most {}, the engine's",
            options_.model.string(), heads.dim, heads.group(), dim, g_.columns()));
    }
    const std::size_t tokens = options_.tokens == 0 ? kRandomTokens : options_.tokens;
    return random_operands(tokens, dim, static_cast<std::size_t>(g_.columns()), options_.seed);
  }

  std::size_t tokens() const { return options_.tokens == 0 ? heads_.k.rows() : options_.tokens; }

  void check() const {
    const std::size_t held = std::min(heads_.k.rows(), static_cast<std::size_t>(g_.page) *
                                                           static_cast<std::size_t>(g_.max_pages));
    if (tokens_ > held)
      throw HarnessError(
          fmt::format("--tokens: {}: expected at most {}, what the {}", tokens_, held,
                      held == heads_.k.rows() ? "text or the model's window has"
                                              : "engine's max_pages of the sequence hold"));
    if (options_.steps < 1 || options_.steps > tokens_)
      throw HarnessError(fmt::format("--steps: {}: expected 1..{}, the tokens of the sequence",
                                     options_.steps, tokens_));
    if (head() >= heads_.kv_heads())
      throw HarnessError(
          fmt::format("--kv-head: {}: expected 0..{}", head(), heads_.kv_heads() - 1));
  }

  /// Which of the operands' KV heads; random ones are of one.
  std::size_t head() const { return random() ? 0 : options_.kv_head; }

  std::string describe() const {
    const std::string what =
        random()
            ? fmt::format("{} tokens of normally distributed keys and values", tokens_)
            : fmt::format("{} bytes of text, layer {} of {}, KV head {}", tokens_, options_.layer,
                          options_.model.empty() ? "the embedded model"
                                                 : options_.model.filename().string(),
                          head());
    return fmt::format("{}, {} query heads, {} decode step{}", what, heads_.group(), options_.steps,
                       options_.steps == 1 ? "" : "s");
  }

  std::vector<HeadSetting> settings() const {
    if (options_.policies.empty()) return usual_settings(g_, tokens_);
    const model::Config config = load_model(options_.model).config();
    const attention::ModelShape shape{config.num_hidden_layers, config.num_key_value_heads};
    std::vector<HeadSetting> settings;
    for (const std::filesystem::path& file : options_.policies)
      settings.push_back(head_setting(file, shape, options_.layer, options_.kv_head, g_));
    return settings;
  }

  DecodeSeries series(const HeadSetting& setting) const {
    DecodeSeries series{setting};
    for (std::size_t tokens = tokens_ - options_.steps + 1; tokens <= tokens_; ++tokens)
      series.steps.push_back(step(setting, tokens));
    return series;
  }

  DecodeStep step(const HeadSetting& setting, std::size_t tokens) const {
    DecodeStep step;
    step.task = decode_task(setting, tokens, heads_.group(), g_);
    step.queries = attention::units::engine_queries(heads_.queries(head(), tokens - 1, 1));
    step.memory = engine_memory(HeadRows(heads_.k, head(), heads_.dim),
                                HeadRows(heads_.v, head(), heads_.dim), tokens, setting.kv_bits,
                                shape_of(g_));
    set_scales(step.task, step.memory, step.queries);
    if (setting.policy.select == Select::stream) keep_in_ring(step, g_);
    return step;
  }

  const units::AttentionGeometry& g_;
  const DecodeOptions& options_;
  bool fits_ = true;  ///< Whether the model's heads are the engine's.
  LayerOperands heads_;
  std::size_t tokens_;
};

}  // namespace

EngineShape shape_of(const units::AttentionGeometry& g) {
  EngineShape shape;
  shape.dim = static_cast<std::size_t>(g.dim);
  shape.page = static_cast<std::size_t>(g.page);
  shape.logical_pages = static_cast<std::size_t>(g.logical_pages);
  shape.bounds_block = static_cast<std::size_t>(g.kBoundsBlock);
  shape.interval = static_cast<std::size_t>(g.interval);
  return shape;
}

DecodeSequence make_sequence(const units::AttentionGeometry& g, const DecodeOptions& options) {
  return SequenceMaker(g, options).run();
}

}  // namespace hasse::harness
