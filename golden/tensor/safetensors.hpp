// SPDX-License-Identifier: Apache-2.0
// safetensors files: named tensors of any number of dimensions, and a table of strings.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "golden/tensor/dtype.hpp"
#include "golden/tensor/format_error.hpp"
#include "golden/tensor/matrix.hpp"

namespace hasse::tensor {

/// What a safetensors header says of one tensor. Its elements are bytes [begin, end) of the data.
struct TensorInfo {
  Dtype dtype;
  std::vector<std::size_t> shape;
  std::size_t begin;
  std::size_t end;
};

/// A safetensors file read whole and checked: element types I8, I16, I32, I64, U8, F16, BF16 and
/// F32; tensors that cover the data without overlap or gap; sizes that match shapes; every name
/// once. Format: https://huggingface.co/docs/safetensors
class Safetensors {
 public:
  /// Reads and checks `path`. Throws FormatError naming file, field, value and expectation.
  static Safetensors load(const std::filesystem::path& path);

  /// As load, from the `bytes` of a file that messages call `name`.
  static Safetensors parse(std::string bytes, std::string name);

  /// The file's name, as messages give it.
  const std::string& name() const { return name_; }

  /// The strings under `__metadata__`; empty when the file has none.
  const std::map<std::string, std::string>& metadata() const { return metadata_; }

  /// All tensors, by name.
  const std::map<std::string, TensorInfo>& tensors() const { return tensors_; }

  /// The tensor called `tensor`. Throws FormatError when there is none.
  const TensorInfo& info(const std::string& tensor) const;

  /// All elements of `tensor`, last dimension fastest. `T` is float for F16, BF16 and F32, all of
  /// which are read exactly, and the integer type itself for the others. Throws FormatError when
  /// the tensor is missing or of another type.
  template <class T>
  std::vector<T> values(const std::string& tensor) const;

  /// As values, and throws FormatError unless `tensor` has two dimensions.
  template <class T>
  Matrix<T> matrix(const std::string& tensor) const;

 private:
  std::string name_;
  std::string bytes_;
  std::size_t data_begin_ = 0;
  std::map<std::string, std::string> metadata_;
  std::map<std::string, TensorInfo> tensors_;
};

/// One tensor to be written: `bytes` are its elements, little endian, last dimension fastest.
struct TensorData {
  std::string name;
  Dtype dtype;
  std::vector<std::size_t> shape;
  std::string bytes;
};

/// `matrix` as a tensor called `name` of shape rows x cols.
template <class T>
TensorData tensor_data(std::string name, const Matrix<T>& matrix) {
  const auto* bytes = reinterpret_cast<const char*>(matrix.data());
  return {std::move(name),
          kDtypeOf<T>,
          {matrix.rows(), matrix.cols()},
          std::string(bytes, matrix.size() * sizeof(T))};
}

/// The bytes of a safetensors file of `tensors`, in that order, and `metadata`. Throws FormatError
/// when a name occurs twice or a tensor's bytes do not match its shape.
std::string format_safetensors(const std::vector<TensorData>& tensors,
                               const std::map<std::string, std::string>& metadata);

/// Writes what format_safetensors makes. Throws as it does, and when `path` cannot be written.
void write_safetensors(const std::filesystem::path& path, const std::vector<TensorData>& tensors,
                       const std::map<std::string, std::string>& metadata);

}  // namespace hasse::tensor
