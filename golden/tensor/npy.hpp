// SPDX-License-Identifier: Apache-2.0
// NumPy's .npy files: two-dimensional matrices of integers or float32.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "golden/tensor/dtype.hpp"
#include "golden/tensor/format_error.hpp"
#include "golden/tensor/matrix.hpp"

namespace hasse::tensor {

/// A matrix of whichever element type its file states.
using NpyArray =
    std::variant<Matrix<std::int8_t>, Matrix<std::int16_t>, Matrix<std::int32_t>,
                 Matrix<std::int64_t>, Matrix<float>, Matrix<std::uint8_t>, Matrix<std::uint16_t>>;

/// Longest side of a matrix in a file.
inline constexpr std::uint64_t kMaxNpySide = 0x7fffffff;

/// Element type of the matrix that `array` holds.
Dtype dtype_of(const NpyArray& array);

/// Reads an .npy file of format version 1.0 or 2.0 (NumPy Enhancement Proposal 1): little endian,
/// C order, two dimensions of 1..kMaxNpySide, element type int8, int16, int32, int64, uint8, uint16
/// or float32.
/// Throws FormatError naming file, field, value and expectation for anything else, including a
/// file that ends early or goes on after the data.
NpyArray read_npy(const std::filesystem::path& path);

/// As read_npy, from the `bytes` of a file that messages call `name`.
NpyArray parse_npy(std::string_view bytes, const std::string& name);

/// As read_npy, and throws FormatError when the element type is not exactly `T`.
template <class T>
Matrix<T> read_npy_as(const std::filesystem::path& path) {
  NpyArray array = read_npy(path);
  if (auto* matrix = std::get_if<Matrix<T>>(&array)) return std::move(*matrix);
  throw FormatError(path.string(), "descr", name_of(dtype_of(array)), name_of(kDtypeOf<T>));
}

/// The bytes of an .npy file, version 1.0, that holds `matrix`, whose sides have to be
/// 1..kMaxNpySide (throws FormatError, calling the matrix `name`).
template <class T>
std::string format_npy(const Matrix<T>& matrix, const std::string& name = "matrix");

/// Writes `matrix` as an .npy file. Throws FormatError as format_npy does, and when `path` cannot
/// be written. Element types as in NpyArray.
template <class T>
void write_npy(const std::filesystem::path& path, const Matrix<T>& matrix);

}  // namespace hasse::tensor
