// SPDX-License-Identifier: Apache-2.0
// Cuts calibration text into windows.
#include "flows/quantize/calibration.hpp"

#include <string>

#include "golden/model/score.hpp"
#include "golden/tensor/file.hpp"
#include "verif/harness/embedded.hpp"

namespace hasse::quantize {

std::vector<std::vector<model::Token>> calibration_windows(
    const model::Config& config, const std::filesystem::path& file,
    const std::optional<model::Tokenizer>& tokenizer) {
  const std::string text =
      file.empty() ? std::string(harness::embedded_calibration()) : tensor::read_file(file);
  return (tokenizer ? model::token_windows(config, *tokenizer, text)
                    : model::byte_windows(config, text))
      .tokens;
}

}  // namespace hasse::quantize
