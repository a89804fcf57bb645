// SPDX-License-Identifier: Apache-2.0
// Adam's steps on one matrix. Kingma and Ba, "Adam", 2015, with its default constants.
#pragma once

#include <cmath>

#include "golden/tensor/matrix.hpp"

namespace hasse::tensor {

/// The running means of a matrix's gradients and of their squares.
class Adam {
 public:
  /// Moves `values` against `gradient`, of the same shape on every call, by about `rate`; `decay`
  /// times the rate is taken off them, as AdamW does.
  void step(Matrix<float>& values, const Matrix<float>& gradient, float rate, float decay = 0) {
    if (mean_.empty()) mean_ = square_ = Matrix<float>(values.rows(), values.cols());
    ++steps_;
    const float first = 1 - std::pow(kFirst, static_cast<float>(steps_));
    const float second = 1 - std::pow(kSecond, static_cast<float>(steps_));
    for (std::size_t i = 0; i < values.size(); ++i) {
      const float g = gradient.data()[i];
      float& m = mean_.data()[i];
      float& v = square_.data()[i];
      m = kFirst * m + (1 - kFirst) * g;
      v = kSecond * v + (1 - kSecond) * g * g;
      values.data()[i] -=
          rate * (m / first / (std::sqrt(v / second) + kSmall) + decay * values.data()[i]);
    }
  }

 private:
  static constexpr float kFirst = 0.9F, kSecond = 0.999F, kSmall = 1e-8F;
  int steps_ = 0;
  Matrix<float> mean_, square_;
};

}  // namespace hasse::tensor
