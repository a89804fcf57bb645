// SPDX-License-Identifier: Apache-2.0
// The page: sections in reading order.
#pragma once

#include <string>
#include <vector>

#include "flows/report/documents.hpp"

namespace hasse::report {

/// The whole page over `documents`, which holds at least one. Throws ReportError on malformed
/// results.
std::string page(const std::vector<Documents>& documents);

}  // namespace hasse::report
