// SPDX-License-Identifier: Apache-2.0
// The array that attention engines and their units are tested with.
#pragma once

#include <string>

namespace hasse::unit {

/// Its design: a 32-byte word, an N-tile of 8 or 16 rows, a K-tile of 16.
inline std::string split_array(int columns) {
  return R"({"engine": "split", "tile_bits": 2, "tables": 8, "planes": 4, "operand_rows": 4,
             "lanes": 4, "columns_per_adder": 1, "rows": 64, "activation_bits": 16,
             "activations": "either", "weight_bits": 8, "accumulator_bits": 48, "columns": )" +
         std::to_string(columns) + "}";
}

}  // namespace hasse::unit
