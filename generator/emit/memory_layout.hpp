// SPDX-License-Identifier: Apache-2.0
// How an attention engine's memory is laid out, for people and programs.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "generator/design/design.hpp"
#include "generator/emit/digest.hpp"

namespace hasse::emit {

/// Sizes in words of the memory port: of a block of bounds, a page's scales, its keys and values by
/// the bits of their codes, the latter one of several parts. `design` is an attention engine.
nlohmann::ordered_json memory_json(const design::Design& design);

/// doc/memory.md: what the engine's streams carry and in which order; none for other designs.
std::vector<File> memory_files(const design::Design& design);

}  // namespace hasse::emit
