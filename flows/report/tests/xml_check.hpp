// SPDX-License-Identifier: Apache-2.0
// A small check that text is well-formed XML, enough for what the report writes.
#pragma once

#include <string>
#include <string_view>

namespace hasse::report {

/// "" when `text` is one well-formed element (after an optional DOCTYPE), else what is wrong and
/// where. Checks nesting, attribute quoting, attributes given twice, ids given twice and entities.
std::string xml_problem(std::string_view text);

}  // namespace hasse::report
