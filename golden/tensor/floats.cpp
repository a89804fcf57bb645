// SPDX-License-Identifier: Apache-2.0
// Conversions on Eigen's half and bfloat16.
#include "golden/tensor/floats.hpp"

#include <Eigen/Core>
#include <bit>
#include <cstring>

namespace hasse::tensor {
namespace {

static_assert(std::endian::native == std::endian::little, "element bytes are copied as they are");

template <class Stored>
std::vector<float> read(std::string_view bytes) {
  std::vector<float> result(bytes.size() / sizeof(Stored));
  for (std::size_t i = 0; i < result.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    result[i] = static_cast<float>(stored);
  }
  return result;
}

template <class Stored>
std::string write(std::span<const float> values) {
  std::string bytes(values.size() * sizeof(Stored), '\0');
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto stored = static_cast<Stored>(values[i]);
    std::memcpy(bytes.data() + i * sizeof(Stored), &stored, sizeof(Stored));
  }
  return bytes;
}

}  // namespace

bool is_float(Dtype dtype) {
  return dtype == Dtype::f16 || dtype == Dtype::bf16 || dtype == Dtype::f32;
}

std::vector<float> floats_of(Dtype dtype, std::string_view bytes) {
  if (dtype == Dtype::f16) return read<Eigen::half>(bytes);
  if (dtype == Dtype::bf16) return read<Eigen::bfloat16>(bytes);
  return read<float>(bytes);
}

std::string bytes_of(Dtype dtype, std::span<const float> values) {
  if (dtype == Dtype::f16) return write<Eigen::half>(values);
  if (dtype == Dtype::bf16) return write<Eigen::bfloat16>(values);
  return write<float>(values);
}

float rounded_to_half(float value) {
  return static_cast<float>(static_cast<Eigen::half>(value));
}

}  // namespace hasse::tensor
