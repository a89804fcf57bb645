// SPDX-License-Identifier: Apache-2.0
// Plain tables of the pages.
#pragma once

#include <string>
#include <vector>

#include "flows/report/markup.hpp"

namespace hasse::proof {

/// A table of texts, a row each.
report::Element table(const std::vector<std::string>& heads,
                      const std::vector<std::vector<std::string>>& rows);

}  // namespace hasse::proof
