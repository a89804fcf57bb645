// SPDX-License-Identifier: Apache-2.0
// Cycle-exact model of the systolic array of outlier-victim pairs.
#pragma once

#include <optional>

#include "golden/transitive/streamed_model.hpp"

namespace hasse::transitive {

/// Runs the control of an engine with `config.takes_pairs()` for `shape` with a host that never
/// waits, or waits for `memory` only; equals the Verilated engine cycle for cycle. Codes do not
/// matter: a decoder stands between the register of a pair and the border of the array, where
/// plain operands would pass as well.
StreamedCount count_olive_cycles(const EngineConfig& config, const Shape& shape,
                                 const std::optional<MemoryConfig>& memory = {});

}  // namespace hasse::transitive
