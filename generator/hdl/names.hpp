// SPDX-License-Identifier: Apache-2.0
// Which identifiers may appear in the emitted Verilog. Not for units.
#pragma once

#include <string>
#include <string_view>

#include "generator/hdl/error.hpp"

namespace hasse::hdl::detail {

enum class NameStyle {
  signal,    ///< lower_snake
  constant,  ///< UpperCamel: parameters and named constants
  instance,  ///< u_lower_snake
  label      ///< gen_lower_snake
};

/// Lower case copy: names that differ in case only are the same name.
std::string fold_case(std::string_view name);

/// Throws unless the name is an identifier of the given style and no keyword of Verilog,
/// SystemVerilog or VHDL. `what` names the thing in the message.
void check_name(std::string_view name, NameStyle style, std::string_view what,
                const Location& where);

}  // namespace hasse::hdl::detail
