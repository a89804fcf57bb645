// SPDX-License-Identifier: Apache-2.0
// The JSON header of a safetensors file, parsed and checked against the size of the data.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "golden/tensor/safetensors.hpp"

namespace hasse::tensor {

/// What the header of a safetensors file holds.
struct SafetensorsHeader {
  std::map<std::string, std::string> metadata;
  std::map<std::string, TensorInfo> tensors;
};

/// Parses the JSON `text` of a file that messages call `name` and that has `data_size` bytes after
/// the header. Throws FormatError unless every tensor is well formed and together they cover the
/// data exactly.
SafetensorsHeader parse_safetensors_header(std::string_view text, std::size_t data_size,
                                           const std::string& name);

/// The format's name of `dtype`: "I8", "BF16", ...
std::string_view safetensors_name(Dtype dtype);

/// Bytes that a tensor of `shape` takes; nothing when that number does not fit std::size_t.
std::optional<std::size_t> byte_size(Dtype dtype, const std::vector<std::size_t>& shape);

}  // namespace hasse::tensor
