// SPDX-License-Identifier: Apache-2.0
// Attention of one query over a list of tokens, in real numbers: what every sparse scheme is held
// against.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "golden/tensor/matrix.hpp"

namespace hasse::attention {

/// Positions of tokens (or numbers of pages), ascending.
using Indices = std::vector<std::size_t>;

/// The rows of one head within a matrix [T x heads * D]; a view, the matrix has to outlive it.
class HeadRows {
 public:
  /// Head `head` of `matrix`, whose heads have `dim` features each.
  HeadRows(const tensor::Matrix<float>& matrix, std::size_t head, std::size_t dim)
      : matrix_(&matrix), begin_(head * dim), dim_(dim) {}

  /// The D features of token `t`, unchecked.
  std::span<const float> operator[](std::size_t t) const {
    return matrix_->row(t).subspan(begin_, dim_);
  }
  std::size_t dim() const { return dim_; }

 private:
  const tensor::Matrix<float>* matrix_;
  std::size_t begin_;
  std::size_t dim_;
};

/// All positions below `tokens`.
Indices first_tokens(std::size_t tokens);

/// Inner product of two vectors of one length.
double dot(std::span<const float> a, std::span<const float> b);

/// q . k / sqrt(D) for the first `tokens` keys.
std::vector<double> scaled_scores(std::span<const float> q, const HeadRows& keys,
                                  std::size_t tokens);

/// Softmax over the scores of `kept` alone: one weight for each of `kept`, in its order; they add
/// up to 1. Empty for an empty list.
std::vector<double> softmax(std::span<const double> scores, const Indices& kept);

/// The sum of the value rows of `kept`, each times its weight.
std::vector<double> weighted_values(std::span<const double> weights, const Indices& kept,
                                    const HeadRows& values);

}  // namespace hasse::attention
