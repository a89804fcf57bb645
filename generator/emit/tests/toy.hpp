// SPDX-License-Identifier: Apache-2.0
// A design of two generated modules and one hand-written one.
#pragma once

#include <vector>

#include "generator/hdl/module.hpp"

namespace hasse::emit {

/// `counter`, and `toy_top` with two counters and a stream_skid, in this order.
std::vector<hdl::Module> toy();

}  // namespace hasse::emit
