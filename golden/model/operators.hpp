// SPDX-License-Identifier: Apache-2.0
// The operators of a Llama decoder in float32. Activations are tokens x features.
#pragma once

#include <cstddef>
#include <span>

#include "golden/tensor/matrix.hpp"

namespace hasse::model {

/// `x` [T x K] times the transpose of `weight` [N x K]: [T x N].
tensor::Matrix<float> linear(const tensor::Matrix<float>& x, const tensor::Matrix<float>& weight);

/// Every row of `x` [T x K] divided by the root of its mean square plus `epsilon`, times `gain`
/// [K]. Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019.
tensor::Matrix<float> rms_norm(const tensor::Matrix<float>& x, std::span<const float> gain,
                               float epsilon);

/// Rotates every head of `x` [T x heads * head_dim] by its position, row t being position t:
/// feature i of a head's first half and feature i of its second half turn by t * theta^(-2i /
/// head_dim). Su et al., "RoFormer", 2021, with Llama's pairing of halves. `head_dim` is even.
void rotate_positions(tensor::Matrix<float>& x, std::size_t head_dim, float theta);

/// Causal attention of `q` [T x heads * head_dim] over `k` and `v` [T x groups * head_dim], heads a
/// multiple of groups; consecutive heads share a group. Returns [T x heads * head_dim].
/// Ainslie et al., "GQA", 2023.
tensor::Matrix<float> attend(const tensor::Matrix<float>& q, const tensor::Matrix<float>& k,
                             const tensor::Matrix<float>& v, std::size_t head_dim);

/// silu(gate) * up, element by element; both have the same shape. Shazeer, "GLU Variants", 2020.
tensor::Matrix<float> swiglu(const tensor::Matrix<float>& gate, const tensor::Matrix<float>& up);

/// Adds `y` to `x`, of the same shape.
void add(tensor::Matrix<float>& x, const tensor::Matrix<float>& y);

/// -log2 of the probability that the softmax of `logits` gives to `index`.
double surprise(std::span<const float> logits, std::size_t index);

}  // namespace hasse::model
