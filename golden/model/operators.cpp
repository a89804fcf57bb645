// SPDX-License-Identifier: Apache-2.0
// The decoder's operators, on Eigen.
#include "golden/model/operators.hpp"

#include <Eigen/Core>
#include <cmath>
#include <vector>

#include "golden/model/dense.hpp"

namespace hasse::model {
namespace {

using tensor::Matrix;

/// Softmax of every row over the columns up to the diagonal; 0 beyond it.
void causal_softmax(Dense& scores) {
  for (Eigen::Index t = 0; t < scores.rows(); ++t) {
    auto seen = scores.row(t).head(t + 1).array();
    seen = (seen - seen.maxCoeff()).exp();
    seen /= seen.sum();
    scores.row(t).tail(scores.cols() - t - 1).setZero();
  }
}

/// Turns the pairs of one head at one position by `angles`, half a head of them.
void rotate_head(std::span<float> head, std::span<const float> angles) {
  const std::size_t half = angles.size();
  for (std::size_t i = 0; i < half; ++i) {
    const float cosine = std::cos(angles[i]);
    const float sine = std::sin(angles[i]);
    const float first = head[i];
    const float second = head[half + i];
    head[i] = first * cosine - second * sine;
    head[half + i] = second * cosine + first * sine;
  }
}

}  // namespace

Matrix<float> linear(const Matrix<float>& x, const Matrix<float>& weight) {
  return matrix(dense(x) * dense(weight).transpose());
}

Matrix<float> rms_norm(const Matrix<float>& x, std::span<const float> gain, float epsilon) {
  const Eigen::RowVectorXf gains =
      Eigen::Map<const Eigen::RowVectorXf>(gain.data(), index(gain.size()));
  Dense rows = dense(x);
  for (Eigen::Index t = 0; t < rows.rows(); ++t) {
    const float mean_square = rows.row(t).squaredNorm() / static_cast<float>(x.cols());
    rows.row(t) = rows.row(t).cwiseProduct(gains) / std::sqrt(mean_square + epsilon);
  }
  return matrix(rows);
}

void rotate_positions(Matrix<float>& x, std::size_t head_dim, float theta) {
  std::vector<float> angles(head_dim / 2);
  for (std::size_t t = 0; t < x.rows(); ++t) {
    for (std::size_t i = 0; i < angles.size(); ++i) {
      const float exponent = static_cast<float>(2 * i) / static_cast<float>(head_dim);
      angles[i] = static_cast<float>(t) / std::pow(theta, exponent);
    }
    for (std::size_t begin = 0; begin < x.cols(); begin += head_dim) {
      rotate_head(x.row(t).subspan(begin, head_dim), angles);
    }
  }
}

Matrix<float> attend(const Matrix<float>& q, const Matrix<float>& k, const Matrix<float>& v,
                     std::size_t head_dim) {
  const Dense queries = dense(q);
  const Dense keys = dense(k);
  const Dense values = dense(v);
  Dense result(queries.rows(), queries.cols());
  const std::size_t heads_a_group = q.cols() / k.cols();
  const Eigen::Index dim = index(head_dim);
  const float scale = 1.0F / std::sqrt(static_cast<float>(head_dim));
  for (std::size_t head = 0; head < q.cols() / head_dim; ++head) {
    const Eigen::Index own = index(head) * dim;
    const Eigen::Index shared = index(head / heads_a_group) * dim;
    Dense scores = queries.middleCols(own, dim) * keys.middleCols(shared, dim).transpose();
    scores *= scale;
    causal_softmax(scores);
    result.middleCols(own, dim).noalias() = scores * values.middleCols(shared, dim);
  }
  return matrix(result);
}

Matrix<float> swiglu(const Matrix<float>& gate, const Matrix<float>& up) {
  const Dense g = dense(gate);
  return matrix(g.array() / (1.0F + (-g.array()).exp()) * dense(up).array());
}

void add(Matrix<float>& x, const Matrix<float>& y) {
  Eigen::Map<Dense>(x.data(), index(x.rows()), index(x.cols())) += dense(y);
}

double surprise(std::span<const float> logits, std::size_t index_of_truth) {
  const Eigen::RowVectorXd values =
      Eigen::Map<const Eigen::RowVectorXf>(logits.data(), index(logits.size())).cast<double>();
  const double most = values.maxCoeff();
  const double log_sum = most + std::log((values.array() - most).exp().sum());
  return (log_sum - values[index(index_of_truth)]) / std::log(2.0);
}

}  // namespace hasse::model
