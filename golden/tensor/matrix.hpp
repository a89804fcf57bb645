// SPDX-License-Identifier: Apache-2.0
// The dense matrix every floor shares: a std::vector with a shape.
#pragma once

#include <cstddef>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

namespace hasse::tensor {

/// Row-major, owning, contiguous matrix. Its layout does not depend on compiler flags, unlike
/// Eigen's allocations, so floors compiled for different machines can exchange it.
template <class T>
class Matrix {
 public:
  /// A matrix of shape 0 x 0.
  Matrix() = default;

  /// `rows` x `cols` elements, all `fill`.
  Matrix(std::size_t rows, std::size_t cols, T fill = T{})
      : rows_(rows), cols_(cols), values_(rows * cols, fill) {}

  /// `rows` x `cols` elements taken from `values`, row after row.
  /// Throws std::invalid_argument unless `values` holds rows * cols elements.
  Matrix(std::size_t rows, std::size_t cols, std::vector<T> values)
      : rows_(rows), cols_(cols), values_(std::move(values)) {
    if (values_.size() != rows_ * cols_) {
      throw std::invalid_argument("Matrix: number of values is not rows * cols");
    }
  }

  std::size_t rows() const { return rows_; }
  std::size_t cols() const { return cols_; }
  std::size_t size() const { return values_.size(); }
  bool empty() const { return values_.empty(); }

  /// Element of row `r` and column `c`, unchecked.
  T& operator()(std::size_t r, std::size_t c) { return values_[r * cols_ + c]; }
  const T& operator()(std::size_t r, std::size_t c) const { return values_[r * cols_ + c]; }

  /// The `cols()` elements of row `r`, unchecked.
  std::span<T> row(std::size_t r) { return {data() + r * cols_, cols_}; }
  std::span<const T> row(std::size_t r) const { return {data() + r * cols_, cols_}; }

  T* data() { return values_.data(); }
  const T* data() const { return values_.data(); }

  /// All elements, row after row.
  const std::vector<T>& values() const { return values_; }

  bool operator==(const Matrix&) const = default;

 private:
  std::size_t rows_ = 0;
  std::size_t cols_ = 0;
  std::vector<T> values_;
};

/// The transpose: element (r, c) of the result is element (c, r) of `matrix`.
template <class T>
Matrix<T> transpose(const Matrix<T>& matrix) {
  Matrix<T> result(matrix.cols(), matrix.rows());
  for (std::size_t r = 0; r < matrix.rows(); ++r) {
    for (std::size_t c = 0; c < matrix.cols(); ++c) result(c, r) = matrix(r, c);
  }
  return result;
}

}  // namespace hasse::tensor
