// SPDX-License-Identifier: Apache-2.0
#include "flows/predict/layer_weights.hpp"

#include <fmt/format.h>

#include <memory>
#include <random>

#include "golden/quant/quantize.hpp"
#include "golden/tensor/safetensors.hpp"

namespace hasse::predict {
namespace {

using Codes = tensor::Matrix<std::int8_t>;

void check_codes(const Codes& codes, const Layer& layer) {
  const int limit = 1 << (layer.shape.weight_bits - 1);
  for (std::size_t row = 0; row < codes.rows(); ++row)
    for (std::size_t column = 0; column < codes.cols(); ++column)
      if (codes(row, column) < -limit || codes(row, column) >= limit)
        throw tensor::FormatError(
            layer.weights.string(), fmt::format("{}[{}, {}]", layer.tensor, row, column),
            std::to_string(codes(row, column)), fmt::format("{}..{}", -limit, limit - 1));
}

Codes read_codes(const Layer& layer) {
  const tensor::Safetensors file = tensor::Safetensors::load(layer.weights);
  if (file.info(layer.tensor).dtype != tensor::Dtype::i8)
    return quant::quantize_weights(file.matrix<float>(layer.tensor), layer.shape.weight_bits)
        .values;
  Codes codes = file.matrix<std::int8_t>(layer.tensor);
  check_codes(codes, layer);
  return codes;
}

Codes slice(const Codes& codes, int first, int count) {
  const std::int8_t* begin = codes.row(static_cast<std::size_t>(first)).data();
  const auto rows = static_cast<std::size_t>(count);
  return {rows, codes.cols(), std::vector<std::int8_t>(begin, begin + rows * codes.cols())};
}

}  // namespace

transitive::WeightRows gaussian_rows(int k, int weight_bits, std::uint64_t seed) {
  return [=](int first, int count) {
    tensor::Matrix<float> values(static_cast<std::size_t>(count), static_cast<std::size_t>(k));
    for (int row = 0; row < count; ++row) {
      std::mt19937_64 random((seed << 32) + static_cast<std::uint64_t>(first + row));
      std::normal_distribution<float> normal;
      for (float& value : values.row(static_cast<std::size_t>(row))) value = normal(random);
    }
    return quant::quantize_weights(values, weight_bits).values;
  };
}

transitive::WeightRows layer_rows(const Layer& layer, std::uint64_t seed) {
  if (layer.weights.empty()) return gaussian_rows(layer.shape.k, layer.shape.weight_bits, seed);
  const auto codes = std::make_shared<Codes>(read_codes(layer));
  return [codes](int first, int count) { return slice(*codes, first, count); };
}

}  // namespace hasse::predict
