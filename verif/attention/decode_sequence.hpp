// SPDX-License-Identifier: Apache-2.0
// A sequence that an attention engine decodes: a head of a language model, or random operands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "golden/attention/units/engine_operands.hpp"
#include "verif/attention/engine_policy.hpp"
#include "verif/attention/layer_operands.hpp"

namespace hasse::harness {

/// What an engine attends to, and by which policies.
struct DecodeOptions {
  /// The last so many tokens of the sequence are decoded, one by one.
  std::size_t steps = 1;
  /// Tokens of the sequence; 0: all that the model's window has, or kRandomTokens.
  std::size_t tokens = 0;
  /// Policy files for the model, in each of which `layer` and `kv_head` say whose part is followed,
  /// with random operands, too; none: usual_settings.
  std::vector<std::filesystem::path> policies{};
  std::size_t layer = 2, kv_head = 0;
  /// safetensors of a byte-level Llama; empty: the embedded one.
  std::filesystem::path model{};
  /// What the model reads; empty: the embedded calibration text.
  std::filesystem::path text{};
  /// Normally distributed operands of the engine's size. So are those of an engine whose channels
  /// are not the embedded model's, if no model is named.
  bool random = false;
  std::uint64_t seed = 1;  ///< Of random operands.
};

inline constexpr std::size_t kRandomTokens = 512;

/// A step, ready to run.
struct DecodeStep {
  attention::units::EngineTask task{};
  attention::units::EngineQueries queries{};
  attention::units::EngineMemory memory{};
  attention::Indices slots{};  ///< Of a streaming head, in the order of their tokens.
};

/// All steps under one policy.
struct DecodeSeries {
  HeadSetting setting{};
  std::vector<DecodeStep> steps{};
};

/// A sequence with all of its steps.
struct DecodeSequence {
  std::string description{};
  std::size_t tokens = 0;
  std::vector<DecodeSeries> series{};
  std::vector<std::string> remarks{};  ///< Where an engine differs from a policy's words.
};

/// Makes the steps for an engine of `g`. Throws HarnessError for a head that does not fit the
/// engine, a sequence longer than its pages or the model's window, steps that read more pages than
/// it lists, and what head_setting refuses; tensor::FormatError for files.
DecodeSequence make_sequence(const units::AttentionGeometry& g, const DecodeOptions& options);

/// The model's shape of the engine.
attention::units::EngineShape shape_of(const units::AttentionGeometry& g);

}  // namespace hasse::harness
