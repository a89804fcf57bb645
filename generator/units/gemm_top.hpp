// SPDX-License-Identifier: Apache-2.0
// What the tops of engines have in common: the host's ports, and the control of a product.
#pragma once

#include <map>
#include <string>

#include "generator/hdl/module.hpp"
#include "generator/units/geometry.hpp"

namespace hasse::units {

/// A stream's data port.
struct StreamPort {
  hdl::Width bits;
  std::string doc;
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
  /// `ports` with clock and reset in front.
  hdl::PortMap clocked(hdl::PortMap ports) const;

  /// All ports but clock and reset.
  void declare_ports(const StreamPort& weights, const StreamPort& activations,
                     const hdl::Width& result_bits);
  /// gemm_control, and the wires begin_product, shape_n, shape_k, shape_m, weight_bits, tile_rows
  /// that it drives, and finished and transrow_count that it reads. `stall`: a stream waits for the
  /// host; `built`: a sub-tile's nodes are there.
  void add_control(const hdl::Module& control, const hdl::Expr& stall, const hdl::Expr& built);

  const Geometry& g_;
  hdl::Module m_;
  hdl::Expr clk_, rst_n_;

 private:
  void in(const std::string& name, const hdl::Width& width, const std::string& doc) {
    net_.emplace(name, m_.input(name, width, doc));
  }
  void out(const std::string& name, const hdl::Width& width, const std::string& doc) {
    net_.emplace(name, m_.output(name, width, doc));
  }
  std::map<std::string, hdl::Expr> net_;
};

}  // namespace hasse::units
