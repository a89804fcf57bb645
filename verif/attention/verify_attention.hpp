// SPDX-License-Identifier: Apache-2.0
// A generated attention engine against its bit-true model, from a directory to a table of numbers.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "verif/attention/decode_run.hpp"
#include "verif/harness/verify.hpp"

namespace hasse::harness {

/// Whether `dir` holds an attention engine. Throws synth::InputError for a bad manifest.
bool holds_attention(const std::filesystem::path& dir);

/// The engine in `dir`. Throws synth::InputError for a bad manifest, design::DesignError for a
/// design in it that is none.
units::AttentionGeometry generated_attention(const std::filesystem::path& dir);

/// What is verified, and how.
struct VerifyAttentionOptions {
  std::filesystem::path dir;  ///< Holds manifest.json.
  DecodeOptions decode{};
  MemoryPace pace{};
  std::uint64_t seed = 1;  ///< Of stalls, of the initial state, and of places without a token.
  std::filesystem::path trace{};  ///< FST file; empty: no trace.
  BuildOptions build{};           ///< `trace` is set as needed.
};

/// What came out of a series.
struct VerifiedSeries {
  HeadSetting setting{};
  std::vector<DecodeResult> steps{};
};

/// What came out.
struct VerifyAttentionResult {
  std::string workload;
  units::AttentionGeometry geometry;
  MemoryPace pace{};
  std::uint64_t seed = 1;
  std::vector<VerifiedSeries> series{};
  std::vector<std::string> remarks{};
  VerilatedLibrary library{};

  std::uint64_t mismatches() const;
  std::uint64_t outputs() const;
};

/// Builds the simulation of `options.dir`, decodes on it, and compares outputs, lists of pages and
/// bytes with the model's. Throws what make_sequence and run_series throw, synth::ToolError for
/// tools. Wrong outputs are not an exception but counted.
VerifyAttentionResult verify_attention(const VerifyAttentionOptions& options,
                                       const ProgressFn& progress = {});

/// The JSON object under the key "verify".
nlohmann::ordered_json to_json(const VerifyAttentionResult& result);

}  // namespace hasse::harness
