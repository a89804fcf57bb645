// SPDX-License-Identifier: Apache-2.0
// What a verb leaves behind, and where it goes.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace hasse::flows {

/// Exit codes of the `hasse` command.
enum ExitCode : int {
  exit_ok = 0,
  exit_mismatches = 1,   ///< the hardware's products differ from the golden ones
  exit_bad_input = 2,    ///< a file, an option or a combination of them cannot be used
  exit_tool_failed = 3,  ///< a program that is needed is missing or failed
};

/// The end of a verb.
struct Outcome {
  nlohmann::ordered_json document;  ///< what --json writes
  std::string table;                ///< what a person reads
  int exit_code = exit_ok;
};

/// Rows of a table for a person: what, and how much.
using Rows = std::vector<std::pair<std::string, std::string>>;

/// `title`, then the rows in two aligned columns.
std::string format_table(const std::string& title, const Rows& rows);

/// "1,234,567".
std::string grouped(long long value);

/// Writes `document` to `path`, creating its folder; a file that is there is replaced only by a
/// complete one. Throws std::runtime_error naming the file when that fails.
void write_json(const std::filesystem::path& path, const nlohmann::ordered_json& document);

/// Keeps the result of `verb` in DIR/results/<verb>.json, where the report finds it.
void store_result(const std::filesystem::path& dir, const std::string& verb,
                  const nlohmann::ordered_json& result);

}  // namespace hasse::flows
