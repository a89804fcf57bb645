// SPDX-License-Identifier: Apache-2.0
// A design's engine as golden's models know it.
#pragma once

#include "generator/design/design.hpp"
#include "golden/transitive/weight_stream.hpp"

namespace hasse::design {

/// The engine of `design`, of which fields that it does not have are ignored.
transitive::EngineConfig engine_config(const Design& design);

/// Planes of a weight row in one beat of the weight stream.
int beat_planes(const Design& design);

/// Bits of a beat of the weight stream.
int weight_beat_bits(const Design& design);

}  // namespace hasse::design
