// SPDX-License-Identifier: Apache-2.0
// One line on a terminal that says what is going on; nothing at all anywhere else.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

namespace hasse::flows {

/// Rewrites one line of a terminal, at most ten times a second, and wipes it in the end.
class Progress {
 public:
  /// Shows progress on `stream` if it is a terminal.
  explicit Progress(std::FILE* stream = stderr);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// What is being done; `fraction` of it is done, in 0..1, or negative when unknown.
  void show(std::string_view what, double fraction = -1);

  /// Wipes the line, so that something else can be printed.
  void clear();

 private:
  std::FILE* stream_;
  bool terminal_;
  bool dirty_ = false;
  std::string last_what_;
  std::chrono::steady_clock::time_point last_time_;
};

/// The line that is shown: "verify: simulating  42 %".
std::string progress_line(std::string_view what, double fraction);

}  // namespace hasse::flows
