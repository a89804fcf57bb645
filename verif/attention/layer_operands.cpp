// SPDX-License-Identifier: Apache-2.0
#include "verif/attention/layer_operands.hpp"

#include <string>

#include "golden/model/llama.hpp"
#include "golden/model/operators.hpp"
#include "verif/harness/embedded.hpp"

namespace hasse::harness {

LayerOperands layer_operands(std::size_t layer) {
  const model::Llama model(
      tensor::Safetensors::parse(std::string(embedded_model()), "embedded model"));
  LayerOperands operands;
  operands.dim = model.config().head_dim;
  const auto keep = [&](std::size_t at, const tensor::Matrix<float>& q,
                        const tensor::Matrix<float>& k, const tensor::Matrix<float>& v) {
    if (at == layer) operands = {q, k, v, operands.dim};
    return model::attend(q, k, v, operands.dim);
  };
  const std::string text(embedded_calibration());
  model.forward(model::byte_tokens(text.substr(0, model.config().max_position_embeddings)), {},
                keep);
  return operands;
}

}  // namespace hasse::harness
