// SPDX-License-Identifier: Apache-2.0
// doc/*.md: an overview of the generated design and one page per module.
#pragma once

#include <vector>

#include "generator/design/design.hpp"
#include "generator/emit/digest.hpp"
#include "generator/hdl/module.hpp"

namespace hasse::emit {

/// All pages; `compiled` in compile order, top last. The index lists the design's fields and the
/// modules in the order data flows.
std::vector<File> pages(const design::Design& design, const std::vector<hdl::Module>& compiled);

}  // namespace hasse::emit
