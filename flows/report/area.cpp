// SPDX-License-Identifier: Apache-2.0
// Cell area by unit, logic and memory apart.
#include <fmt/format.h>

#include <algorithm>

#include "flows/report/charts.hpp"
#include "flows/report/numbers.hpp"
#include "flows/report/svg.hpp"

namespace hasse::report {
namespace {

constexpr double kWidth = 760;
constexpr double kName = 150;     ///< Column of unit names.
constexpr double kFigures = 236;  ///< Columns of figures on the right.
constexpr double kRow = 30;
constexpr double kBar = 18;
constexpr double kStrip = 26;
constexpr double kBarsTop = 24 + kStrip + 22;

bool is_memory(std::string_view unit) {
  return unit == "memory" || (unit.size() > 7 && unit.substr(unit.size() - 7) == "_memory");
}

void sort_largest_first(std::vector<Share>& shares) {
  std::stable_sort(shares.begin(), shares.end(),
                   [](const Share& a, const Share& b) { return a.value > b.value; });
}

/// Logic and memory in proportion, with their names inside or above.
void draw_strip(Element& svg, double logic, double memory) {
  const double sum = logic + memory;
  if (sum <= 0) return;
  const Scale x(0, sum, 0, kWidth);
  svg.add(label(0, 14, fmt::format("logic {} µm², {}", significant(logic), percent(logic / sum)),
                "t b"));
  if (memory <= 0) {
    svg.add(box(0, 24, kWidth, kStrip, "logic"));
    return;
  }
  svg.add(label(kWidth, 14,
                fmt::format("memory {} µm², {}", significant(memory), percent(memory / sum)), "t b",
                Anchor::kEnd));
  svg.add(box(0, 24, std::max(x(logic) - 1, 0.0), kStrip, "logic"));
  svg.add(box(x(logic) + 1, 24, std::max(kWidth - x(logic) - 1, 0.0), kStrip, "memory"));
}

/// What one group of bars shares: the longest bar, the whole its percentages are of, and the size
/// of a NAND2.
struct BarStyle {
  double longest;
  double whole_um2;
  double nand2_um2;
  std::string_view cls;
  std::string_view share_heading;
};

BarStyle style_of(const std::vector<Share>& units, double nand2_um2, std::string_view cls,
                  std::string_view share_heading) {
  return {units.empty() ? 0.0 : units.front().value, total(units), nand2_um2, cls, share_heading};
}

void draw_bar(Element& svg, const Share& unit, const BarStyle& style, double y) {
  const Scale x(0, style.longest, 0, kWidth - kName - kFigures - 12);
  const double share = style.whole_um2 > 0 ? unit.value / style.whole_um2 : 0.0;
  svg.add(label(0, y + 14, spoken(unit.name), "t"));
  svg.add(with_tooltip(box(kName, y, std::max(x(unit.value), 1.0), kBar, style.cls),
                       fmt::format("{}: {} µm²", spoken(unit.name), significant(unit.value))));
  svg.add(label(kWidth - 128, y + 14, significant(unit.value), "t", Anchor::kEnd));
  svg.add(label(kWidth - 70, y + 14, percent(share), "t dim", Anchor::kEnd));
  if (style.nand2_um2 > 0) {
    const double kge = unit.value / style.nand2_um2 / 1000;
    svg.add(label(kWidth, y + 14, fmt::format("{:.1f}", kge), "t dim", Anchor::kEnd));
  }
}

/// Draws a heading and a bar a unit from `top`; returns the y below them.
double draw_bars(Element& svg, std::string_view heading, const std::vector<Share>& units,
                 const BarStyle& style, double top) {
  if (units.empty()) return top;
  svg.add(label(0, top + 14, heading, "t b"));
  svg.add(label(kWidth - 128, top + 14, "µm²", "t dim", Anchor::kEnd));
  svg.add(label(kWidth - 70, top + 14, style.share_heading, "t dim", Anchor::kEnd));
  if (style.nand2_um2 > 0) svg.add(label(kWidth, top + 14, "kGE", "t dim", Anchor::kEnd));
  double y = top + 26;
  for (const Share& unit : units) {
    draw_bar(svg, unit, style, y);
    y += kRow;
  }
  return y + 12;
}

}  // namespace

AreaByUnit read_area_by_unit(const Field& field) {
  AreaByUnit area;
  for (const auto& [unit, um2] : field.members()) {
    (is_memory(unit) ? area.memory : area.logic).push_back({unit, um2.quantity()});
  }
  sort_largest_first(area.logic);
  sort_largest_first(area.memory);
  return area;
}

Element draw_area(const AreaByUnit& area, double nand2_um2, std::string_view id) {
  const double logic = total(area.logic);
  const double memory = total(area.memory);
  const bool memories = area.memory.size() > 1;  // A single bucket is told by the strip.
  const auto rows = static_cast<double>(area.logic.size() + (memories ? area.memory.size() : 0));
  const double groups = (area.logic.empty() ? 0.0 : 1.0) + (memories ? 1.0 : 0.0);
  const double height = kBarsTop + rows * kRow + groups * 38;
  Element svg =
      drawing(id, kWidth, height, "Cell area by unit",
              fmt::format("Logic {} µm², memory {} µm².", significant(logic), significant(memory)));
  draw_strip(svg, logic, memory);
  const double y = draw_bars(svg, "Logic", area.logic,
                             style_of(area.logic, nand2_um2, "logic", "of logic"), kBarsTop);
  if (memories) {
    draw_bars(svg, "Memory", area.memory, style_of(area.memory, nand2_um2, "memory", "of memory"),
              y);
  }
  return svg;
}

}  // namespace hasse::report
