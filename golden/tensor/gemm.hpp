// SPDX-License-Identifier: Apache-2.0
// Exact integer matrix product, the value every accelerator is held against.
#pragma once

#include <cstdint>
#include <stdexcept>

#include "golden/tensor/matrix.hpp"

namespace hasse::tensor {

/// A product whose operands do not fit together, or whose result type is too narrow for it.
class GemmError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Y[N x M] = W[N x K] * X[K x M], exact, for W of int8_t or int16_t, X of up to int32_t and
/// results of int32_t or int64_t. Computed in floating point, in blocks of K short enough that no
/// sum leaves the integers the format holds exactly.
///
/// Throws GemmError when the inner dimensions differ, and when K * max|W| * max|X| exceeds what
/// `Result` holds (the message names that bound); int64_t always suffices for K below 2^33.
template <class Result, class Left, class Right>
Matrix<Result> gemm(const Matrix<Left>& w, const Matrix<Right>& x);

}  // namespace hasse::tensor
