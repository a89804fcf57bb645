// SPDX-License-Identifier: Apache-2.0
#include "verif/attention/layer_operands.hpp"

#include <fmt/format.h>

#include <random>
#include <string>
#include <vector>

#include "golden/model/llama.hpp"
#include "golden/model/operators.hpp"
#include "golden/tensor/file.hpp"
#include "verif/harness/embedded.hpp"
#include "verif/harness/errors.hpp"
#include "verif/harness/language_model.hpp"

namespace hasse::harness {

namespace {

/// The tokens of the first window of `text`.
std::vector<model::Token> window(const std::filesystem::path& text, std::size_t most) {
  const std::string bytes =
      text.empty() ? std::string(embedded_calibration()) : tensor::read_file(text);
  if (bytes.size() < 2)
    throw HarnessError(
        fmt::format("{}: {} bytes; expected a text of two or more", text.string(), bytes.size()));
  return model::byte_tokens(bytes.substr(0, most));
}

}  // namespace

LayerOperands layer_operands(std::size_t layer, const std::filesystem::path& model,
                             const std::filesystem::path& text) {
  const model::Llama llama = load_model(model);
  const model::Config& config = llama.config();
  if (layer >= config.num_hidden_layers)
    throw HarnessError(fmt::format("layer {}: expected 0..{}, the layers of {}", layer,
                                   config.num_hidden_layers - 1,
                                   model.empty() ? "the embedded model" : model.string()));
  LayerOperands operands;
  const auto keep = [&](std::size_t at, const tensor::Matrix<float>& q,
                        const tensor::Matrix<float>& k, const tensor::Matrix<float>& v) {
    if (at == layer) operands = {q, k, v, config.head_dim};
    return model::attend(q, k, v, config.head_dim);
  };
  llama.forward(window(text, config.max_position_embeddings), {}, keep);
  return operands;
}

LayerOperands random_operands(std::size_t tokens, std::size_t dim, std::size_t group,
                              std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  const auto rows = [&](std::size_t width) {
    tensor::Matrix<float> matrix(tokens, width);
    std::generate_n(matrix.data(), matrix.size(), [&] { return normal(random); });
    return matrix;
  };
  return {rows(group * dim), rows(dim), rows(dim), dim};
}

}  // namespace hasse::harness
