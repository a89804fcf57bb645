// SPDX-License-Identifier: Apache-2.0
// A checked module to the text of its file. Not for units.
#pragma once

#include <string>
#include <vector>

#include "generator/hdl/structure.hpp"

namespace hasse::hdl::detail {

/// The file of a module, `header` lines first.
std::string emit_module(const ModuleData& module, const std::vector<std::string>& header);

}  // namespace hasse::hdl::detail
