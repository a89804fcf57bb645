// SPDX-License-Identifier: Apache-2.0
// The three ways in which published AWQ checkpoints store 4-bit weights.
#pragma once

#include <cstdint>
#include <string_view>

#include "golden/quant/affine.hpp"
#include "golden/tensor/matrix.hpp"

namespace hasse::quant {

/// Layouts of llm-awq, by the kernel that reads them: `gemm` (its first, packed along output
/// channels in the order 0, 2, 4, 6, 1, 3, 5, 7), `gemv` (packed along input channels in natural
/// order) and `v2` (four output channels interleaved, 16-bit words).
enum class Int4Layout { gemm, gemv, v2 };

/// "gemm", "gemv" or "v2".
std::string_view name_of(Int4Layout layout);

/// A weight of 4 bits in one of the layouts. N output channels, K input channels, G = K / group.
///
/// | layout | weights | zeros | scales |
/// |---|---|---|---|
/// | gemm | words [K x N / 8] | zero_words [G x N / 8], packed as the weights | [G x N] |
/// | gemv | words [N x K / 8] | zero_words [N x W], 8 groups a word, the first lowest | [N x 8 W] |
/// | v2 | halves [N / 4 x K] | scaled_zeros [8 W x N]: -(scale * zero) | [8 W x N] |
///
/// W is padded_zero_words(K, group); what is padded holds zeros. Scales are rounded to half
/// precision, as in the checkpoints.
struct PackedInt4 {
  Int4Layout layout = Int4Layout::gemm;
  int group = 128;
  tensor::Matrix<std::int32_t> words;
  tensor::Matrix<std::int16_t> halves;
  tensor::Matrix<std::int32_t> zero_words;
  tensor::Matrix<float> scaled_zeros;
  tensor::Matrix<float> scales;
};

/// The sizes of what a weight is packed into.
struct PackedSizes {
  struct Side {
    std::size_t rows = 0, columns = 0;
  };
  Side weights;  ///< Of `words` or `halves`.
  Side zeros;    ///< Of `zero_words` or `scaled_zeros`.
  Side scales;
};

/// Sizes of a weight [n x k] in groups of `group`. Throws as pack_int4.
PackedSizes packed_sizes(std::size_t n, std::size_t k, int group, Int4Layout layout);

/// Words of eight zero points that a row of K weights takes in `gemv` and, as scales, in `v2`:
/// ceil(K / group / 8), made a multiple of 2 for groups of 64 and of 4 for groups of 32.
std::size_t padded_zero_words(std::size_t columns, int group);

/// Packs `w`. Throws QuantError naming what does not fit: bits other than 4, a group other than 32,
/// 64 or a multiple of 128, K no multiple of the group (and for v2 of 64), N no multiple of 8 for
/// gemm or of 4 for v2.
PackedInt4 pack_int4(const AffineWeights& w, Int4Layout layout);

/// The codes, zero points and scales that `packed` holds. In v2 a zero point is recovered as
/// -scaled_zero / scale, rounded. Throws QuantError when shapes do not belong together or a
/// recovered zero point is not in 0..15.
AffineWeights unpack_int4(const PackedInt4& packed);

}  // namespace hasse::quant
