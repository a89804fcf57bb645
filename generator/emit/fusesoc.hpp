// SPDX-License-Identifier: Apache-2.0
// hasse.core: the generated design as a FuseSoC core.
#pragma once

#include <string>
#include <vector>

#include "generator/design/design.hpp"
#include "generator/emit/digest.hpp"

namespace hasse::emit {

/// A CAPI2 description of core `hasse:accelerator:<name>` with targets `default` and `lint`.
std::string fusesoc_core(const design::Design& design, const std::string& top,
                         const std::vector<File>& rtl);

}  // namespace hasse::emit
