// SPDX-License-Identifier: Apache-2.0
// The options by which verbs choose what is multiplied.
#pragma once

#include <CLI/App.hpp>
#include <vector>

#include "verif/harness/workload.hpp"

namespace hasse::flows {

/// N, K and M as options state them; empty: not given.
struct OperandShapes {
  std::vector<int> random, filled;
};

/// Declares --weights, --random, --model and their like.
void declare_operands(CLI::App& command, harness::WorkloadOptions& workload, OperandShapes& shapes);

/// Puts the shapes that have been given into `workload`.
void set_shapes(harness::WorkloadOptions& workload, const OperandShapes& shapes);

}  // namespace hasse::flows
