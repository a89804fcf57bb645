// SPDX-License-Identifier: Apache-2.0
// The hand-written modules that generated ones instantiate: their descriptions and their sources.
#pragma once

#include <string_view>
#include <vector>

#include "generator/hdl/module.hpp"

namespace hasse::emit {

/// A file of rtl/ carried inside the binary.
struct EmbeddedFile {
  std::string_view module;
  std::string_view text;
};

/// All of them, written by embed.cmake at build time.
const std::vector<EmbeddedFile>& embedded_files();

/// The source of hand-written module `name`. Throws std::logic_error when there is none.
std::string_view primitive_source(std::string_view name);

/// The hand-written modules that `modules` instantiate and do not contain, by name.
/// Throws std::logic_error when an instantiated module is neither.
std::vector<hdl::Module> primitives_of(const std::vector<hdl::Module>& modules);

}  // namespace hasse::emit
