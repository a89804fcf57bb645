// SPDX-License-Identifier: Apache-2.0
// Tables for a terminal, and files that are replaced whole.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace hasse::report {

/// Lines of cells (UTF-8), padded column by column, the first and the last to the left, the others
/// to the right; a rule below the first line. All lines have as many cells as the first.
std::string ruled_table(const std::vector<std::vector<std::string>>& lines);

/// Replaces `file` by one of `content`, making its folder when missing, so that a reader never sees
/// half a file. Throws ReportError.
void replace_file(const std::filesystem::path& file, const std::string& content);

}  // namespace hasse::report
