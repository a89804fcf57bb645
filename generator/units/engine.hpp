// SPDX-License-Identifier: Apache-2.0
// The whole engine: every module of a design, ready to be emitted.
#pragma once

#include <vector>

#include "generator/design/design.hpp"
#include "generator/hdl/module.hpp"

namespace hasse::units {

/// All modules of `design`, hand-written primitives first, every module after those it
/// instantiates, the top last: `transitive_gemm`, or
/// `transitive_array` over several of them, or `transitive_axi` around either, or
/// `attention_engine` over the first. `design` must be valid.
std::vector<hdl::Module> build(const design::Design& design);

/// The same for a design whose engine streams weights past stationary operands.
std::vector<hdl::Module> build_streamed(const design::Design& design);

}  // namespace hasse::units
