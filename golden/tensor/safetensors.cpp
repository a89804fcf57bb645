// SPDX-License-Identifier: Apache-2.0
// Reads and writes safetensors files.
#include "golden/tensor/safetensors.hpp"

#include <fmt/format.h>

#include <cstring>
#include <utility>

#include "golden/tensor/file.hpp"
#include "golden/tensor/floats.hpp"
#include "golden/tensor/safetensors_header.hpp"

namespace hasse::tensor {

Safetensors Safetensors::load(const std::filesystem::path& path) {
  return parse(read_file(path), path.string());
}

Safetensors Safetensors::parse(std::string bytes, std::string name) {
  const std::size_t length = header_length(bytes, bytes.size(), name);
  Safetensors file;
  file.name_ = std::move(name);
  file.bytes_ = std::move(bytes);
  file.data_begin_ = kHeaderLengthSize + length;
  const std::string_view text = std::string_view(file.bytes_).substr(kHeaderLengthSize, length);
  SafetensorsHeader header =
      parse_safetensors_header(text, file.bytes_.size() - file.data_begin_, file.name_);
  file.metadata_ = std::move(header.metadata);
  file.tensors_ = std::move(header.tensors);
  return file;
}

const TensorInfo& Safetensors::info(const std::string& tensor) const {
  const auto found = tensors_.find(tensor);
  if (found == tensors_.end()) throw FormatError(name_, tensor, "missing", "a tensor of that name");
  return found->second;
}

template <class T>
std::vector<T> Safetensors::values(const std::string& tensor) const {
  const TensorInfo& found = info(tensor);
  const auto data =
      std::string_view(bytes_).substr(data_begin_ + found.begin, found.end - found.begin);
  if constexpr (kDtypeOf<T> == Dtype::f32) {
    if (is_float(found.dtype)) return floats_of(found.dtype, data);
  } else if (found.dtype == kDtypeOf<T>) {
    std::vector<T> result(data.size() / sizeof(T));
    if (!data.empty()) std::memcpy(result.data(), data.data(), data.size());
    return result;
  }
  throw FormatError(name_ + ": " + tensor, "dtype", name_of(found.dtype), name_of(kDtypeOf<T>));
}

template <class T>
Matrix<T> Safetensors::matrix(const std::string& tensor) const {
  const auto& shape = info(tensor).shape;
  if (shape.size() != 2) {
    throw FormatError(name_ + ": " + tensor, "shape", fmt::format("{} dimensions", shape.size()),
                      "2 dimensions");
  }
  return {shape[0], shape[1], values<T>(tensor)};
}

std::string format_safetensors(const std::vector<TensorData>& tensors,
                               const std::map<std::string, std::string>& metadata) {
  std::vector<TensorEntry> entries;
  std::string data;
  for (const TensorData& tensor : tensors) {
    if (byte_size(tensor.dtype, tensor.shape) != tensor.bytes.size())
      throw FormatError(tensor.name, "data", fmt::format("{} bytes", tensor.bytes.size()),
                        "the size of its shape");
    entries.push_back({tensor.name, tensor.dtype, tensor.shape});
    data += tensor.bytes;
  }
  return format_safetensors_header(entries, metadata) + data;
}

void write_safetensors(const std::filesystem::path& path, const std::vector<TensorData>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  write_file(path, format_safetensors(tensors, metadata));
}

template std::vector<std::int8_t> Safetensors::values(const std::string&) const;
template std::vector<std::int16_t> Safetensors::values(const std::string&) const;
template std::vector<std::int32_t> Safetensors::values(const std::string&) const;
template std::vector<std::int64_t> Safetensors::values(const std::string&) const;
template std::vector<std::uint8_t> Safetensors::values(const std::string&) const;
template std::vector<float> Safetensors::values(const std::string&) const;
template Matrix<std::int8_t> Safetensors::matrix(const std::string&) const;
template Matrix<std::int16_t> Safetensors::matrix(const std::string&) const;
template Matrix<std::int32_t> Safetensors::matrix(const std::string&) const;
template Matrix<std::int64_t> Safetensors::matrix(const std::string&) const;
template Matrix<std::uint8_t> Safetensors::matrix(const std::string&) const;
template Matrix<float> Safetensors::matrix(const std::string&) const;

}  // namespace hasse::tensor
