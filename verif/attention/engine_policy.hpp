// SPDX-License-Identifier: Apache-2.0
// What a policy's head asks of an attention engine: the task of each of its steps.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "generator/units/attention_engine.hpp"
#include "golden/attention/policy.hpp"
#include "golden/attention/units/attention_engine.hpp"

namespace hasse::harness {

/// One KV head's part of a policy.
struct HeadSetting {
  std::string name;
  attention::HeadPolicy policy{};
  int kv_bits = 8;  ///< Of a cached key or value, 4 or 8.
};

/// The head `kv_head` of layer `layer` in the policy file `file`, for a model of `shape`. A cache
/// of 16 bits is one of 8, the most that engines hold. Throws attention::PolicyError and
/// tensor::FormatError for the file, HarnessError for a head that the model does not have and for
/// everything of the policy that an engine of `g` does not do, field by field.
HeadSetting head_setting(const std::filesystem::path& file, const attention::ModelShape& shape,
                         std::size_t layer, std::size_t kv_head, const units::AttentionGeometry& g);

/// What an engine of `g` is shown on when nothing else is asked for, in a sequence of `tokens`:
/// dense, its streaming head, Quest's pages with a quarter of the tokens, and those with top-p
/// 0.85. Dense is left out where the engine cannot list all pages.
std::vector<HeadSetting> usual_settings(const units::AttentionGeometry& g, std::size_t tokens);

/// Where an engine follows `setting` in another way than the policy's words, a line each.
std::vector<std::string> remarks_on(const HeadSetting& setting);

/// A decode step of `columns` query heads for the last of `tokens` tokens; its scales are not set.
/// A streaming head's tokens are those of its ring.
attention::units::EngineTask decode_task(const HeadSetting& setting, std::size_t tokens,
                                         std::size_t columns, const units::AttentionGeometry& g);

}  // namespace hasse::harness
