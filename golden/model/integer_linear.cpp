// SPDX-License-Identifier: Apache-2.0
// Integer products and their real scales.
#include "golden/model/integer_linear.hpp"

#include <utility>

#include "golden/tensor/gemm.hpp"

namespace hasse::model {
namespace {

using tensor::Matrix;

Matrix<std::int16_t> integers_of(const HardwareWeights& weights) {
  if (const auto* grouped = std::get_if<quant::GroupedWeights>(&weights))
    return quant::scaled_weights(grouped->codes, grouped->groups);
  return quant::decoded(std::get<quant::OliveWeights>(weights));
}

const std::vector<float>& row_scales(const HardwareWeights& weights) {
  if (const auto* grouped = std::get_if<quant::GroupedWeights>(&weights))
    return grouped->row_scales;
  return std::get<quant::OliveWeights>(weights).scales;
}

}  // namespace

IntegerLinear::IntegerLinear(HardwareWeights weights, ActivationRule activations)
    : weights_(std::move(weights)),
      rule_(std::move(activations)),
      integers_(integers_of(weights_)) {}

quant::QuantizedActivations<std::int16_t> IntegerLinear::activations(
    const Matrix<float>& input) const {
  const Matrix<float> columns = tensor::transpose(input);
  if (const int* bits = std::get_if<int>(&rule_))
    return quant::quantize_activations<std::int16_t>(columns, *bits);
  const auto& scale = std::get<quant::OliveScale>(rule_);
  return {quant::decoded(quant::quantize_olive_activations(columns, scale)),
          std::vector<float>(columns.cols(), scale.scale), scale.format.bits};
}

Matrix<std::int64_t> IntegerLinear::product(const Matrix<std::int16_t>& activations) const {
  return tensor::gemm<std::int64_t>(integers_, activations);
}

Matrix<float> IntegerLinear::operator()(const Matrix<float>& input) const {
  const auto x = activations(input);
  const Matrix<std::int64_t> y = product(x.values);
  const std::vector<float>& rows = row_scales(weights_);
  Matrix<float> result(y.cols(), y.rows());
  for (std::size_t n = 0; n < y.rows(); ++n)
    for (std::size_t t = 0; t < y.cols(); ++t)
      result(t, n) = static_cast<float>(static_cast<double>(y(n, t)) * rows[n] * x.scales[t]);
  return result;
}

}  // namespace hasse::model
