// SPDX-License-Identifier: Apache-2.0
// Gradients on Eigen.
#include "golden/model/gradients.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "golden/model/dense.hpp"
#include "golden/model/operators.hpp"

namespace hasse::model {
namespace {

using tensor::Matrix;

/// One query head's place among the columns of queries and of keys and values.
struct HeadColumns {
  Eigen::Index own, shared, dim;
};

HeadColumns columns_of(std::size_t head, std::size_t query_size, std::size_t key_value_size,
                       std::size_t head_dim) {
  const std::size_t heads_a_group = query_size / key_value_size;
  return {index(head * head_dim), index(head / heads_a_group * head_dim), index(head_dim)};
}

float scale_of(std::size_t head_dim) {
  return 1.0F / std::sqrt(static_cast<float>(head_dim));
}

/// Softmax of every row over the columns that `mask` shows; 0 elsewhere.
void masked_softmax(Dense& scores, const Mask& mask) {
  constexpr float hidden = -std::numeric_limits<float>::infinity();
  for (Eigen::Index t = 0; t < scores.rows(); ++t) {
    const auto seen = mask.row(static_cast<std::size_t>(t));
    for (Eigen::Index j = 0; j < scores.cols(); ++j) {
      if (seen[static_cast<std::size_t>(j)] == 0) scores(t, j) = hidden;
    }
    auto row = scores.row(t).array();
    row = (row - row.maxCoeff()).exp();
    row /= row.sum();
  }
}

Dense probabilities(const Dense& q, const Dense& k, const HeadColumns& at, float scale,
                    const Mask& mask) {
  Dense scores = q.middleCols(at.own, at.dim) * k.middleCols(at.shared, at.dim).transpose();
  scores *= scale;
  masked_softmax(scores, mask);
  return scores;
}

}  // namespace

Matrix<float> attend_masked(const Matrix<float>& q, const Matrix<float>& k, const Matrix<float>& v,
                            std::size_t head_dim, const Mask& mask) {
  const Dense queries = dense(q);
  const Dense keys = dense(k);
  const Dense values = dense(v);
  Dense result(queries.rows(), queries.cols());
  for (std::size_t head = 0; head < q.cols() / head_dim; ++head) {
    const HeadColumns at = columns_of(head, q.cols(), k.cols(), head_dim);
    result.middleCols(at.own, at.dim).noalias() =
        probabilities(queries, keys, at, scale_of(head_dim), mask) *
        values.middleCols(at.shared, at.dim);
  }
  return matrix(result);
}

void add_attention_gradients(const Matrix<float>& q, const Matrix<float>& k, const Matrix<float>& v,
                             std::size_t head_dim, const Mask& mask, const Matrix<float>& d_out,
                             AttentionGradients& sum) {
  const Dense queries = dense(q);
  const Dense keys = dense(k);
  const Dense values = dense(v);
  const Dense d_result = dense(d_out);
  const float scale = scale_of(head_dim);
  Dense d_q = dense(sum.d_q);
  Dense d_k = dense(sum.d_k);
  Dense d_v = dense(sum.d_v);
  for (std::size_t head = 0; head < q.cols() / head_dim; ++head) {
    const HeadColumns at = columns_of(head, q.cols(), k.cols(), head_dim);
    const Dense p = probabilities(queries, keys, at, scale, mask);
    const Dense d_own = d_result.middleCols(at.own, at.dim);
    const Dense d_p = d_own * values.middleCols(at.shared, at.dim).transpose();
    const Eigen::VectorXf mean = (d_p.array() * p.array()).rowwise().sum();
    const Dense d_scores = scale * (p.array() * (d_p.colwise() - mean).array()).matrix();
    d_v.middleCols(at.shared, at.dim) += p.transpose() * d_own;
    d_q.middleCols(at.own, at.dim) += d_scores * keys.middleCols(at.shared, at.dim);
    d_k.middleCols(at.shared, at.dim) += d_scores.transpose() * queries.middleCols(at.own, at.dim);
  }
  sum = {matrix(d_q), matrix(d_k), matrix(d_v)};
}

Matrix<float> linear_gradient(const Matrix<float>& d_out, const Matrix<float>& weight) {
  return matrix(dense(d_out) * dense(weight));
}

Matrix<float> rms_norm_gradient(const Matrix<float>& x, std::span<const float> gain, float epsilon,
                                const Matrix<float>& d_out) {
  const Eigen::RowVectorXf gains =
      Eigen::Map<const Eigen::RowVectorXf>(gain.data(), index(gain.size()));
  const Dense rows = dense(x);
  Dense result = dense(d_out);
  const auto size = static_cast<float>(x.cols());
  for (Eigen::Index t = 0; t < rows.rows(); ++t) {
    const Eigen::RowVectorXf scaled = result.row(t).cwiseProduct(gains);
    const float norm = 1.0F / std::sqrt(rows.row(t).squaredNorm() / size + epsilon);
    const float along = rows.row(t).dot(scaled) * norm * norm / size;
    result.row(t) = norm * (scaled - along * rows.row(t));
  }
  return matrix(result);
}

void rotate_positions_back(Matrix<float>& d_out, std::size_t head_dim, float theta) {
  // Swapping the halves of a pair turns the direction of its rotation.
  const std::size_t half = head_dim / 2;
  const auto swap_halves = [&] {
    for (std::size_t t = 0; t < d_out.rows(); ++t) {
      for (std::size_t begin = 0; begin < d_out.cols(); begin += head_dim) {
        const auto head = d_out.row(t).subspan(begin, head_dim);
        std::swap_ranges(head.begin(), head.begin() + static_cast<std::ptrdiff_t>(half),
                         head.begin() + static_cast<std::ptrdiff_t>(half));
      }
    }
  };
  swap_halves();
  rotate_positions(d_out, head_dim, theta);
  swap_halves();
}

SwigluGradients swiglu_gradient(const Matrix<float>& gate, const Matrix<float>& up,
                                const Matrix<float>& d_out) {
  const Eigen::ArrayXXf g = dense(gate).array();
  const Eigen::ArrayXXf d = dense(d_out).array();
  const Eigen::ArrayXXf sigmoid = 1.0F / (1.0F + (-g).exp());
  const Eigen::ArrayXXf slope = sigmoid * (1.0F + g * (1.0F - sigmoid));
  return {matrix((d * dense(up).array() * slope).matrix()), matrix((d * g * sigmoid).matrix())};
}

}  // namespace hasse::model
