// SPDX-License-Identifier: Apache-2.0
// Horizontal bars with names and values: one number of several things.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "flows/report/markup.hpp"

namespace hasse::report {

/// One bar, as long as its value.
struct Bar {
  std::string name;
  double value = 0;     ///< Not below 0.
  std::string text;     ///< Stands behind the bar.
  std::string tooltip;  ///< Shown to a pointer that rests on it.
};

/// Bars from 0, in the given order; `description` is for assistive technology.
Element draw_bars(std::string_view id, std::string_view title, std::string_view description,
                  const std::vector<Bar>& bars);

}  // namespace hasse::report
