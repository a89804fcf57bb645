// SPDX-License-Identifier: Apache-2.0
// Composes the message of a FormatError.
#include "golden/tensor/format_error.hpp"

#include <fmt/format.h>

#include <cstddef>

namespace hasse::tensor {
namespace {

constexpr std::size_t kLongestValue = 120;

void append_printable(std::string& out, char c) {
  const auto code = static_cast<unsigned char>(c);
  if (code >= 0x20 && code < 0x7f) {
    out += c;
  } else {
    out += fmt::format("\\x{:02x}", code);
  }
}

std::string printable(std::string_view value) {
  if (value.empty()) return "empty";
  std::string out;
  for (const char c : value.substr(0, kLongestValue)) append_printable(out, c);
  if (value.size() > kLongestValue) out += "...";
  return out;
}

}  // namespace

FormatError::FormatError(std::string_view file, std::string_view field, std::string_view value,
                         std::string_view expected)
    : std::runtime_error(
          fmt::format("{}: {} is {}, expected {}", file, field, printable(value), expected)) {}

}  // namespace hasse::tensor
