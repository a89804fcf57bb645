// SPDX-License-Identifier: Apache-2.0
// In which order modules are compiled, and in which order a reader meets them.
#pragma once

#include <string>
#include <vector>

#include "generator/hdl/module.hpp"

namespace hasse::emit {

/// Children before parents, top last, exactly the hand-written modules that are needed first.
/// Throws std::logic_error when `modules` is empty, holds a name twice, holds a generated module
/// that the top does not reach, or is not in that order.
std::vector<hdl::Module> compile_order(const std::vector<hdl::Module>& modules);

/// Top first, then what it instantiates, as the data flows: in the order of the instances, each
/// followed by its own; hand-written modules last.
std::vector<hdl::Module> reading_order(const std::vector<hdl::Module>& compiled);

/// The area bucket of `module`: its own or, when it has none, that of the first of `compiled` that
/// uses it.
std::string unit_of(const hdl::Module& module, const std::vector<hdl::Module>& compiled);

/// Whether `parent` contains an instance of `child`.
bool instantiates(const hdl::Module& parent, const std::string& child);

}  // namespace hasse::emit
