// SPDX-License-Identifier: Apache-2.0
// The style sheets of the charts and of the page, light and dark.
#pragma once

#include <string>

namespace hasse::report {

/// Rules for everything the charts draw; part of every standalone .svg.
std::string chart_css();

/// Rules for the page around the charts.
std::string page_css();

}  // namespace hasse::report
