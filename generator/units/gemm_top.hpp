// SPDX-License-Identifier: Apache-2.0
// What the tops of engines have in common: the host's ports, and the control of a product.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "generator/hdl/module.hpp"
#include "generator/units/geometry.hpp"

namespace hasse::units {

/// A stream's data port.
struct StreamPort {
  hdl::Width bits;
  std::string doc;
};

/// The units through which finished rows leave, and those that scale the sums of groups.
struct ResultUnits {
  struct Scaling {
    hdl::Module column_sums, feed, scaler;
  };
  hdl::Module correction, drain;
  std::optional<Scaling> scaling;
};

/// The units for `g`; what they consist of is added to `modules`.
ResultUnits result_units(const Geometry& g, std::vector<hdl::Module>& modules);

/// What the results of a K-tile lack.
struct TileSums {
  hdl::PortMap when;     ///< valid_i, first_k_i and last_k_i of the corrections.
  hdl::Expr correction;  ///< Per column, what is added to its results.
  hdl::Expr column_sum;  ///< Per column, minus the sum of its operands; only if g.scaled().
};

/// A top under construction, with its ports and wires by name.
class GemmTop {
 public:
  GemmTop(const Geometry& g, const std::string& name, const std::string& doc);

 protected:
  const hdl::Expr& at(const std::string& name) const { return net_.at(name); }
  void add(const std::string& name, const hdl::Width& width, const std::string& doc = "") {
    net_.emplace(name, m_.logic(name, width, doc));
  }
  /// `value` by a name of its own.
  void name(const std::string& name, const hdl::Expr& value) { net_.emplace(name, value); }
  /// `ports` with clock and reset in front: core_rst_n_.
  hdl::PortMap clocked(hdl::PortMap ports) const;

  /// All ports but clock and reset.
  void declare_ports(const StreamPort& weights, const StreamPort& activations,
                     const hdl::Width& result_bits);
  /// gemm_control, and the wires begin_product, shape_n, shape_k, shape_m, weight_bits, tile_rows
  /// that it drives, and finished and transrow_count that it reads. `stall`: a stream waits for the
  /// host; `others`: what else it counts. Where groups are scaled also shape_group, scaled and
  /// requantise; unsigned_activations where a product states their sign.
  void add_control(const hdl::Module& control, const hdl::Expr& stall, const hdl::PortMap& others);
  /// A stream waits for the host.
  hdl::Expr host_stall();
  /// The activations at the port as signed operands.
  hdl::Expr operands_in();
  /// The way of finished rows to the host: `rows` connects the drain to them, drain_phase says
  /// which columns it reads. Drives correction_full and correction_pop.
  void add_results(const ResultUnits& units, const TileSums& sums, const hdl::PortMap& rows);

  const Geometry& g_;
  hdl::Module m_;
  hdl::Expr clk_, rst_n_;
  hdl::Expr core_rst_n_;  ///< Of all units but the control: rst_n_, unless a top says otherwise.

 private:
  void add_modes(hdl::PortMap& control);
  void add_corrections(const ResultUnits& units, const TileSums& sums);
  hdl::PortMap to_scaler();
  void add_scaler(const ResultUnits::Scaling& units);
  void in(const std::string& name, const hdl::Width& width, const std::string& doc) {
    net_.emplace(name, m_.input(name, width, doc));
  }
  void out(const std::string& name, const hdl::Width& width, const std::string& doc) {
    net_.emplace(name, m_.output(name, width, doc));
  }
  std::map<std::string, hdl::Expr> net_;
};

}  // namespace hasse::units
