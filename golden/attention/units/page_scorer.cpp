// SPDX-License-Identifier: Apache-2.0
// Integer page bounds and scores.
#include "golden/attention/units/page_scorer.hpp"

#include <algorithm>
#include <bit>

namespace hasse::attention::units {

std::int32_t page_score(std::span<const std::int8_t> q, std::span<const std::int8_t> max,
                        std::span<const std::int8_t> min) {
  std::int32_t sum = 0;
  for (std::size_t d = 0; d < q.size(); ++d) sum += q[d] * (q[d] < 0 ? min[d] : max[d]);
  return sum;
}

int score_bits(std::size_t dim) {
  // The largest magnitude is 2^14 a channel, reached only above zero: one bit more for the sign.
  return static_cast<int>(std::bit_width(dim << 14U)) + 1;
}

std::size_t page_score_cycles(std::size_t dim, std::size_t channels) {
  return (dim + channels - 1) / channels + 1;
}

bool PageReducer::take(std::int32_t logical, bool last, std::int32_t& score) {
  best_ = taken_ == 0 ? logical : std::max(best_, logical);
  ++taken_;
  if (taken_ < ratio_ && !last) return false;
  score = best_;
  taken_ = 0;
  return true;
}

std::uint32_t score_code(std::int32_t score, int shift, int bits) {
  const std::int32_t half = 1 << (bits - 1);
  return static_cast<std::uint32_t>(std::clamp(score >> shift, -half, half - 1) + half);
}

}  // namespace hasse::attention::units
