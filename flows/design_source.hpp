// SPDX-License-Identifier: Apache-2.0
// The engine that a verb is about, from a design or from what was generated of it.
#pragma once

#include <filesystem>

#include "verif/harness/engine.hpp"

namespace hasse::flows {

/// The engine of a design's JSON file, or of a directory that hasse generate wrote. Throws
/// design::DesignError and harness::HarnessError.
harness::Engine load_engine(const std::filesystem::path& design);

}  // namespace hasse::flows
