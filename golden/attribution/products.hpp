// SPDX-License-Identifier: Apache-2.0
// The float32 product of attribution: fast, and the same bits whatever lies beside a row.
#pragma once

#include <cstddef>

#include "golden/tensor/matrix.hpp"

namespace hasse::attribution {

/// `weights` [N x K] as multiply_packed takes them: K x N, N rounded up to whole blocks.
tensor::Matrix<float> pack_transposed(const tensor::Matrix<float>& weights);

/// The same of `weights` [K x N].
tensor::Matrix<float> pack(const tensor::Matrix<float>& weights);

/// x [M x K] times the packed [K x N], N = `outputs`: [M x N]. Every sum is taken in the order of
/// k. Eigen's products are not used here: how they round depends on where operands lie, on the
/// shape, and on a row's place in it (golden/model/operators.cpp), and attribution subtracts
/// results of different batches from each other.
tensor::Matrix<float> multiply_packed(const tensor::Matrix<float>& x,
                                      const tensor::Matrix<float>& packed, std::size_t outputs);

}  // namespace hasse::attribution
