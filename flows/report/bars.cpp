// SPDX-License-Identifier: Apache-2.0
#include "flows/report/bars.hpp"

#include <algorithm>

#include "flows/report/svg.hpp"

namespace hasse::report {
namespace {

constexpr double kWidth = 720, kLeft = 110, kRight = 560, kTop = 34, kRowHeight = 26, kBar = 16;

void add_row(Element& svg, const Bar& bar, double y, const Scale& scale) {
  const double end = scale(bar.value), baseline = y + kBar - 4;
  svg.add(label(kLeft - 8, baseline, bar.name, "t", Anchor::kEnd));
  svg.add(with_tooltip(box(kLeft, y, end - kLeft, kBar, "acc"), bar.tooltip));
  svg.add(label(end + 6, baseline, bar.text, "t small"));
}

}  // namespace

Element draw_bars(std::string_view id, std::string_view title, std::string_view description,
                  const std::vector<Bar>& bars) {
  double most = 0;
  for (const Bar& bar : bars) most = std::max(most, bar.value);
  const Scale scale(0, most, kLeft, kRight);
  const double height = kTop + kRowHeight * static_cast<double>(bars.size()) + 8;
  Element svg = drawing(id, kWidth, height, title, description);
  svg.add(label(kLeft, 18, title, "t b"));
  double y = kTop;
  for (const Bar& bar : bars) {
    add_row(svg, bar, y, scale);
    y += kRowHeight;
  }
  return svg;
}

}  // namespace hasse::report
