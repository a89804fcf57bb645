// SPDX-License-Identifier: Apache-2.0
// The engine that a verb is pointed at.
#pragma once

#include <filesystem>

#include "verif/harness/engine.hpp"

namespace hasse::flows {

/// The engine of `design`: a design's JSON file, or a directory that hasse generate wrote. Throws
/// what design::load and harness::generated_engine throw.
harness::Engine engine_of(const std::filesystem::path& design);

}  // namespace hasse::flows
