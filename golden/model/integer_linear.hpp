// SPDX-License-Identifier: Apache-2.0
// A projection as the hardware computes it: in integers.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "golden/quant/group_scales.hpp"
#include "golden/quant/olive_quantize.hpp"
#include "golden/quant/quantize.hpp"
#include "golden/tensor/matrix.hpp"

namespace hasse::model {

/// Weights with integer scales of groups, or outlier-victim pairs.
using HardwareWeights = std::variant<quant::GroupedWeights, quant::OliveWeights>;

/// How activations become integers: the bits of a step per token (4, 8 or 16), or the type and the
/// scale of outlier-victim pairs of the whole tensor.
using ActivationRule = std::variant<int, quant::OliveScale>;

/// Activations are rounded to integers, multiplied by integer weights exactly, and the product is
/// scaled by the steps of weight row and token. What the array computes is `product`, bit by bit.
class IntegerLinear {
 public:
  /// Throws quant::QuantError when a scaled weight does not fit 16 bits.
  IntegerLinear(HardwareWeights weights, ActivationRule activations);

  const HardwareWeights& weights() const { return weights_; }
  const ActivationRule& activation_rule() const { return rule_; }

  /// The integers [N x K] that the weights stand for, in steps of their rows.
  const tensor::Matrix<std::int16_t>& integers() const { return integers_; }

  /// The activations [K x tokens] of `input`, tokens x K. Throws quant::QuantError for values that
  /// are not finite.
  quant::QuantizedActivations<std::int16_t> activations(const tensor::Matrix<float>& input) const;

  /// The integers times `activations` [K x tokens], exact: N x tokens.
  tensor::Matrix<std::int64_t> product(const tensor::Matrix<std::int16_t>& activations) const;

  /// What stands in for the projection: `input`, tokens x K, to tokens x N.
  tensor::Matrix<float> operator()(const tensor::Matrix<float>& input) const;

 private:
  HardwareWeights weights_;
  ActivationRule rule_;
  tensor::Matrix<std::int16_t> integers_;
};

}  // namespace hasse::model
