// SPDX-License-Identifier: Apache-2.0
// Designs whose control units are tested and proved.
#pragma once

#include <array>

namespace hasse::unit {

/// Of gemm_control.
inline constexpr std::array kControlDesigns = {
    R"({"lanes": 2, "rows": 32, "weight_bits": 3, "max_n": 1, "max_k": 5, "max_m": 100})",
    R"({"lanes": 1, "rows": 8, "weight_bits": 2, "max_n": 127, "max_k": 64, "max_m": 65535})",
    R"({"tile_bits": 10, "lanes": 16, "rows": 256})"};

/// Of arrays whose units divide the rows, or the columns.
inline constexpr const char* kRowsDivided =
    R"({"units": 3, "lanes": 2, "columns": 6, "columns_per_adder": 2, "rows": 32, "max_n": 1000})";
inline constexpr const char* kColumnsDivided =
    R"({"units": 5, "share": "weights", "lanes": 2, "columns": 4, "columns_per_adder": 4,
        "rows": 32})";

}  // namespace hasse::unit
