// SPDX-License-Identifier: Apache-2.0
// Packs nibbles into the words of AWQ's checkpoints, and back.
#include "golden/quant/int4_layouts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "golden/tensor/floats.hpp"

namespace hasse::quant {
namespace {

using tensor::Matrix;

constexpr std::size_t kNibbles = 8;          ///< In a 32-bit word.
constexpr std::size_t kInterleavedRows = 4;  ///< Of v2.
constexpr std::size_t kStripe = 64;          ///< Columns of v2 whose rows follow each other.
constexpr std::size_t kStripeWords = kStripe / 4;
/// Output channel of nibble i of a word, of gemm.
constexpr std::array<std::size_t, kNibbles> kGemmOrder = {0, 2, 4, 6, 1, 3, 5, 7};

/// Where a weight's nibble is: word [row, column], nibble `nibble` from the lowest.
struct Place {
  std::size_t row, column, nibble;
};

/// Of output channel n and input channel k.
Place gemm_place(std::size_t n, std::size_t k) {
  const auto* const at = std::ranges::find(kGemmOrder, n % kNibbles);
  return {k, n / kNibbles, static_cast<std::size_t>(at - kGemmOrder.begin())};
}

Place gemv_place(std::size_t n, std::size_t k) {
  return {n, k / kNibbles, k % kNibbles};
}

/// Word w of a stripe's row holds columns c, c + 8, c + 16, c + 24 with c = w % 8 of its first
/// (w < 8) or second 32 columns.
Place v2_place(std::size_t n, std::size_t k) {
  const std::size_t in_stripe = k % kStripe, in_half = k % 32;
  const std::size_t word = in_stripe / 32 * 8 + in_half % 8;
  return {n / kInterleavedRows, k / kStripe * kStripe + n % kInterleavedRows * kStripeWords + word,
          in_half / 8};
}

template <class Word>
void put(Matrix<Word>& words, const Place& place, unsigned code) {
  Word& word = words(place.row, place.column);
  word = static_cast<Word>(static_cast<unsigned>(word) | code << (4 * place.nibble));
}

template <class Word>
std::uint8_t get(const Matrix<Word>& words, const Place& place) {
  const auto word = static_cast<unsigned>(words(place.row, place.column));
  return static_cast<std::uint8_t>(word >> (4 * place.nibble) & 15U);
}

void require(bool holds, const char* what, std::size_t value, const char* expected) {
  if (!holds)
    throw QuantError(fmt::format("int4 layout: {} is {}, expected {}", what, value, expected));
}

void check(std::size_t n, std::size_t k, int group, Int4Layout layout) {
  const auto size = static_cast<std::size_t>(std::max(group, 0));
  require(size == 32 || size == 64 || (size > 0 && size % 128 == 0), "group", size,
          "32, 64 or a multiple of 128");
  require(k > 0 && k % size == 0, "K", k, "a multiple of the group");
  if (layout == Int4Layout::v2) {
    require(k % kStripe == 0, "K", k, "a multiple of 64 in v2");
    require(n % kInterleavedRows == 0, "N", n, "a multiple of 4 in v2");
  }
  if (layout == Int4Layout::gemm) require(n % kNibbles == 0, "N", n, "a multiple of 8 in gemm");
}

Place place_of(Int4Layout layout, std::size_t n, std::size_t k) {
  if (layout == Int4Layout::gemm) return gemm_place(n, k);
  return layout == Int4Layout::gemv ? gemv_place(n, k) : v2_place(n, k);
}

template <class T>
Matrix<T> zeroed(const PackedSizes::Side& side) {
  return {side.rows, side.columns};
}

/// Scales as checkpoints keep them, padded to `side`, groups along its rows or columns.
Matrix<float> half_scales(const Matrix<float>& scales, const PackedSizes::Side& side,
                          bool groups_first) {
  auto result = zeroed<float>(side);
  for (std::size_t n = 0; n < scales.rows(); ++n)
    for (std::size_t g = 0; g < scales.cols(); ++g)
      (groups_first ? result(g, n) : result(n, g)) = tensor::rounded_to_half(scales(n, g));
  return result;
}

template <class Word>
void pack_codes(const Matrix<std::uint8_t>& codes, Int4Layout layout, Matrix<Word>& words) {
  for (std::size_t n = 0; n < codes.rows(); ++n)
    for (std::size_t k = 0; k < codes.cols(); ++k) put(words, place_of(layout, n, k), codes(n, k));
}

/// -(scale * zero), groups first, with the scales as they are kept.
Matrix<float> scaled_zeros(const AffineWeights& w, const Matrix<float>& scales) {
  Matrix<float> result(scales.rows(), scales.cols());
  for (std::size_t n = 0; n < w.zeros.rows(); ++n)
    for (std::size_t g = 0; g < w.zeros.cols(); ++g)
      result(g, n) = tensor::rounded_to_half(-scales(g, n) * static_cast<float>(w.zeros(n, g)));
  return result;
}

/// N, K and the orientation of the scales of a packed weight.
struct Sizes {
  std::size_t n, k;
  bool groups_first;
};

Sizes sizes_of(const PackedInt4& packed) {
  switch (packed.layout) {
    case Int4Layout::gemm:
      return {packed.words.cols() * kNibbles, packed.words.rows(), true};
    case Int4Layout::gemv:
      return {packed.words.rows(), packed.words.cols() * kNibbles, false};
    case Int4Layout::v2:
      return {packed.halves.rows() * kInterleavedRows, packed.halves.cols(), true};
  }
  throw QuantError("int4 layout: unknown");
}

void check_parts(const PackedInt4& packed, const Sizes& sizes) {
  const std::size_t groups = sizes.k / static_cast<std::size_t>(packed.group);
  const auto& scales = packed.scales;
  const std::size_t rows = sizes.groups_first ? groups : sizes.n;
  const std::size_t columns = sizes.groups_first ? sizes.n : groups;
  require(scales.rows() >= rows, "rows of the scales", scales.rows(), "one per group or channel");
  require(scales.cols() >= columns, "columns of the scales", scales.cols(),
          "one per channel or group");
  if (packed.layout == Int4Layout::v2) {
    require(
        packed.scaled_zeros.rows() == scales.rows() && packed.scaled_zeros.cols() == scales.cols(),
        "rows of the scaled zeros", packed.scaled_zeros.rows(), "the shape of the scales");
    return;
  }
  const bool gemm = packed.layout == Int4Layout::gemm;
  const std::size_t words = gemm ? sizes.n / kNibbles : (groups + kNibbles - 1) / kNibbles;
  require(packed.zero_words.rows() >= (gemm ? groups : sizes.n), "rows of the zeros",
          packed.zero_words.rows(), "one per group or channel");
  require(packed.zero_words.cols() >= words, "columns of the zeros", packed.zero_words.cols(),
          "one per eight channels or groups");
}

std::uint8_t zero_of(const PackedInt4& packed, std::size_t n, std::size_t g) {
  if (packed.layout != Int4Layout::v2) return get(packed.zero_words, place_of(packed.layout, n, g));
  const float zero = std::rint(-packed.scaled_zeros(g, n) / packed.scales(g, n));
  if (!(zero >= 0 && zero <= 15))
    throw QuantError(fmt::format(
        "int4 layout: zero point of group {} of channel {} is {}, expected 0 to 15", g, n, zero));
  return static_cast<std::uint8_t>(zero);
}

std::uint8_t code_of(const PackedInt4& packed, std::size_t n, std::size_t k) {
  const Place place = place_of(packed.layout, n, k);
  return packed.layout == Int4Layout::v2 ? get(packed.halves, place) : get(packed.words, place);
}

}  // namespace

std::string_view name_of(Int4Layout layout) {
  constexpr std::array<std::string_view, 3> kNames = {"gemm", "gemv", "v2"};
  return kNames.at(static_cast<std::size_t>(layout));
}

std::size_t padded_zero_words(std::size_t columns, int group) {
  const std::size_t words = (columns / static_cast<std::size_t>(group) + kNibbles - 1) / kNibbles;
  const std::size_t multiple = group == 32 ? 4 : group == 64 ? 2 : 1;
  return (words + multiple - 1) / multiple * multiple;
}

PackedSizes packed_sizes(std::size_t n, std::size_t k, int group, Int4Layout layout) {
  check(n, k, group, layout);
  const std::size_t groups = k / static_cast<std::size_t>(group);
  const std::size_t words = padded_zero_words(k, group), padded = words * kNibbles;
  switch (layout) {
    case Int4Layout::gemm:
      return {{k, n / kNibbles}, {groups, n / kNibbles}, {groups, n}};
    case Int4Layout::gemv:
      return {{n, k / kNibbles}, {n, words}, {n, padded}};
    case Int4Layout::v2:
      return {{n / kInterleavedRows, k}, {padded, n}, {padded, n}};
  }
  throw QuantError("int4 layout: unknown");
}

PackedInt4 pack_int4(const AffineWeights& w, Int4Layout layout) {
  require(w.bits == 4, "bits", static_cast<std::size_t>(w.bits), "4");
  const PackedSizes sizes = packed_sizes(w.codes.rows(), w.codes.cols(), w.group, layout);
  PackedInt4 packed;
  packed.layout = layout;
  packed.group = w.group;
  packed.scales = half_scales(w.scales, sizes.scales, layout != Int4Layout::gemv);
  if (layout == Int4Layout::v2) {
    packed.halves = zeroed<std::int16_t>(sizes.weights);
    packed.scaled_zeros = scaled_zeros(w, packed.scales);
    pack_codes(w.codes, layout, packed.halves);
    return packed;
  }
  packed.words = zeroed<std::int32_t>(sizes.weights);
  packed.zero_words = zeroed<std::int32_t>(sizes.zeros);
  pack_codes(w.codes, layout, packed.words);
  pack_codes(w.zeros, layout, packed.zero_words);
  return packed;
}

AffineWeights unpack_int4(const PackedInt4& packed) {
  const Sizes sizes = sizes_of(packed);
  check(sizes.n, sizes.k, packed.group, packed.layout);
  check_parts(packed, sizes);
  const std::size_t groups = sizes.k / static_cast<std::size_t>(packed.group);
  AffineWeights w{{sizes.n, sizes.k}, {sizes.n, groups}, {sizes.n, groups}, 4, packed.group};
  for (std::size_t n = 0; n < sizes.n; ++n) {
    for (std::size_t k = 0; k < sizes.k; ++k) w.codes(n, k) = code_of(packed, n, k);
    for (std::size_t g = 0; g < groups; ++g) {
      w.scales(n, g) = sizes.groups_first ? packed.scales(g, n) : packed.scales(n, g);
      w.zeros(n, g) = zero_of(packed, n, g);
    }
  }
  return w;
}

}  // namespace hasse::quant
