// SPDX-License-Identifier: Apache-2.0
// The language model that real operands come from.
#pragma once

#include <filesystem>

#include "golden/model/llama.hpp"

namespace hasse::harness {

/// The byte-level Llama in the safetensors file `file`, the embedded one if that is empty. Throws
/// what model::Llama::load throws.
model::Llama load_model(const std::filesystem::path& file = {});

}  // namespace hasse::harness
