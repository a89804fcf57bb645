// SPDX-License-Identifier: Apache-2.0
// Files and terminal text.
#include "flows/report/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "flows/report/charts.hpp"
#include "flows/report/headline.hpp"
#include "flows/report/page.hpp"
#include "flows/report/svg.hpp"

namespace hasse::report {
namespace {

std::vector<Documents> load_all(const std::vector<std::filesystem::path>& dirs) {
  if (dirs.empty()) throw ReportError("report: no directory named, expected at least one");
  std::vector<Documents> out;
  for (const auto& dir : dirs) out.push_back(load(dir));
  return out;
}

/// Writes beside the target, then renames, so that a reader never sees half a file.
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

bool empty(const Row& row) {
  return std::all_of(row.cells.begin(), row.cells.end(),
                     [](const Cell& cell) { return cell.tone == Tone::kMissing; });
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

void write(const std::vector<std::filesystem::path>& dirs, const std::filesystem::path& out_html) {
  replace_file(out_html, page(load_all(dirs)));
}

std::string summary_table(const std::vector<std::filesystem::path>& dirs) {
  const std::vector<Documents> documents = load_all(dirs);
  std::vector<std::vector<std::string>> lines(1);
  lines.front().push_back("");
  for (const Documents& one : documents) lines.front().push_back(one.name());
  lines.front().push_back("");
  for (const Row& row : headline(documents)) {
    if (empty(row)) continue;
    std::vector<std::string> line{row.label};
    for (const Cell& cell : row.cells) line.push_back(cell.text);
    line.push_back(row.unit);
    lines.push_back(std::move(line));
  }
  return with_rule(aligned(lines));
}

nlohmann::json merge(const std::filesystem::path& dir) {
  const Documents documents = load(dir);
  nlohmann::json out{{"name", documents.name()}};
  const auto add = [&](const char* key, const std::optional<Field>& field) {
    if (field) out[key] = field->value();
  };
  add("design", documents.design());
  add("generate", documents.generate);
  add("verify", documents.verify);
  add("synth", documents.synth);
  return out;
}

std::vector<std::filesystem::path> svg_files(const std::filesystem::path& dir,
                                             const std::filesystem::path& out_dir) {
  const Documents documents = load(dir);
  std::vector<std::filesystem::path> written;
  const auto save = [&](const char* name, Element chart) {
    replace_file(out_dir / name, standalone(std::move(chart)));
    written.push_back(out_dir / name);
  };
  if (const auto subtile = documents.verify ? documents.verify->find("subtile") : std::nullopt) {
    save("hasse_graph.svg", draw_hasse_graph(read_subtile(*subtile), "graph"));
  }
  if (const auto area = documents.synth ? documents.synth->find("area_by_unit") : std::nullopt) {
    const double nand2 = nand2_area(documents.synth).value_or(0.0);
    save("area.svg", draw_area(read_area_by_unit(*area), nand2, "area"));
  }
  return written;
}

}  // namespace hasse::report
