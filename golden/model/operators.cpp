// SPDX-License-Identifier: Apache-2.0
// The decoder's operators, on Eigen.
#include "golden/model/operators.hpp"

#include <Eigen/Core>
#include <cmath>
#include <vector>

namespace hasse::model {
namespace {

using tensor::Matrix;
using Dense = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Index index(std::size_t value) {
  return static_cast<Eigen::Index>(value);
}

Eigen::Map<const Dense> view(const Matrix<float>& matrix) {
  return {matrix.data(), index(matrix.rows()), index(matrix.cols())};
}

Eigen::Map<Dense> view(Matrix<float>& matrix) {
  return {matrix.data(), index(matrix.rows()), index(matrix.cols())};
}

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
  Matrix<float> result(x.rows(), weight.rows());
  view(result).noalias() = view(x) * view(weight).transpose();
  return result;
}

Matrix<float> rms_norm(const Matrix<float>& x, std::span<const float> gain, float epsilon) {
  Matrix<float> result(x.rows(), x.cols());
  const Eigen::Map<const Eigen::RowVectorXf> gains(gain.data(), index(gain.size()));
  const auto in = view(x);
  for (Eigen::Index t = 0; t < in.rows(); ++t) {
    const float mean_square = in.row(t).squaredNorm() / static_cast<float>(x.cols());
    view(result).row(t) = in.row(t).cwiseProduct(gains) / std::sqrt(mean_square + epsilon);
  }
  return result;
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
  Matrix<float> result(q.rows(), q.cols());
  const std::size_t heads_a_group = q.cols() / k.cols();
  const Eigen::Index dim = index(head_dim);
  const float scale = 1.0F / std::sqrt(static_cast<float>(head_dim));
  for (std::size_t head = 0; head < q.cols() / head_dim; ++head) {
    const Eigen::Index own = index(head) * dim;
    const Eigen::Index shared = index(head / heads_a_group) * dim;
    Dense scores = view(q).middleCols(own, dim) * view(k).middleCols(shared, dim).transpose();
    scores *= scale;
    causal_softmax(scores);
    view(result).middleCols(own, dim).noalias() = scores * view(v).middleCols(shared, dim);
  }
  return result;
}

Matrix<float> swiglu(const Matrix<float>& gate, const Matrix<float>& up) {
  Matrix<float> result(gate.rows(), gate.cols());
  const auto g = view(gate).array();
  view(result).array() = g / (1.0F + (-g).exp()) * view(up).array();
  return result;
}

void add(Matrix<float>& x, const Matrix<float>& y) {
  view(x) += view(y);
}

double surprise(std::span<const float> logits, std::size_t index_of_truth) {
  const Eigen::Map<const Eigen::RowVectorXf> row(logits.data(), index(logits.size()));
  const Eigen::RowVectorXd values = row.cast<double>();
  const double most = values.maxCoeff();
  const double log_sum = most + std::log((values.array() - most).exp().sum());
  return (log_sum - values[index(index_of_truth)]) / std::log(2.0);
}

}  // namespace hasse::model
