// SPDX-License-Identifier: Apache-2.0
#include "generator/design/defaults.hpp"

namespace hasse::design {

// What engines that stream do not have keeps the value of a banked one, and the other way round.
Design defaults(const std::string& engine) {
  Design design;
  design.engine = engine;
  if (!design.streams() || design.takes_pairs()) return design;
  design.tile_bits = 2;
  design.tables = 16;
  design.planes = engine == "dot_product" ? 1 : 4;
  if (engine == "bitvert") {
    design.tile_bits = 8;
    design.tables = 2;
    design.planes = 1;
  }
  design.operand_rows = 2;
  design.tree_stages = 1;
  design.lanes = 4;
  design.columns_per_adder = 1;
  design.rows = 512;
  return design;
}

}  // namespace hasse::design
