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

/// Bytes of the number at the start of a file that says how long the header is.
inline constexpr std::size_t kHeaderLengthSize = 8;

/// The length of the header of a file of `size` bytes that messages call `name` and that starts
/// with `bytes`. Throws FormatError when the file is too short for it.
std::size_t header_length(std::string_view bytes, std::size_t size, const std::string& name);

/// Name, element type and shape of a tensor to be written.
struct TensorEntry {
  std::string name;
  Dtype dtype;
  std::vector<std::size_t> shape;
};

/// What a safetensors file of `tensors`, in that order, and `metadata` starts with: length and
/// header. Throws FormatError when a name occurs twice or a shape's size overflows.
std::string format_safetensors_header(const std::vector<TensorEntry>& tensors,
                                      const std::map<std::string, std::string>& metadata);

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
