// SPDX-License-Identifier: Apache-2.0
// Layers, one scalar function at a time: no vector of Eigen's decides what is rounded how.
#include "golden/attribution/layers.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hasse::attribution {

using tensor::Matrix;

float sigmoid(float x) {
  return 1.0F / (1.0F + std::exp(-x));
}

void lstm_cell(std::span<const float> gates, std::span<float> cell, std::span<float> hidden) {
  const std::size_t size = cell.size();
  for (std::size_t i = 0; i < size; ++i) {
    const float kept = sigmoid(gates[size + i]) * cell[i];
    cell[i] = kept + sigmoid(gates[i]) * std::tanh(gates[2 * size + i]);
    hidden[i] = sigmoid(gates[3 * size + i]) * std::tanh(cell[i]);
  }
}

void add_to(std::span<float> x, std::span<const float> y) {
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += y[i];
}

void apply_tanh(Matrix<float>& x) {
  std::transform(x.data(), x.data() + x.size(), x.data(), [](float v) { return std::tanh(v); });
}

void apply_relu(Matrix<float>& x) {
  std::transform(x.data(), x.data() + x.size(), x.data(),
                 [](float v) { return std::max(v, 0.0F); });
}

void apply_elu(Matrix<float>& x) {
  std::transform(x.data(), x.data() + x.size(), x.data(),
                 [](float v) { return v > 0 ? v : std::expm1(v); });
}

std::vector<float> softmax(std::span<const float> scores, std::span<const float> counts) {
  float most = -std::numeric_limits<float>::infinity();
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (counts[i] > 0) most = std::max(most, scores[i]);
  std::vector<float> weights(scores.size());
  float sum = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (counts[i] == 0) continue;
    weights[i] = counts[i] * std::exp(scores[i] - most);
    sum += weights[i];
  }
  for (float& weight : weights) weight /= sum;
  return weights;
}

Matrix<float> gather(const Matrix<float>& matrix, std::span<const std::uint32_t> rows) {
  Matrix<float> result(rows.size(), matrix.cols());
  for (std::size_t i = 0; i < rows.size(); ++i)
    std::ranges::copy(matrix.row(rows[i]), result.row(i).begin());
  return result;
}

Matrix<float> columns(const Matrix<float>& matrix, std::size_t first, std::size_t count) {
  Matrix<float> result(matrix.rows(), count);
  for (std::size_t r = 0; r < matrix.rows(); ++r)
    std::ranges::copy(matrix.row(r).subspan(first, count), result.row(r).begin());
  return result;
}

}  // namespace hasse::attribution
