// SPDX-License-Identifier: Apache-2.0
// safetensors files of any size, read and written piece by piece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "golden/tensor/matrix.hpp"
#include "golden/tensor/safetensors.hpp"
#include "golden/tensor/safetensors_header.hpp"

namespace hasse::tensor {

/// A safetensors file of which only the header is in memory, checked as by Safetensors.
class SafetensorsReader {
 public:
  /// Reads the header of `path`. Throws FormatError naming file, field, value and expectation.
  explicit SafetensorsReader(const std::filesystem::path& path);

  /// The file's name, as messages give it.
  const std::string& name() const { return name_; }
  /// The strings under `__metadata__`.
  const std::map<std::string, std::string>& metadata() const { return header_.metadata; }
  /// All tensors, by name.
  const std::map<std::string, TensorInfo>& tensors() const { return header_.tensors; }
  /// The tensor called `tensor`. Throws FormatError when there is none.
  const TensorInfo& info(const std::string& tensor) const;

  /// `count` bytes of `tensor` from its byte `first` on, which it has to have. Throws FormatError
  /// when the file cannot be read.
  std::string bytes(const std::string& tensor, std::size_t first, std::size_t count);

  /// Rows first .. first + count - 1, which it has to have, of the two-dimensional floating-point
  /// `tensor`. Throws FormatError for another kind of tensor and for elements that are not finite.
  Matrix<float> rows(const std::string& tensor, std::size_t first, std::size_t count);

 private:
  std::string name_;
  std::ifstream file_;
  std::size_t data_begin_ = 0;
  SafetensorsHeader header_;
};

/// A safetensors file that is written piece by piece beside its place, and put there when complete:
/// a file that is there already stays untouched until then.
class SafetensorsWriter {
 public:
  /// Begins a file of `tensors`, in that order, and `metadata`. Throws FormatError when a name
  /// occurs twice or the file cannot be made.
  SafetensorsWriter(std::filesystem::path path, const std::vector<TensorEntry>& tensors,
                    const std::map<std::string, std::string>& metadata);
  /// Removes what was written of a file that was not finished.
  ~SafetensorsWriter();
  SafetensorsWriter(const SafetensorsWriter&) = delete;
  SafetensorsWriter& operator=(const SafetensorsWriter&) = delete;

  /// Writes `bytes` of `tensor` from its byte `first` on. Throws FormatError when they go beyond
  /// the tensor or cannot be written, std::out_of_range when there is no such tensor.
  void write(const std::string& tensor, std::size_t first, std::string_view bytes);

  /// Puts the file into its place. Throws FormatError when bytes are missing or that fails.
  void finish();

 private:
  [[noreturn]] void refuse() const;

  std::filesystem::path path_;
  std::filesystem::path partial_;
  std::ofstream file_;
  std::size_t data_begin_ = 0;
  std::size_t missing_ = 0;  ///< Bytes not written yet.
  std::map<std::string, TensorInfo> tensors_;
  bool finished_ = false;
};

}  // namespace hasse::tensor
