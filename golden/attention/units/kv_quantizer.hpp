// SPDX-License-Identifier: Apache-2.0
// Bit-true model of kv_quantizer: one vector of a KV cache to 4- or 8-bit codes, without a
// multiplier.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hasse::attention::units {

/// One cached vector: element d stands for low + codes[d] * range / (2^bits - 1).
struct KvWord {
  std::vector<std::uint8_t> codes;
  std::int16_t low = 0;     ///< Smallest element.
  std::uint16_t range = 0;  ///< Largest minus smallest element.

  bool operator==(const KvWord&) const = default;
};

/// Quantises `vector` of 16-bit integers to `bits` = 4 or 8 per element:
/// codes[d] = floor(((vector[d] - low) * (2^bits - 1) + range / 2) / range), halves rounded up, and
/// 0 when the range is 0. The product is a shift and a subtraction, the quotient `bits` steps of
/// restoring division; no element is off by more than half a step, range / (2^bits - 1) / 2.
KvWord quantize_kv(std::span<const std::int16_t> vector, int bits);

}  // namespace hasse::attention::units
