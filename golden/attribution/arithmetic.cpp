// SPDX-License-Identifier: Apache-2.0
// Products in float32 and in integers, behind one door.
#include "golden/attribution/arithmetic.hpp"

#include "golden/attribution/products.hpp"
#include "golden/tensor/gemm.hpp"

namespace hasse::attribution {
namespace {

using tensor::Matrix;

Matrix<float> multiply_integers(const Matrix<float>& x, const std::string& name,
                                const quant::QuantizedWeights& w, const IntegerProduct& product) {
  const auto tokens = quant::quantize_activations<std::int8_t>(tensor::transpose(x), 8);
  const Matrix<std::int32_t> y = product(name, w.values, tokens.values, w.bits);
  Matrix<float> result(x.rows(), w.values.rows());
  for (std::size_t m = 0; m < result.rows(); ++m)
    for (std::size_t n = 0; n < result.cols(); ++n)
      result(m, n) = static_cast<float>(y(n, m)) * (w.scales[n] * tokens.scales[m]);
  return result;
}

int weight_bits(Precision precision) {
  return precision == Precision::w4a8 ? 4 : 8;
}

Matrix<std::int32_t> golden_product(const std::string&, const Matrix<std::int8_t>& w,
                                    const Matrix<std::int8_t>& x, int) {
  return tensor::gemm<std::int32_t>(w, x);
}

}  // namespace

std::string_view name_of(Precision precision) {
  switch (precision) {
    case Precision::w8a8:
      return "w8a8";
    case Precision::w4a8:
      return "w4a8";
    default:
      return "float";
  }
}

Weights::Weights(std::string name, const Matrix<float>& matrix, std::vector<float> bias,
                 Precision precision)
    : name_(std::move(name)), outputs_(matrix.rows()), bias_(std::move(bias)) {
  if (precision == Precision::f32)
    packed_ = pack_transposed(matrix);
  else
    integers_ = quant::quantize_weights(matrix, weight_bits(precision));
}

Arithmetic::Arithmetic(Precision precision, IntegerProduct product)
    : precision_(precision), product_(product ? std::move(product) : golden_product) {}

Matrix<float> Arithmetic::multiply(const Matrix<float>& x, const Weights& weights) const {
  if (x.rows() == 0) return {0, weights.outputs_};
  Matrix<float> y = precision_ == Precision::f32
                        ? multiply_packed(x, weights.packed_, weights.outputs_)
                        : multiply_integers(x, weights.name_, weights.integers_, product_);
  if (weights.bias_.empty()) return y;
  for (std::size_t m = 0; m < y.rows(); ++m)
    for (std::size_t n = 0; n < y.cols(); ++n) y(m, n) += weights.bias_[n];
  return y;
}

Matrix<float> Arithmetic::multiply(const Matrix<float>& x, const std::string& name,
                                   const Matrix<float>& weights) const {
  return multiply(x, Weights(name, weights, {}, precision_));
}

}  // namespace hasse::attribution
