// SPDX-License-Identifier: Apache-2.0
// Error messages with the caller's file and line in front.
#include "generator/hdl/error.hpp"

#include <fmt/format.h>

namespace hasse::hdl {

std::string describe(const Location& where) {
  return fmt::format("{}:{}", where.file_name(), where.line());
}

HdlError::HdlError(const std::string& message, const Location& where)
    : std::logic_error(describe(where) + ": " + message) {}

}  // namespace hasse::hdl
