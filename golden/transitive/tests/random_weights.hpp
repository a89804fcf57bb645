// SPDX-License-Identifier: Apache-2.0
// Random weight matrices for the tests, the benchmark and the table of cycles.
#pragma once

#include <cstdint>

#include "golden/transitive/weight_stream.hpp"

namespace hasse::transitive::testing {

/// A [n x k] matrix of uniform values over all of the `weight_bits`-bit range. The same arguments
/// give the same matrix with every standard library.
tensor::Matrix<std::int8_t> random_weights(int n, int k, int weight_bits, std::uint32_t seed = 1);

}  // namespace hasse::transitive::testing
