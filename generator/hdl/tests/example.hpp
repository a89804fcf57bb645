// SPDX-License-Identifier: Apache-2.0
// A small but complete design, emitted by the golden, determinism and tool tests.
#pragma once

#include <vector>

#include "generator/hdl/module.hpp"

namespace hasse::hdl::testing {

/// One adder per column with and without reset: generate loop, lanes, symbolic widths.
Module make_adder_lane();

/// A state machine, a counter and a case table.
Module make_sequencer();

/// Two lanes, their memory and the sequencer: instances in and outside of a loop.
Module make_engine(const Module& lane, const Module& sequencer);

/// The three, in compile order.
std::vector<Module> make_example();

/// The header lines of the example's files.
std::vector<std::string> example_header();

}  // namespace hasse::hdl::testing
