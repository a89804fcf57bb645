// SPDX-License-Identifier: Apache-2.0
// The matrix products of attribution models: in float32, or in the integers of the arrays.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "golden/quant/quantize.hpp"
#include "golden/tensor/matrix.hpp"

namespace hasse::attribution {

/// What products are computed in: float32, or weights of 8 or 4 bits and activations of 8.
enum class Precision { f32, w8a8, w4a8 };

/// "float", "w8a8" or "w4a8".
std::string_view name_of(Precision precision);

/// The exact product W [N x K] * X [K x M] of integers, W of `weight_bits`. `name` says which of a
/// model's products it is.
using IntegerProduct = std::function<tensor::Matrix<std::int32_t>(
    const std::string& name, const tensor::Matrix<std::int8_t>& w,
    const tensor::Matrix<std::int8_t>& x, int weight_bits)>;

/// A weight matrix made ready for products in one precision.
class Weights {
 public:
  Weights() = default;
  /// `matrix` is N x K, `bias` of N values or empty. Throws quant::QuantError when an integer
  /// precision is asked for and a value is not finite.
  Weights(std::string name, const tensor::Matrix<float>& matrix, std::vector<float> bias,
          Precision precision);

 private:
  friend class Arithmetic;
  std::string name_;
  std::size_t outputs_ = 0;
  tensor::Matrix<float> packed_;      ///< K x N rounded up, for float32.
  quant::QuantizedWeights integers_;  ///< For the others.
  std::vector<float> bias_;
};

/// Computes products. Every row of a result depends on its own row of inputs alone, bit for bit:
/// not on the rows beside it, nor on where either lies in memory.
class Arithmetic {
 public:
  /// Integer products are made by `product`; golden's, if there is none.
  explicit Arithmetic(Precision precision, IntegerProduct product = {});

  Precision precision() const { return precision_; }

  /// x [M x K] times the transpose of `weights` [N x K], plus the bias: [M x N]. In integers every
  /// row of x is quantised to eight bits by itself.
  tensor::Matrix<float> multiply(const tensor::Matrix<float>& x, const Weights& weights) const;

  /// The same for weights that are themselves computed, as in attention.
  tensor::Matrix<float> multiply(const tensor::Matrix<float>& x, const std::string& name,
                                 const tensor::Matrix<float>& weights) const;

 private:
  Precision precision_;
  IntegerProduct product_;
};

}  // namespace hasse::attribution
