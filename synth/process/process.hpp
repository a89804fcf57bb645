// SPDX-License-Identifier: Apache-2.0
// Runs external tools: an argument vector, no shell, output captured in a log file.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "synth/error.hpp"

namespace hasse::synth {

/// One call of an external tool.
struct Command {
  /// argv[0] is a tool's name, looked up in PATH, or a path to it.
  std::vector<std::string> argv;
  /// Where it runs; empty means the caller's directory.
  std::filesystem::path directory;
  /// Receives standard output and standard error together; empty means they are discarded.
  /// A relative path is taken from the caller's directory.
  std::filesystem::path log;
};

/// How a tool ended.
struct Outcome {
  /// Exit status, or 128 + signal number when a signal ended it.
  int exit_code = 0;
  /// Wall-clock time, in seconds.
  double seconds = 0.0;
};

/// The full path of a tool in PATH (names with a slash are returned as they are).
/// Throws ToolError naming the Debian package that has the tool when it is missing.
std::filesystem::path find_tool(std::string_view name);

/// Runs a command to its end, with no time limit. Throws ToolError when it cannot be started.
Outcome run_process(const Command& command);

/// As run_process, and throws `failure` when the tool reports one.
Outcome run_checked(const Command& command);

/// That the command failed, with the last lines of its log.
ToolError failure(const Command& command, const Outcome& outcome);

/// Runs a command and returns what it wrote to standard output and standard error. `directory` is
/// where it runs (empty: the caller's). Throws ToolError with its last lines when it fails.
std::string run_captured(const std::vector<std::string>& argv,
                         const std::filesystem::path& directory = {});

/// Runs commands with at most `jobs` at once, started in the order given; `finished` is called once
/// per command, never concurrently, with its index. After a failure nothing new is started, and the
/// error of the failed command that comes first in the list is thrown.
void run_parallel(const std::vector<Command>& commands, unsigned jobs,
                  const std::function<void(std::size_t)>& finished = {});

/// The last `lines` lines of a text file, or an empty string when it cannot be read.
std::string tail_of_file(const std::filesystem::path& file, std::size_t lines);

}  // namespace hasse::synth
