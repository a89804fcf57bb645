// SPDX-License-Identifier: Apache-2.0
// Asymmetric codes of keys and values.
#include "golden/attention/kv_codes.hpp"

#include <algorithm>
#include <cmath>

namespace hasse::attention {

KvCodes encode_kv(std::span<const float> vector, int bits) {
  const double levels = (1 << bits) - 1;
  const auto [least, most] = std::ranges::minmax(vector);
  KvCodes result{std::vector<std::uint8_t>(vector.size()),
                 std::max(static_cast<double>(most) - least, 1e-9) / levels, least};
  for (std::size_t d = 0; d < vector.size(); ++d) {
    const double code = std::rint((vector[d] - result.low) / result.step);
    result.codes[d] = static_cast<std::uint8_t>(std::clamp(code, 0.0, levels));
  }
  return result;
}

std::vector<float> decode_kv(const KvCodes& codes) {
  std::vector<float> vector(codes.codes.size());
  std::ranges::transform(codes.codes, vector.begin(), [&codes](std::uint8_t code) {
    return static_cast<float>(code * codes.step + codes.low);
  });
  return vector;
}

tensor::Matrix<float> round_kv(const tensor::Matrix<float>& matrix, std::size_t dim, int bits) {
  tensor::Matrix<float> result(matrix.rows(), matrix.cols());
  for (std::size_t t = 0; t < matrix.rows(); ++t) {
    for (std::size_t begin = 0; begin < matrix.cols(); begin += dim) {
      const auto rounded = decode_kv(encode_kv(matrix.row(t).subspan(begin, dim), bits));
      std::ranges::copy(rounded, result.row(t).subspan(begin, dim).begin());
    }
  }
  return result;
}

double kv_bytes(std::size_t dim, int bits) {
  const double scales = bits < 16 ? 4 : 0;
  return static_cast<double>(dim) * bits / 8 + scales;
}

}  // namespace hasse::attention
