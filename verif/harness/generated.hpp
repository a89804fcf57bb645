// SPDX-License-Identifier: Apache-2.0
// A generated directory as the harness sees it: through its manifest only.
#pragma once

#include <filesystem>
#include <string_view>

#include "verif/harness/engine.hpp"
#include "verif/harness/rtl_source.hpp"

namespace hasse::harness {

/// The files of the generated directory `dir` and its module `top` (empty: the manifest's top
/// module). Throws synth::InputError for a bad manifest, HarnessError when it has no such module
/// (the message lists them).
RtlSource generated_source(const std::filesystem::path& dir, std::string_view top = {});

/// The numbers of the engine in `dir`. Throws synth::InputError for a bad manifest.
Engine generated_engine(const std::filesystem::path& dir);

}  // namespace hasse::harness
