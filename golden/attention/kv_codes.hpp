// SPDX-License-Identifier: Apache-2.0
// Keys and values of few bits, asymmetric per token and head: the KV caches of QServe and LServe,
// and the copy of the keys that Twilight estimates with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "golden/tensor/matrix.hpp"

namespace hasse::attention {

/// One vector in `bits` = 1..8 bit codes: element d stands for codes[d] * step + low.
struct KvCodes {
  std::vector<std::uint8_t> codes;
  double step = 0;
  double low = 0;
};

/// step = (max - min) / (2^bits - 1), at least 1e-9; codes rounded half to even. Twilight's
/// quantiser; QServe writes the same with a zero point of -min / step.
KvCodes encode_kv(std::span<const float> vector, int bits);

/// The real vector that `codes` stands for.
std::vector<float> decode_kv(const KvCodes& codes);

/// Every head of `dim` features of every row of `matrix` [T x heads * dim] encoded and decoded.
tensor::Matrix<float> round_kv(const tensor::Matrix<float>& matrix, std::size_t dim, int bits);

/// Bytes of one vector of `dim` elements in a cache: float16 at 16 bits, else codes and a float16
/// step and zero.
double kv_bytes(std::size_t dim, int bits);

}  // namespace hasse::attention
