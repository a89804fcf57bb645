// SPDX-License-Identifier: Apache-2.0
// Layers that both attribution models are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "golden/tensor/matrix.hpp"

namespace hasse::attribution {

/// 1 / (1 + exp(-x)).
float sigmoid(float x);

/// A recurrent step: `gates` [4 * H] are input, forget, candidate and output before their
/// functions, `cell` [H] is replaced by the next one, `hidden` [H] becomes the output. Hochreiter
/// and Schmidhuber, 1997, in PyTorch's order of gates.
void lstm_cell(std::span<const float> gates, std::span<float> cell, std::span<float> hidden);

/// Adds `y` to `x`, of the same length.
void add_to(std::span<float> x, std::span<const float> y);

/// Replaces every element by its hyperbolic tangent.
void apply_tanh(tensor::Matrix<float>& x);
/// Replaces what is below 0 by 0.
void apply_relu(tensor::Matrix<float>& x);
/// Replaces what is below 0 by exp(x) - 1.
void apply_elu(tensor::Matrix<float>& x);

/// Softmax of `scores`, score i counting `counts[i]` times: the weights of all that many together.
std::vector<float> softmax(std::span<const float> scores, std::span<const float> counts);

/// Rows `rows` of `matrix`.
tensor::Matrix<float> gather(const tensor::Matrix<float>& matrix,
                             std::span<const std::uint32_t> rows);

/// Columns `first` .. `first + count - 1` of `matrix`.
tensor::Matrix<float> columns(const tensor::Matrix<float>& matrix, std::size_t first,
                              std::size_t count);

}  // namespace hasse::attribution
