// SPDX-License-Identifier: Apache-2.0
// What planners share that look at the codes of a sub-tile before its nodes are built.
#pragma once

#include <optional>

#include "generator/units/planner_base.hpp"

namespace hasse::units {

/// Base of their builders: a sub-tile's codes, its operands, and its place in the banks.
class AheadPlanner : protected PlannerBase {
 protected:
  AheadPlanner(const Geometry& g, const hdl::Module& walker, const std::string& name,
               const std::string& doc);

  /// The sub-tile being loaded or built. `ready`: its plan is made, where that
  /// takes longer than to take the codes.
  struct Tile : Place {
    explicit Tile(AheadPlanner& in, const std::optional<hdl::Expr>& ready = std::nullopt);
    hdl::Expr building_q, planned_q, begun_q, number_q, built_q, free, go, built;
  };

  /// Everything but the steps. The last step is made with `done`, once `columns_per_adder` steps
  /// have been made: a column correction takes a cycle per turn of the wide adder, and the root
  /// value has to last as long. No plan has fewer than `steps` steps.
  void frame(const Tile& tile, const hdl::Expr& done, int steps);

 private:
  void load(const Tile& tile);
  void keep(const Tile& tile);
  hdl::Expr aged(const Tile& tile);
  void status(const Tile& tile);

 protected:
  hdl::Expr take_ = m_.input("take_i", 1, "Take the codes of a sub-tile.");
  hdl::Expr present_ = m_.input("present_i", g_.lattice.nodes(), "Nodes that they ask for.");
};

}  // namespace hasse::units
