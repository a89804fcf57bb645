// SPDX-License-Identifier: Apache-2.0
// Padding columns, and writing files beside their target.
#include "flows/report/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <string_view>
#include <system_error>

#include "flows/report/documents.hpp"

namespace hasse::report {
namespace {

/// Letters of UTF-8 text as a terminal counts them.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string left(std::string_view text, std::size_t width) {
  return std::string(text) + std::string(width - std::min(width, columns(text)), ' ');
}

std::string right(std::string_view text, std::size_t width) {
  return std::string(width - std::min(width, columns(text)), ' ') + std::string(text);
}

/// Lines of cells, padded column by column: the first and the last to the left, the others to the
/// right.
std::string aligned(const std::vector<std::vector<std::string>>& lines) {
  std::vector<std::size_t> widths(lines.front().size(), 0);
  for (const auto& line : lines) {
    for (std::size_t at = 0; at < line.size(); ++at) {
      widths[at] = std::max(widths[at], columns(line[at]));
    }
  }
  std::string out;
  for (const auto& line : lines) {
    std::string text = left(line.front(), widths.front());
    for (std::size_t at = 1; at + 1 < line.size(); ++at) text += "  " + right(line[at], widths[at]);
    text += ' ' + line.back();
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + '\n';
  }
  return out;
}

/// A rule of the table's width below its heading.
std::string with_rule(const std::string& table) {
  std::size_t widest = 0;
  for (std::size_t begin = 0; begin < table.size();) {
    const std::size_t end = table.find('\n', begin);
    widest = std::max(widest, columns(std::string_view(table).substr(begin, end - begin)));
    begin = end + 1;
  }
  std::string rule;
  for (std::size_t at = 0; at < widest; ++at) rule += "─";
  const std::size_t first_end = table.find('\n') + 1;
  return table.substr(0, first_end) + rule + '\n' + table.substr(first_end);
}

}  // namespace

std::string ruled_table(const std::vector<std::vector<std::string>>& lines) {
  return with_rule(aligned(lines));
}

void replace_file(const std::filesystem::path& file, const std::string& content) {
  std::error_code error;
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), error);
  std::filesystem::path partial = file;
  partial += ".partial";
  std::ofstream out(partial, std::ios::binary | std::ios::trunc);
  out << content;
  out.close();
  if (!out) throw ReportError(fmt::format("{}: cannot be written", partial.string()));
  std::filesystem::rename(partial, file, error);
  if (error) throw ReportError(fmt::format("{}: {}", file.string(), error.message()));
}

}  // namespace hasse::report
