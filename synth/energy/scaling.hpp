// SPDX-License-Identifier: Apache-2.0
// From one process node to another, after Stillmaker and Baas, "Scaling equations for the accurate
// prediction of CMOS device performance from 180 nm to 7 nm", Integration 58 (2017).
#pragma once

#include <vector>

namespace hasse::synth {

/// A process node at a supply voltage.
struct Node {
  int nm = 180;
  double volts = 1.8;
};

/// Nodes that are known, in nm: 180, 130, 90, 65, 45 and 32 (high performance), and 28, which lies
/// between the paper's 32 and 20 on logarithmic scales.
const std::vector<int>& known_nodes();

/// The supply voltage that is usual at a known node.
double usual_volts(int nm);

/// Area of the same logic at node `to`, as a multiple of that at `from` (table 2 of the paper).
/// Throws InputError for unknown nodes.
double area_factor(int from, int to);

/// Energy of the same operation at `to`, as a multiple of that at `from` (table 5 of the paper).
/// Throws InputError for unknown nodes.
double energy_factor(const Node& from, const Node& to);

}  // namespace hasse::synth
