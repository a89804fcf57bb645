// SPDX-License-Identifier: Apache-2.0
// Real operands for attention engines: what a layer of the byte-level model attends to.
#pragma once

#include <algorithm>
#include <cstddef>

#include "golden/attention/dense.hpp"
#include "golden/tensor/matrix.hpp"

namespace hasse::harness {

/// Queries, keys and values of one layer, [tokens x heads * D].
struct LayerOperands {
  tensor::Matrix<float> q, k, v;
  std::size_t dim = 0;

  std::size_t kv_heads() const { return k.cols() / dim; }
  std::size_t group() const { return q.cols() / k.cols(); }
  /// The rows of the query heads of `kv_head` for tokens `first`.. , token by token.
  tensor::Matrix<float> queries(std::size_t kv_head, std::size_t first, std::size_t tokens) const {
    tensor::Matrix<float> rows(tokens * group(), dim);
    for (std::size_t t = 0; t < tokens; ++t)
      for (std::size_t h = 0; h < group(); ++h)
        std::ranges::copy(attention::HeadRows(q, kv_head * group() + h, dim)[first + t],
                          rows.row(t * group() + h).begin());
    return rows;
  }
};

/// Those of layer `layer` over the first window of the embedded model's calibration text.
LayerOperands layer_operands(std::size_t layer);

}  // namespace hasse::harness
