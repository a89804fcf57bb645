// SPDX-License-Identifier: Apache-2.0
#include "verif/attention/engine_policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "verif/harness/errors.hpp"

namespace hasse::harness {
namespace {

using attention::HeadPolicy;
using attention::Select;
using attention::units::EngineTask;
using attention::units::PageSource;

constexpr int kMostKvBits = 8;
constexpr double kUsualMass = 0.85;
constexpr std::size_t kUsualShare = 4;  ///< Of the tokens one in so many is read.

/// What an engine cannot do, a line each: "FILE: FIELD: VALUE: EXPECTED".
class Refusals {
 public:
  explicit Refusals(std::string file) : file_(std::move(file)) {}

  template <class T>
  void expect(const char* field, const T& value, const T& expected) {
    if (value == expected) return;
    lines_ += fmt::format("{}{}: {}: {}: expected {} on this engine", lines_.empty() ? "" : "\n",
                          file_, field, value, expected);
  }
  void raise() const {
    if (!lines_.empty()) throw HarnessError(lines_);
  }

 private:
  std::string file_, lines_{};
};

void check_pages(const attention::PageRule& rule, const units::AttentionGeometry& g,
                 Refusals& refusals) {
  refusals.expect("page", static_cast<int>(rule.page), g.page);
  refusals.expect("logical_page", static_cast<int>(rule.logical_page), g.page / g.logical_pages);
  refusals.expect("reuse", static_cast<int>(rule.reuse), g.interval);
  refusals.expect<std::string>("ties", rule.ties == attention::Ties::lowest ? "lowest" : "highest",
                               "lowest");
}

void check_stream(const attention::StreamRule& rule, const units::AttentionGeometry& g,
                  Refusals& refusals) {
  const bool blocks = rule.unit == attention::StreamUnit::blocks;
  refusals.expect<std::string>("stream_unit", blocks ? "blocks" : "tokens", "blocks");
  refusals.expect("block", static_cast<int>(rule.block), g.page);
  refusals.expect("sink (in blocks)", static_cast<int>(rule.sink_blocks()), g.sink);
  refusals.expect("recent (in blocks, and the one being filled)",
                  static_cast<int>(rule.ring_blocks()), g.ring);
}

void check_top_p(const HeadPolicy& policy, Refusals& refusals) {
  refusals.expect("estimate_all", policy.estimate_all, false);
  refusals.expect<std::string>(
      "top_p_start", policy.top_p.start == attention::TopPStart::max ? "max" : "first", "max");
}

HeadSetting dense() {
  return {.name = "dense"};
}

HeadSetting streaming(const units::AttentionGeometry& g) {
  HeadSetting setting{.name = "streaming"};
  setting.policy.select = Select::stream;
  attention::StreamRule& rule = setting.policy.stream;
  rule.unit = attention::StreamUnit::blocks;
  rule.block = static_cast<std::size_t>(g.page);
  rule.sink = static_cast<std::size_t>(g.sink * g.page);
  rule.recent = static_cast<std::size_t>((g.ring - 1) * g.page);
  return setting;
}

HeadSetting quest(const units::AttentionGeometry& g, std::size_t tokens) {
  HeadSetting setting{.name = "Quest"};
  setting.policy.select = Select::pages;
  attention::PageRule& rule = setting.policy.pages;
  rule.page = static_cast<std::size_t>(g.page);
  rule.logical_page = static_cast<std::size_t>(g.page / g.logical_pages);
  rule.reuse = static_cast<std::size_t>(g.interval);
  rule.budget = std::max(rule.page, tokens / kUsualShare);
  return setting;
}

HeadSetting pruned(HeadSetting setting) {
  setting.name += fmt::format(", top-p {}", kUsualMass);
  setting.policy.prune = true;
  setting.policy.top_p.p = kUsualMass;
  setting.policy.estimate_bits = 16;
  return setting;
}

}  // namespace

HeadSetting head_setting(const std::filesystem::path& file, const attention::ModelShape& shape,
                         std::size_t layer, std::size_t kv_head,
                         const units::AttentionGeometry& g) {
  const attention::Policy policy = attention::load_policy(file, shape);
  if (layer >= shape.layers || kv_head >= shape.kv_heads)
    throw HarnessError(fmt::format("KV head {} of layer {}: expected 0..{} of 0..{}", kv_head,
                                   layer, shape.kv_heads - 1, shape.layers - 1));
  const HeadSetting setting{policy.name, policy.heads[layer][kv_head],
                            std::min(policy.kv_bits, kMostKvBits)};
  Refusals refusals(file.string());
  if (setting.policy.select == Select::pages) check_pages(setting.policy.pages, g, refusals);
  if (setting.policy.select == Select::stream) check_stream(setting.policy.stream, g, refusals);
  if (setting.policy.prune) check_top_p(setting.policy, refusals);
  refusals.raise();
  return setting;
}

std::vector<HeadSetting> usual_settings(const units::AttentionGeometry& g, std::size_t tokens) {
  const auto page = static_cast<std::size_t>(g.page);
  std::vector<HeadSetting> settings = {streaming(g), quest(g, tokens), pruned(quest(g, tokens))};
  if ((tokens + page - 1) / page <= static_cast<std::size_t>(g.max_listed))
    settings.insert(settings.begin(), dense());
  return settings;
}

std::vector<std::string> remarks_on(const HeadSetting& setting) {
  const HeadPolicy& policy = setting.policy;
  if (!policy.prune || policy.estimate_bits == 16 || policy.estimate_bits == setting.kv_bits)
    return {};
  return {fmt::format("{}: top-p judges scores of the cached {}-bit keys, not of a {}-bit estimate",
                      setting.name, setting.kv_bits, policy.estimate_bits)};
}

EngineTask decode_task(const HeadSetting& setting, std::size_t tokens, std::size_t columns,
                       const units::AttentionGeometry& g) {
  const HeadPolicy& policy = setting.policy;
  const auto page = static_cast<std::size_t>(g.page);
  EngineTask task;
  task.kv_bits = setting.kv_bits;
  task.tokens = tokens;
  task.visible.assign(columns, (tokens - 1) % page + 1);
  if (policy.select == Select::stream) task.source = PageSource::stream;
  if (policy.select == Select::pages && !policy.pages.dense(tokens)) {
    task.source = PageSource::scores;
    task.places = policy.pages.places(tokens);
    task.force_last = policy.pages.force_last;
  }
  if (policy.prune) task.mass = static_cast<std::uint32_t>(std::lround(policy.top_p.p * 65536));
  task.unite = policy.group_union;
  return task;
}

}  // namespace hasse::harness
