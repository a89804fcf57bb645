// SPDX-License-Identifier: Apache-2.0
// Everything `hasse generate` writes, still in memory.
#pragma once

#include <string>
#include <vector>

#include "generator/design/design.hpp"
#include "generator/emit/digest.hpp"
#include "generator/hdl/module.hpp"

namespace hasse::emit {

/// A complete output directory: RTL, file list, manifest, FuseSoC core, documentation.
struct Bundle {
  std::vector<File> files;
  std::string digest;  ///< of the RTL
  int modules = 0;     ///< Verilog modules, hand-written ones included
  int lines = 0;       ///< lines of Verilog
};

/// Puts together the output of `design`, whose modules stand children first, top last. The same
/// arguments give the same bytes. Throws hdl::HdlError when a module is not sound and
/// std::logic_error when the order is wrong.
Bundle bundle(const design::Design& design, const std::vector<hdl::Module>& modules);

/// The comment on top of every generated Verilog file of `design`.
std::vector<std::string> file_header(const design::Design& design);

}  // namespace hasse::emit
