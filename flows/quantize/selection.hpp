// SPDX-License-Identifier: Apache-2.0
// Which tensors of a file are quantised, and whether they can be.
#pragma once

#include <string>
#include <vector>

#include "flows/quantize/request.hpp"
#include "golden/tensor/safetensors_stream.hpp"

namespace hasse::quantize {

/// The names of the tensors of `file` that `request` quantises, sorted. Throws tensor::FormatError
/// naming file and tensor when one that was asked for, or a projection of a layer that has others,
/// is missing; when there is none at all; when one is not a float, is empty or not two-dimensional,
/// or its K is no multiple of the group or, for OliVe, odd; and when the floating-point tensors of
/// the file differ in type.
std::vector<std::string> select(const tensor::SafetensorsReader& file, const Request& request);

}  // namespace hasse::quantize
