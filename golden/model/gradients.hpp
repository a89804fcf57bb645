// SPDX-License-Identifier: Apache-2.0
// Attention under a mask, and the gradients of a decoder's operators with respect to their inputs.
// `d_` names the gradient of a loss with respect to what follows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "golden/tensor/matrix.hpp"

namespace hasse::model {

/// Which keys [columns] each query [rows] sees; every query sees at least one.
using Mask = tensor::Matrix<std::uint8_t>;

/// As attend, of the keys that `mask` [T x T] shows instead of all up to the query.
tensor::Matrix<float> attend_masked(const tensor::Matrix<float>& q, const tensor::Matrix<float>& k,
                                    const tensor::Matrix<float>& v, std::size_t head_dim,
                                    const Mask& mask);

/// Gradients of attention's three inputs.
struct AttentionGradients {
  tensor::Matrix<float> d_q, d_k, d_v;
};

/// Adds the gradients of attend_masked, whose output has gradient `d_out`, to `sum`.
void add_attention_gradients(const tensor::Matrix<float>& q, const tensor::Matrix<float>& k,
                             const tensor::Matrix<float>& v, std::size_t head_dim, const Mask& mask,
                             const tensor::Matrix<float>& d_out, AttentionGradients& sum);

/// The gradient of linear's `x`.
tensor::Matrix<float> linear_gradient(const tensor::Matrix<float>& d_out,
                                      const tensor::Matrix<float>& weight);

/// The gradient of rms_norm's `x`.
tensor::Matrix<float> rms_norm_gradient(const tensor::Matrix<float>& x, std::span<const float> gain,
                                        float epsilon, const tensor::Matrix<float>& d_out);

/// The gradient of rotate_positions' input: the rotation turned back.
void rotate_positions_back(tensor::Matrix<float>& d_out, std::size_t head_dim, float theta);

/// Gradients of swiglu's two inputs.
struct SwigluGradients {
  tensor::Matrix<float> d_gate, d_up;
};

/// The gradients of swiglu(gate, up).
SwigluGradients swiglu_gradient(const tensor::Matrix<float>& gate, const tensor::Matrix<float>& up,
                                const tensor::Matrix<float>& d_out);

}  // namespace hasse::model
