// SPDX-License-Identifier: Apache-2.0
// Blocks of a floating-point product small enough to be exact, summed in integers.
#include "golden/tensor/gemm.hpp"

#include <fmt/format.h>

#include <Eigen/Core>
#include <algorithm>
#include <cstddef>
#include <limits>

namespace hasse::tensor {
namespace {

using Index = Eigen::Index;

template <class T>
using Dense = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class T>
using View = Eigen::Map<const Dense<T>>;

/// Rows of W converted at a time: keeps the block's product in the second-level cache.
constexpr Index kRowTile = 128;
/// Longest block of K worth converting at a time.
constexpr Index kLongestBlock = 1024;
/// Shortest float block that still beats double.
constexpr Index kShortestFloatBlock = 64;

template <class T>
View<T> view(const Matrix<T>& matrix) {
  return {matrix.data(), static_cast<Index>(matrix.rows()), static_cast<Index>(matrix.cols())};
}

template <class T>
std::int64_t max_magnitude(const Matrix<T>& matrix) {
  if (matrix.empty()) return 0;
  const auto [low, high] = std::minmax_element(matrix.data(), matrix.data() + matrix.size());
  return std::max(-static_cast<std::int64_t>(*low), static_cast<std::int64_t>(*high));
}

/// Terms of magnitude at most `term` whose sums, partial ones included, are exact in `Real`.
template <class Real>
Index exact_terms(std::int64_t term) {
  return (std::int64_t{1} << std::numeric_limits<Real>::digits) / std::max<std::int64_t>(term, 1);
}

template <class Real, class Result, class Left, class Right>
void accumulate(const View<Left>& w, const View<Right>& x, Index block, Matrix<Result>& result) {
  Eigen::Map<Dense<Result>> y(result.data(), w.rows(), x.cols());
  Dense<Real> right, left, product;
  for (Index k = 0; k < w.cols(); k += block) {
    const Index depth = std::min(block, w.cols() - k);
    right = x.middleRows(k, depth).template cast<Real>();
    for (Index n = 0; n < w.rows(); n += kRowTile) {
      const Index height = std::min(kRowTile, w.rows() - n);
      left = w.block(n, k, height, depth).template cast<Real>();
      product.noalias() = left * right;
      y.middleRows(n, height) += product.template cast<Result>();
    }
  }
}

void check_inner(std::size_t w_cols, std::size_t x_rows) {
  if (w_cols == x_rows) return;
  throw GemmError(
      fmt::format("gemm: W has {} columns and X has {} rows, expected the same K", w_cols, x_rows));
}

template <class Result>
void check_range(std::size_t depth, std::int64_t w_max, std::int64_t x_max) {
  const auto limit = static_cast<std::uint64_t>(std::numeric_limits<Result>::max());
  const auto term = static_cast<std::uint64_t>(w_max * x_max);
  if (term == 0 || depth <= limit / term) return;
  throw GemmError(
      fmt::format("gemm: K * max|W| * max|X| = {} * {} * {} exceeds {}, the largest {}-bit result",
                  depth, w_max, x_max, limit, 8 * sizeof(Result)));
}

}  // namespace

template <class Result, class Left, class Right>
Matrix<Result> gemm(const Matrix<Left>& w, const Matrix<Right>& x) {
  check_inner(w.cols(), x.rows());
  const std::int64_t w_max = max_magnitude(w);
  const std::int64_t x_max = max_magnitude(x);
  check_range<Result>(w.cols(), w_max, x_max);
  Matrix<Result> result(w.rows(), x.cols());
  if (result.empty()) return result;
  const Index float_terms = std::min(exact_terms<float>(w_max * x_max), kLongestBlock);
  if (float_terms >= kShortestFloatBlock) {
    accumulate<float>(view(w), view(x), float_terms, result);
  } else {
    const Index terms = std::min(exact_terms<double>(w_max * x_max), kLongestBlock);
    accumulate<double>(view(w), view(x), terms, result);
  }
  return result;
}

template Matrix<std::int32_t> gemm(const Matrix<std::int8_t>&, const Matrix<std::int8_t>&);
template Matrix<std::int32_t> gemm(const Matrix<std::int8_t>&, const Matrix<std::int16_t>&);
template Matrix<std::int32_t> gemm(const Matrix<std::int16_t>&, const Matrix<std::int8_t>&);
template Matrix<std::int32_t> gemm(const Matrix<std::int16_t>&, const Matrix<std::int16_t>&);
template Matrix<std::int64_t> gemm(const Matrix<std::int8_t>&, const Matrix<std::int8_t>&);
template Matrix<std::int64_t> gemm(const Matrix<std::int8_t>&, const Matrix<std::int16_t>&);
template Matrix<std::int64_t> gemm(const Matrix<std::int16_t>&, const Matrix<std::int8_t>&);
template Matrix<std::int64_t> gemm(const Matrix<std::int16_t>&, const Matrix<std::int16_t>&);
template Matrix<std::int32_t> gemm(const Matrix<std::int8_t>&, const Matrix<std::int32_t>&);
template Matrix<std::int64_t> gemm(const Matrix<std::int8_t>&, const Matrix<std::int32_t>&);
template Matrix<std::int64_t> gemm(const Matrix<std::int16_t>&, const Matrix<std::int32_t>&);

}  // namespace hasse::tensor
