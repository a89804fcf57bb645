// SPDX-License-Identifier: Apache-2.0
// How one quantised weight is stored: which tensors it becomes, and what is in them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "flows/quantize/request.hpp"
#include "golden/quant/olive_quantize.hpp"
#include "golden/tensor/safetensors_stream.hpp"

namespace hasse::quantize {

/// Quantises one weight row by row and writes it. For a weight NAME [N x K], G groups per row:
///
/// | stored as | tensors |
/// |---|---|
/// | plain | NAME.codes int8 [N x K], NAME.scales uint8 and NAME.zeros int8 [N x G],
/// NAME.row_scales float32 [N]: a code q stands for row_scale * scale * (q - zero) | | olive |
/// NAME.pairs uint8 [N x K * bits / 8], NAME.row_scales float32 [N] | | gemm, gemv, v2 | as
/// quant::PackedInt4, under AWQ's names: STEM.qweight, STEM.qzeros (in v2 STEM.scaled_zeros),
/// STEM.scales, where NAME is STEM.weight |
class WeightEncoder {
 public:
  virtual ~WeightEncoder() = default;

  /// The tensors that the weight becomes.
  virtual std::vector<tensor::TensorEntry> entries() const = 0;

  /// Writes rows `first` and on of the weight, `rows` [.. x K]; called for all rows in order.
  /// Returns the squared error.
  virtual double write(std::size_t first, const tensor::Matrix<float>& rows,
                       tensor::SafetensorsWriter& writer) = 0;
};

/// The encoder of the weight `name` [rows x columns] for `request`, which is not for OliVe.
std::unique_ptr<WeightEncoder> make_encoder(const std::string& name, std::size_t rows,
                                            std::size_t columns, const Request& request);

/// The encoder of pairs in `format`.
std::unique_ptr<WeightEncoder> make_olive_encoder(const std::string& name, std::size_t rows,
                                                  std::size_t columns,
                                                  const quant::OliveFormat& format);

/// NAME without ".weight".
std::string stem_of(const std::string& name);

}  // namespace hasse::quantize
