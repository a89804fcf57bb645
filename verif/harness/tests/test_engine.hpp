// SPDX-License-Identifier: Apache-2.0
// The stand-in engine of rtl/transitive_gemm.v as the host sees it.
#pragma once

#include "verif/harness/engine.hpp"

namespace hasse::harness {

/// T = 4, 2 lanes, 4 columns in beats of 2, 32 TransRows, 8-bit activations, shapes up to 1000.
inline Engine test_engine() {
  Engine engine;
  engine.config.tile_bits = 4;
  engine.config.lanes = 2;
  engine.config.columns = 4;
  engine.config.columns_per_adder = 2;
  engine.config.rows = 32;
  engine.prefix_lanes = 3;
  engine.max_n = engine.max_k = engine.max_m = 1000;
  return engine;
}

}  // namespace hasse::harness
