// SPDX-License-Identifier: Apache-2.0
// The text that searches look at activations over.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "golden/model/llama.hpp"
#include "golden/model/tokenizer.hpp"

namespace hasse::quantize {

/// Windows of `model`'s tokens over the text `file`; empty: the embedded one, 16 KiB of this
/// project's documentation. Throws model::ModelError when the text has no whole window or the
/// model's tokens are not bytes and there is no tokenizer, tensor::FormatError for the file.
std::vector<std::vector<model::Token>> calibration_windows(
    const model::Config& config, const std::filesystem::path& file,
    const std::optional<model::Tokenizer>& tokenizer = {});

}  // namespace hasse::quantize
