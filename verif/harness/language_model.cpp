// SPDX-License-Identifier: Apache-2.0
#include "verif/harness/language_model.hpp"

#include <string>

#include "golden/tensor/safetensors.hpp"
#include "verif/harness/embedded.hpp"

namespace hasse::harness {

model::Llama load_model(const std::filesystem::path& file) {
  if (!file.empty()) return model::Llama::load(file);
  return model::Llama(tensor::Safetensors::parse(std::string(embedded_model()), "embedded model"));
}

}  // namespace hasse::harness
