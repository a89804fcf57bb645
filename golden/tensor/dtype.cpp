// SPDX-License-Identifier: Apache-2.0
// Sizes and names of the stored element types.
#include "golden/tensor/dtype.hpp"

#include <array>

namespace hasse::tensor {
namespace {

struct Row {
  std::size_t size;
  std::string_view name;
};

constexpr std::array<Row, 9> kRows{{{1, "int8"},
                                    {2, "int16"},
                                    {4, "int32"},
                                    {8, "int64"},
                                    {1, "uint8"},
                                    {2, "float16"},
                                    {2, "bfloat16"},
                                    {4, "float32"},
                                    {2, "uint16"}}};

const Row& row_of(Dtype dtype) {
  return kRows.at(static_cast<std::size_t>(dtype));
}

}  // namespace

std::size_t size_of(Dtype dtype) {
  return row_of(dtype).size;
}

std::string_view name_of(Dtype dtype) {
  return row_of(dtype).name;
}

}  // namespace hasse::tensor
