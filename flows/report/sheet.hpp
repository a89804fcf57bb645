// SPDX-License-Identifier: Apache-2.0
// What every page of Hasse begins and ends with.
#pragma once

#include <string>
#include <string_view>

#include "flows/report/markup.hpp"

namespace hasse::report {

/// A complete HTML file: `title`, the style sheets of pages and charts, and `body`.
std::string html_page(std::string_view title, Element body);

}  // namespace hasse::report
