// SPDX-License-Identifier: Apache-2.0
// Draws heat maps.
#include "flows/report/heat_map.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "flows/report/svg.hpp"

namespace hasse::report {
namespace {

constexpr double kCellHeight = 24;
constexpr double kTop = 44;
constexpr double kFontSize = 12;

double widest(const std::vector<std::string>& texts) {
  double width = 0;
  for (const std::string& text : texts) width = std::max(width, text_width(text, kFontSize));
  return width;
}

double cell_width(const HeatMap& map) {
  double width = widest(map.columns);
  for (const auto& row : map.cells) {
    for (const HeatCell& cell : row) width = std::max(width, text_width(cell.text, kFontSize));
  }
  return width + 16;
}

/// A ground, the shade over it, and the value in whichever ink can be read on both.
Element draw_cell(const HeatCell& cell, double x, double y, double width) {
  const double shade = std::clamp(cell.shade, 0.0, 1.0);
  Element group("g");
  group.add(box(x + 1, y + 1, width - 2, kCellHeight - 2, "track"));
  group.add(box(x + 1, y + 1, width - 2, kCellHeight - 2, "logic")
                .set("opacity", fmt::format("{:.3f}", 0.75 * shade)));
  group.add(label(x + width / 2, y + 16, cell.text, "t", Anchor::kMiddle));
  return group;
}

}  // namespace

Element draw_heat_map(const HeatMap& map, std::string_view id) {
  const double left = std::max(widest(map.rows), text_width(map.down, kFontSize)) + 16;
  const double cell = cell_width(map);
  const double width = std::max(left + cell * static_cast<double>(map.columns.size()),
                                std::max(text_width(map.title, kFontSize + 1),
                                         left + text_width(map.across, kFontSize))) +
                       8;
  const double height = kTop + kCellHeight * static_cast<double>(map.rows.size()) + 4;
  Element svg = drawing(id, width, height, map.title,
                        fmt::format("{} by {}, {} by {} cells.", map.down, map.across,
                                    map.rows.size(), map.columns.size()));
  svg.add(label(0, 14, map.title, "t b"));
  svg.add(label(0, 36, map.down, "t dim"));
  for (std::size_t column = 0; column < map.columns.size(); ++column) {
    const double x = left + cell * static_cast<double>(column);
    svg.add(label(x + cell / 2, 36, map.columns[column], "t dim", Anchor::kMiddle));
  }
  for (std::size_t row = 0; row < map.rows.size(); ++row) {
    const double y = kTop + kCellHeight * static_cast<double>(row);
    svg.add(label(0, y + 16, map.rows[row], "t"));
    for (std::size_t column = 0; column < map.cells[row].size(); ++column) {
      const double x = left + cell * static_cast<double>(column);
      svg.add(with_tooltip(draw_cell(map.cells[row][column], x, y, cell),
                           fmt::format("{} {}, {} {}: {}", map.down, map.rows[row], map.across,
                                       map.columns[column], map.cells[row][column].text)));
    }
  }
  return svg;
}

}  // namespace hasse::report
