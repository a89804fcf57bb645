// SPDX-License-Identifier: Apache-2.0
// Reads and writes parts of safetensors files.
#include "golden/tensor/safetensors_stream.hpp"

#include <fmt/format.h>

#include <cmath>
#include <system_error>
#include <utility>

#include "golden/tensor/floats.hpp"

namespace hasse::tensor {
namespace {

namespace fs = std::filesystem;

std::size_t regular_size(const fs::path& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (!fs::exists(status)) throw FormatError(path.string(), "path", "missing", "a file");
  if (!fs::is_regular_file(status))
    throw FormatError(path.string(), "path", "not a regular file", "a regular file");
  return fs::file_size(path, error);
}

std::string read_part(std::ifstream& file, std::size_t first, std::size_t count,
                      const std::string& name) {
  std::string bytes(count, '\0');
  file.seekg(static_cast<std::streamoff>(first));
  if (!file.read(bytes.data(), static_cast<std::streamsize>(count)))
    throw FormatError(name, "path", "unreadable", "a readable file");
  return bytes;
}

}  // namespace

SafetensorsReader::SafetensorsReader(const fs::path& path) : name_(path.string()) {
  const std::size_t size = regular_size(path);
  file_.open(path, std::ios::binary);
  if (!file_) throw FormatError(name_, "path", "unreadable", "a readable file");
  const std::string length_bytes = read_part(file_, 0, std::min(size, kHeaderLengthSize), name_);
  const std::size_t length = header_length(length_bytes, size, name_);
  data_begin_ = kHeaderLengthSize + length;
  header_ = parse_safetensors_header(read_part(file_, kHeaderLengthSize, length, name_),
                                     size - data_begin_, name_);
}

const TensorInfo& SafetensorsReader::info(const std::string& tensor) const {
  const auto found = tensors().find(tensor);
  if (found == tensors().end())
    throw FormatError(name_, tensor, "missing", "a tensor of that name");
  return found->second;
}

std::string SafetensorsReader::bytes(const std::string& tensor, std::size_t first,
                                     std::size_t count) {
  return read_part(file_, data_begin_ + info(tensor).begin + first, count, name_);
}

Matrix<float> SafetensorsReader::rows(const std::string& tensor, std::size_t first,
                                      std::size_t count) {
  const TensorInfo& found = info(tensor);
  const std::string where = name_ + ": " + tensor;
  if (!is_float(found.dtype))
    throw FormatError(where, "dtype", name_of(found.dtype), "float16, bfloat16 or float32");
  if (found.shape.size() != 2)
    throw FormatError(where, "shape", fmt::format("{} dimensions", found.shape.size()),
                      "2 dimensions");
  const std::size_t columns = found.shape[1], row_bytes = columns * size_of(found.dtype);
  Matrix<float> result(count, columns,
                       floats_of(found.dtype, bytes(tensor, first * row_bytes, count * row_bytes)));
  for (std::size_t i = 0; i < result.size(); ++i)
    if (!std::isfinite(result.data()[i]))
      throw FormatError(where, fmt::format("element [{}, {}]", first + i / columns, i % columns),
                        fmt::format("{}", result.data()[i]), "a finite number");
  return result;
}

SafetensorsWriter::SafetensorsWriter(fs::path path, const std::vector<TensorEntry>& tensors,
                                     const std::map<std::string, std::string>& metadata)
    : path_(std::move(path)), partial_(path_.string() + ".partial") {
  const std::string header = format_safetensors_header(tensors, metadata);
  data_begin_ = header.size();
  for (const TensorEntry& entry : tensors) {
    const std::size_t size = byte_size(entry.dtype, entry.shape).value();
    tensors_[entry.name] = {entry.dtype, entry.shape, missing_, missing_ + size};
    missing_ += size;
  }
  std::error_code ignored;
  if (path_.has_parent_path()) fs::create_directories(path_.parent_path(), ignored);
  file_.open(partial_, std::ios::binary | std::ios::trunc);
  if (!file_.write(header.data(), static_cast<std::streamsize>(header.size()))) refuse();
}

SafetensorsWriter::~SafetensorsWriter() {
  if (finished_) return;
  file_.close();
  std::error_code ignored;
  fs::remove(partial_, ignored);
}

void SafetensorsWriter::write(const std::string& tensor, std::size_t first,
                              std::string_view bytes) {
  const TensorInfo& info = tensors_.at(tensor);
  if (first + bytes.size() > info.end - info.begin)
    throw FormatError(tensor, "data", fmt::format("{} bytes", first + bytes.size()),
                      "the size of its shape");
  file_.seekp(static_cast<std::streamoff>(data_begin_ + info.begin + first));
  if (!file_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()))) refuse();
  missing_ -= bytes.size();
}

void SafetensorsWriter::finish() {
  if (missing_ != 0)
    throw FormatError(path_.string(), "data", fmt::format("{} bytes short", missing_),
                      "every tensor written");
  file_.close();
  std::error_code error;
  if (file_) fs::rename(partial_, path_, error);
  if (!file_ || error) refuse();
  finished_ = true;
}

void SafetensorsWriter::refuse() const {
  throw FormatError(path_.string(), "path", "not writable", "a writable path");
}

}  // namespace hasse::tensor
