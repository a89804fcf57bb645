// SPDX-License-Identifier: Apache-2.0
// What all planners of sub-tiles share: their ports, the walk over the tiles, loading operands.
#pragma once

#include <string>

#include "generator/units/units.hpp"

namespace hasse::units {

/// Base of the builders of planner modules. Members are declared in the order in which they appear
/// in the module.
class PlannerBase {
 protected:
  /// What the walker says about the sub-tile being loaded or built.
  struct Place {
    explicit Place(PlannerBase& in);
    hdl::Expr active, depth, first_k, last_k;
  };
  /// Loading, a row per cycle.
  struct Load {
    hdl::Expr row_q, beyond, last_row, load;
  };

  PlannerBase(const Geometry& g, const hdl::Module& walker, const std::string& name,
              const std::string& doc);

  /// Places the walker, which moves on with `built`.
  void walk(const Place& place, const hdl::Expr& built);
  /// Takes operand rows while `building_q` is low, zeros beyond K.
  Load load_rows(const Place& place, const hdl::Expr& building_q);
  /// Tells the operands to load.
  void send_load(const Load& load);

  const Geometry& g_;
  const hdl::Module& walker_;
  int depth_bits_;
  hdl::Module m_;
  hdl::Width banks_, lanes_, address_bits_;
  hdl::Expr clk_, rst_n_, begin_, n_, k_, group_, columns_, tile_rows_, valid_, ready_, release_,
      released_, correction_full_;
};

}  // namespace hasse::units
