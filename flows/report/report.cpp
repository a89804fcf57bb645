// SPDX-License-Identifier: Apache-2.0
// Files and terminal text.
#include "flows/report/report.hpp"

#include <algorithm>

#include "flows/report/charts.hpp"
#include "flows/report/headline.hpp"
#include "flows/report/page.hpp"
#include "flows/report/svg.hpp"
#include "flows/report/text.hpp"

namespace hasse::report {
namespace {

std::vector<Documents> load_all(const std::vector<std::filesystem::path>& dirs) {
  if (dirs.empty()) throw ReportError("report: no directory named, expected at least one");
  std::vector<Documents> out;
  for (const auto& dir : dirs) out.push_back(load(dir));
  return out;
}

bool empty(const Row& row) {
  return std::all_of(row.cells.begin(), row.cells.end(),
                     [](const Cell& cell) { return cell.tone == Tone::kMissing; });
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
  return ruled_table(lines);
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
  add("power", documents.power);
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
