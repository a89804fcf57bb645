// SPDX-License-Identifier: Apache-2.0
#include "verif/attention/verify_attention.hpp"

#include "generator/design/design.hpp"
#include "synth/manifest/manifest.hpp"

namespace hasse::harness {

bool holds_attention(const std::filesystem::path& dir) {
  return synth::Manifest::load(dir).design.contains("attention");
}

units::AttentionGeometry generated_attention(const std::filesystem::path& dir) {
  const synth::Manifest manifest = synth::Manifest::load(dir);
  return units::AttentionGeometry(
      design::parse(manifest.design.dump(), (manifest.directory / "manifest.json").string()));
}

std::uint64_t VerifyAttentionResult::mismatches() const {
  std::uint64_t sum = 0;
  for (const VerifiedSeries& one : series)
    for (const DecodeResult& step : one.steps) sum += step.mismatches;
  return sum;
}

std::uint64_t VerifyAttentionResult::outputs() const {
  std::uint64_t sum = 0;
  for (const VerifiedSeries& one : series)
    for (const DecodeResult& step : one.steps) sum += step.outputs;
  return sum;
}

VerifyAttentionResult verify_attention(const VerifyAttentionOptions& options,
                                       const ProgressFn& progress) {
  const auto tell = [&](const std::string& stage, double share) {
    if (progress) progress(stage, share);
  };
  VerifyAttentionResult result{.workload = {}, .geometry = generated_attention(options.dir)};
  result.pace = options.pace;
  result.seed = options.seed;
  tell("preparing the operands", 0);
  const DecodeSequence sequence = make_sequence(result.geometry, options.decode);
  result.workload = sequence.description;
  result.remarks = sequence.remarks;
  tell("building the simulation", 0);
  BuildOptions build = options.build;
  build.trace = !options.trace.empty();
  result.library = VerilatedLibrary::build(options.dir, "", build);
  Model model(result.library.object, static_cast<std::uint32_t>(options.seed));
  if (build.trace) model.start_trace(options.trace);
  model.reset();
  for (const DecodeSeries& series : sequence.series) {
    const auto done = [&](std::size_t steps) {
      tell(series.setting.name,
           static_cast<double>(steps) / static_cast<double>(series.steps.size()));
    };
    done(0);
    result.series.push_back({series.setting, run_series(model, result.geometry, series,
                                                        options.pace, options.seed, done)});
  }
  return result;
}

nlohmann::ordered_json to_json(const VerifyAttentionResult& result) {
  nlohmann::ordered_json json = {{"workload", result.workload}, {"mismatches", result.mismatches()},
                                 {"outputs", result.outputs()}, {"seed", result.seed},
                                 {"stall", result.pace.stall},  {"remarks", result.remarks}};
  if (result.pace.bytes_per_cycle < kNoLimit)
    json["memory"] = {{"bandwidth", result.pace.bytes_per_cycle}, {"latency", result.pace.latency}};
  for (const VerifiedSeries& series : result.series) {
    nlohmann::ordered_json one = {{"name", series.setting.name},
                                  {"kv_bits", series.setting.kv_bits}};
    for (const DecodeResult& step : series.steps)
      one["steps"].push_back(to_json(step, result.geometry, series.setting.kv_bits));
    json["series"].push_back(std::move(one));
  }
  json["simulation_cached"] = result.library.from_cache;
  json["verilate_seconds"] = result.library.verilate_seconds;
  json["compile_seconds"] = result.library.compile_seconds;
  return json;
}

}  // namespace hasse::harness
