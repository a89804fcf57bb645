// SPDX-License-Identifier: Apache-2.0
// Reads and writes whole files.
#include "golden/tensor/file.hpp"

#include <fstream>
#include <system_error>

#include "golden/tensor/format_error.hpp"

namespace hasse::tensor {

std::string read_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    throw FormatError(path.string(), "path", "missing", "a file");
  }
  if (!std::filesystem::is_regular_file(status)) {
    throw FormatError(path.string(), "path", "not a regular file", "a regular file");
  }
  std::string bytes(std::filesystem::file_size(path, error), '\0');
  std::ifstream in(path, std::ios::binary);
  if (error || !in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
    throw FormatError(path.string(), "path", "unreadable", "a readable file");
  }
  return bytes;
}

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) throw FormatError(path.string(), "path", "not writable", "a writable path");
}

}  // namespace hasse::tensor
