// SPDX-License-Identifier: Apache-2.0
// Models in the format of llama2.c.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "golden/tensor/safetensors.hpp"

namespace hasse::model {

/// Reads a llama2.c checkpoint (version 0: seven int32 - dim, hidden_dim, layers, heads, KV heads,
/// vocabulary, sequence length - and float32 weights) as the safetensors file that Hugging Face's
/// Llama would be: same names, rows of q_proj and k_proj reordered from pairs of neighbours to
/// halves of a head. Throws tensor::FormatError naming file, field, value and expectation for a
/// header out of range, a file that is not as long as its header says, and a head of its own.
tensor::Safetensors load_llama2c(const std::filesystem::path& path);

/// As load_llama2c, from the `bytes` of a file that messages call `name`.
tensor::Safetensors parse_llama2c(std::string_view bytes, const std::string& name);

}  // namespace hasse::model
