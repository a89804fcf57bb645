// SPDX-License-Identifier: Apache-2.0
// What is simulated: Verilog files, a top module, parameter values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hasse::harness {

/// Verilog files and the module of them to simulate.
struct RtlSource {
  /// Folder the file names are relative to.
  std::filesystem::path root;
  /// In compile order.
  std::vector<std::string> files;
  std::string top;
  /// Integer parameters of `top` that are not to have their default value.
  std::map<std::string, std::int64_t> parameters;
};

/// Names, sizes and bytes of all files, top and parameters as 32 hexadecimal digits (XXH3-128);
/// `salt` is mixed in. Throws tensor::FormatError naming a file that cannot be read.
std::string digest(const RtlSource& source, std::string_view salt);

}  // namespace hasse::harness
