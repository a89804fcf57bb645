// SPDX-License-Identifier: Apache-2.0
#include "verif/attention/decode_run.hpp"

#include <fmt/format.h>

#include <numeric>

#include "verif/harness/errors.hpp"

namespace hasse::harness {
namespace {

using attention::units::EngineStep;

/// How many of the outputs, lists and bytes are not the model's.
std::uint64_t differences(const AttentionRun& run, const EngineStep& golden) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < golden.out.size(); ++i)
    count += run.out.values()[i] == golden.out.values()[i] ? 0 : 1;
  return count + (run.listed == golden.listed ? 0 : 1) +
         (run.value_pages == golden.value_pages ? 0 : 1) + (run.bytes == golden.bytes ? 0 : 1);
}

/// A series on an engine and on its model, step by step.
class SeriesRunner {
 public:
  SeriesRunner(Model& model, const units::AttentionGeometry& g, const DecodeSeries& series)
      : driver_(model, g), golden_(shape_of(g)), g_(g), series_(series) {
    clear();
  }

  DecodeResult run(const DecodeStep& step, const MemoryPace& pace, std::uint64_t seed) {
    const attention::units::KvMemory& memory = step.memory.memory;
    if (chooses_at(step.task.tokens - 1)) clear();
    const EngineStep golden = golden_.run(step.task, step.queries.queries, memory, step.slots);
    check(golden);
    if (!step.slots.empty()) follow_stream(step.task.tokens);
    const KvStore store(g_, memory, step.task.kv_bits, seed);
    DecodeResult result{step.task.tokens, driver_.run(step.task, step.queries.queries,
                                                      memory.bounds.pages(), store, pace, seed)};
    if (result.run.refused)
      throw ProtocolError(fmt::format("{}: the engine refused a step that it can do", name()));
    result.outputs = golden.out.size();
    result.mismatches = differences(result.run, golden);
    result.kept = std::accumulate(golden.kept.begin(), golden.kept.end(), 0.0) /
                  static_cast<double>(golden.kept.size());
    return result;
  }

 private:
  const std::string& name() const { return series_.setting.name; }

  void clear() {
    driver_.clear();
    golden_.clear();
  }

  /// Whether a kept list ends before the token at `position`. Policies count positions of the
  /// sequence, the engine steps since it was cleared.
  bool chooses_at(std::size_t position) const {
    return series_.setting.policy.select == attention::Select::pages &&
           position % static_cast<std::size_t>(g_.interval) == 0;
  }

  void check(const EngineStep& golden) const {
    if (golden.listed.size() <= static_cast<std::size_t>(g_.max_listed)) return;
    throw HarnessError(
        fmt::format("{}: a step reads {} pages; expected at most max_listed = {}, the engine's",
                    name(), golden.listed.size(), g_.max_listed));
  }

  /// Tells the engine of the pages that have begun.
  void follow_stream(std::size_t tokens) {
    for (; streamed_ * static_cast<std::size_t>(g_.page) < tokens; ++streamed_)
      driver_.advance_stream();
  }

  AttentionDriver driver_;
  attention::units::AttentionEngine golden_;
  const units::AttentionGeometry& g_;
  const DecodeSeries& series_;
  std::size_t streamed_ = 0;
};

}  // namespace

std::vector<DecodeResult> run_series(Model& model, const units::AttentionGeometry& g,
                                     const DecodeSeries& series, const MemoryPace& pace,
                                     std::uint64_t seed,
                                     const std::function<void(std::size_t)>& tell) {
  SeriesRunner runner(model, g, series);
  std::vector<DecodeResult> results;
  for (const DecodeStep& step : series.steps) {
    results.push_back(runner.run(step, pace, seed + results.size()));
    if (tell) tell(results.size());
  }
  return results;
}

std::size_t dense_bytes(const units::AttentionGeometry& g, std::size_t tokens, int kv_bits) {
  const auto page = static_cast<std::size_t>(g.page);
  const std::size_t pages = (tokens + page - 1) / page;
  const auto codes = static_cast<std::size_t>(2 * g.dim * kv_bits / 8);
  return pages * page * (codes + 2 * units::AttentionGeometry::kScaleBits / 8);
}

nlohmann::ordered_json to_json(const DecodeResult& result, const units::AttentionGeometry& g,
                               int kv_bits) {
  const attention::units::EngineBytes& bytes = result.run.bytes;
  return {{"tokens", result.tokens},
          {"tokens_kept", result.kept},
          {"pages", result.run.listed.size()},
          {"value_pages", result.run.value_pages.size()},
          {"cycles", result.run.cycles},
          {"bytes",
           {{"bounds", bytes.bounds},
            {"key_scales", bytes.key_scales},
            {"key_codes", bytes.key_codes},
            {"value_scales", bytes.value_scales},
            {"value_codes", bytes.value_codes},
            {"all", bytes.all()}}},
          {"bytes_dense", dense_bytes(g, result.tokens, kv_bits)},
          {"outputs", result.outputs},
          {"mismatches", result.mismatches}};
}

}  // namespace hasse::harness
