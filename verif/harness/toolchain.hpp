// SPDX-License-Identifier: Apache-2.0
// Verilator and the C++ compiler as installed on this machine, and folders to use them in.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace hasse::harness {

/// A program and its arguments.
using Arguments = std::vector<std::string>;

/// `left`, then `right`.
Arguments operator+(Arguments left, const Arguments& right);

/// A new folder in `parent` that no other process uses; gone with the object.
class Workspace {
 public:
  /// Makes `parent` too when it is missing. Throws HarnessError when the folder cannot be made.
  explicit Workspace(const std::filesystem::path& parent);
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// What one build of Verilated code depends on beside the code.
struct Toolchain {
  /// Version lines of verilator and g++.
  std::string versions;
  /// Folder of Verilator's headers and runtime sources.
  std::filesystem::path runtime;

  /// The tools in the PATH, asked once per process; `scratch` is a folder that may be written to.
  /// Throws synth::ToolError naming the Debian package of a missing one.
  static const Toolchain& installed(const std::filesystem::path& scratch);
};

}  // namespace hasse::harness
