// SPDX-License-Identifier: Apache-2.0
// Reads and writes safetensors files.
#include "golden/tensor/safetensors.hpp"

#include <fmt/format.h>

#include <Eigen/Core>
#include <bit>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "golden/tensor/file.hpp"
#include "golden/tensor/safetensors_header.hpp"

namespace hasse::tensor {
namespace {

static_assert(std::endian::native == std::endian::little, "element bytes are copied as they are");

constexpr std::size_t kLengthSize = 8;
/// Longest header the format's own library accepts.
constexpr std::uint64_t kLongestHeader = 100'000'000;

template <class Stored, class T>
std::vector<T> convert(std::string_view data) {
  std::vector<T> result(data.size() / sizeof(Stored));
  for (std::size_t i = 0; i < result.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, data.data() + i * sizeof(Stored), sizeof(Stored));
    result[i] = static_cast<T>(stored);
  }
  return result;
}

std::uint64_t header_length(const std::string& bytes, const std::string& name) {
  std::uint64_t length = 0;
  if (bytes.size() < kLengthSize) {
    throw FormatError(name, "file", fmt::format("{} bytes", bytes.size()),
                      "at least 8 for the header length");
  }
  std::memcpy(&length, bytes.data(), kLengthSize);
  if (length > kLongestHeader || length > bytes.size() - kLengthSize) {
    throw FormatError(name, "header length", fmt::format("{}", length),
                      fmt::format("at most {}, which the file has left, and {}",
                                  bytes.size() - kLengthSize, kLongestHeader));
  }
  return length;
}

void check_tensor(const TensorData& tensor, std::set<std::string>& names) {
  if (tensor.name == "__metadata__" || !names.insert(tensor.name).second) {
    throw FormatError("safetensors", "name", tensor.name, "a name of its own");
  }
  if (byte_size(tensor.dtype, tensor.shape) != tensor.bytes.size()) {
    throw FormatError(tensor.name, "data", fmt::format("{} bytes", tensor.bytes.size()),
                      "the size of its shape");
  }
}

}  // namespace

Safetensors Safetensors::load(const std::filesystem::path& path) {
  return parse(read_file(path), path.string());
}

Safetensors Safetensors::parse(std::string bytes, std::string name) {
  const std::uint64_t length = header_length(bytes, name);
  Safetensors file;
  file.name_ = std::move(name);
  file.bytes_ = std::move(bytes);
  file.data_begin_ = kLengthSize + length;
  const std::string_view text = std::string_view(file.bytes_).substr(kLengthSize, length);
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
    if (found.dtype == Dtype::f16) return convert<Eigen::half, T>(data);
    if (found.dtype == Dtype::bf16) return convert<Eigen::bfloat16, T>(data);
  }
  if (found.dtype == kDtypeOf<T>) return convert<T, T>(data);
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
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::set<std::string> names;
  std::string data;
  for (const TensorData& tensor : tensors) {
    check_tensor(tensor, names);
    header[tensor.name] = {{"dtype", safetensors_name(tensor.dtype)},
                           {"shape", tensor.shape},
                           {"data_offsets", {data.size(), data.size() + tensor.bytes.size()}}};
    data += tensor.bytes;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::uint64_t length = text.size();
  std::string bytes(kLengthSize, '\0');
  std::memcpy(bytes.data(), &length, kLengthSize);
  return bytes + text + data;
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
