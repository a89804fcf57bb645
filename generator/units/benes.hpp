// SPDX-License-Identifier: Apache-2.0
// Networks that bring every operand to at most one lane, and what sets their switches.
#pragma once

#include <string>

#include "generator/hdl/module.hpp"

namespace hasse::units {

/// The shape of a Benes network for any number of ports, with Waksman's saving.
///
/// Two ports are a switch. A larger network has a stage of switches for its inputs, two
/// subnetworks, and a stage of switches for its outputs: the switches join ports pairwise, one
/// port of a pair to the upper subnetwork, one to the lower. Of an odd number of ports, port 0 is
/// wired to the upper subnetwork; of an even number, the first output switch is left out, for one
/// setting of it is enough.
struct BenesShape {
  int ports = 1;

  int pairs() const { return ports / 2; }
  int odd() const { return ports % 2; }
  /// Ports of pair `pair`, the second is the first plus one.
  int first(int pair) const { return 2 * pair + odd(); }
  /// Subnetworks.
  BenesShape upper() const { return {pairs() + odd()}; }
  BenesShape lower() const { return {pairs()}; }
  /// Port of the upper subnetwork that serves `pair`; of the lower one it is `pair` itself.
  int upper_port(int pair) const { return pair + odd(); }
  /// First pair of outputs with a switch.
  int first_output_switch() const { return 1 - odd(); }
  /// Switches, those of the subnetworks included: input stage, upper, lower, output stage.
  int switches() const;
};

/// Carries `row_bits` bits from every input to an output, whatever the settings: a bit for every
/// switch, set when its two ports change places.
hdl::Module benes_network(int ports, int row_bits);

/// Settings for a network of `ports` ports, combinational: from what every output wants, one hot or
/// nothing, no input wanted twice.
hdl::Module benes_router(int ports);

}  // namespace hasse::units
