// SPDX-License-Identifier: Apache-2.0
// Copies between the matrix everyone shares and Eigen's, for the sources that compute with Eigen.
// Eigen adds up and rounds in an order that depends on where its operands lie in memory; Dense is
// always aligned the same way, so equal inputs give equal bits, run after run.
#pragma once

#include <Eigen/Core>
#include <cstddef>

#include "golden/tensor/matrix.hpp"

namespace hasse::model {

using Dense = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

inline Eigen::Index index(std::size_t value) {
  return static_cast<Eigen::Index>(value);
}

inline Dense dense(const tensor::Matrix<float>& matrix) {
  return Eigen::Map<const Dense>(matrix.data(), index(matrix.rows()), index(matrix.cols()));
}

inline tensor::Matrix<float> matrix(const Dense& values) {
  tensor::Matrix<float> result(static_cast<std::size_t>(values.rows()),
                               static_cast<std::size_t>(values.cols()));
  Eigen::Map<Dense>(result.data(), values.rows(), values.cols()) = values;
  return result;
}

}  // namespace hasse::model
