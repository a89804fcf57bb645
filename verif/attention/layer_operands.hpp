// SPDX-License-Identifier: Apache-2.0
// Real operands for attention engines: what a layer of the byte-level model attends to.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>

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

/// Those of layer `layer` over the first window of a text, or all of it if it is shorter. `model`
/// is a byte-level Llama in safetensors, the embedded one if empty; `text` its calibration text if
/// empty. Throws HarnessError for a layer that the model does not have and for a text of less than
/// two bytes, tensor::FormatError for files.
LayerOperands layer_operands(std::size_t layer, const std::filesystem::path& model = {},
                             const std::filesystem::path& text = {});

/// Normally distributed ones of one KV head with `group` query heads.
LayerOperands random_operands(std::size_t tokens, std::size_t dim, std::size_t group,
                              std::uint64_t seed);

}  // namespace hasse::harness
