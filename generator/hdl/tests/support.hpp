// SPDX-License-Identifier: Apache-2.0
// What the hdl tests share: error expectations, golden files, running a tool.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace hasse::hdl::testing {

/// Runs `body`, which must throw HdlError, and checks that the message has every fragment.
void expect_error(const std::function<void()>& body, const std::vector<std::string>& fragments);

/// Compares text with generator/hdl/tests/golden/NAME; HASSE_UPDATE_GOLDEN=1 rewrites the file.
void expect_golden(const std::string& name, const std::string& text);

/// Whether a program is on the PATH.
bool has_tool(const std::string& program);

/// The exit status and all output of a shell command.
struct ToolResult {
  int status = 0;
  std::string output;
};
ToolResult run_tool(const std::string& command);

/// An empty directory for the running test.
std::filesystem::path scratch_directory();

/// Writes a text file and returns its path.
std::filesystem::path write_file(const std::filesystem::path& path, const std::string& text);

/// The whole text of a file.
std::string read_text(const std::filesystem::path& path);

}  // namespace hasse::hdl::testing
