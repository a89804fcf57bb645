// SPDX-License-Identifier: Apache-2.0
// The one error of hasse::hdl, and the source position every construction call carries.
#pragma once

#include <source_location>
#include <stdexcept>
#include <string>

namespace hasse::hdl {

/// Where in the generator's C++ a piece of hardware was described.
using Location = std::source_location;

/// A description that would not be lint-clean Verilog. The message names the signals, the widths
/// and the file and line of the C++ call that broke the rule.
class HdlError : public std::logic_error {
 public:
  HdlError(const std::string& message, const Location& where);
};

/// "file.cpp:12" of a location, as it is printed in error messages.
std::string describe(const Location& where);

}  // namespace hasse::hdl
