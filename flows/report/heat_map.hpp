// SPDX-License-Identifier: Apache-2.0
// A grid of coloured cells with their values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "flows/report/markup.hpp"

namespace hasse::report {

/// One cell: how dark it is, 0..1, and what stands in it.
struct HeatCell {
  double shade = 0;
  std::string text;
};

/// A grid of cells between two axes.
struct HeatMap {
  std::string title;
  std::string across;  ///< What the columns are.
  std::string down;    ///< What the rows are.
  std::vector<std::string> columns;
  std::vector<std::string> rows;
  std::vector<std::vector<HeatCell>> cells;  ///< [row][column]
};

/// Draws `map`; shades outside 0..1 are cut to it. `id` must be unique on the page.
Element draw_heat_map(const HeatMap& map, std::string_view id);

}  // namespace hasse::report
