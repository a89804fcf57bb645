// SPDX-License-Identifier: Apache-2.0
// Floating-point elements between files and float32.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "golden/tensor/dtype.hpp"

namespace hasse::tensor {

/// Whether `dtype` is F16, BF16 or F32.
bool is_float(Dtype dtype);

/// The elements in `bytes`, little endian, of a `dtype` that is_float; exact.
std::vector<float> floats_of(Dtype dtype, std::string_view bytes);

/// `values` as elements of a `dtype` that is_float, rounded to nearest, halves to even.
std::string bytes_of(Dtype dtype, std::span<const float> values);

/// The half-precision number nearest to `value`, halves to even.
float rounded_to_half(float value);

}  // namespace hasse::tensor
