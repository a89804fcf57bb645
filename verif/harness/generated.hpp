// SPDX-License-Identifier: Apache-2.0
// A generated directory as the harness sees it: through its manifest only.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>

#include "verif/harness/engine.hpp"
#include "verif/harness/rtl_source.hpp"

namespace hasse::harness {

/// The files of the generated directory `dir` and its module `top` (empty: the manifest's top
/// module). Throws synth::InputError for a bad manifest, HarnessError when it has no such module
/// (the message lists them).
RtlSource generated_source(const std::filesystem::path& dir, std::string_view top = {});

/// The numbers of an engine from the members "design" and "derived" of its manifest; `file` is only
/// used in messages. Throws HarnessError for a member that is missing or cannot be, and for an
/// attention engine.
Engine engine_of(const nlohmann::json& design, const nlohmann::json& derived,
                 const std::filesystem::path& file);

/// The numbers of the engine in `dir`. Throws synth::InputError for a bad manifest, HarnessError
/// for an attention engine.
Engine generated_engine(const std::filesystem::path& dir);

}  // namespace hasse::harness
