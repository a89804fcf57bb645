// SPDX-License-Identifier: Apache-2.0
// waves/*.gtkw: GTKWave save files for the traces of hasse verify.
#pragma once

#include <vector>

#include "generator/emit/digest.hpp"
#include "generator/hdl/module.hpp"

namespace hasse::emit {

/// A save file per module: the ports of its first instance, inputs before outputs, in the trace of
/// the whole design. `compiled` in compile order, top last.
std::vector<File> waves(const std::vector<hdl::Module>& compiled);

}  // namespace hasse::emit
