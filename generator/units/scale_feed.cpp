// SPDX-License-Identifier: Apache-2.0
// The handshakes of the two streams that say how rows are scaled.
#include "generator/units/units.hpp"

namespace hasse::units {

using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;

Module scale_feed(const Geometry& g) {
  Module m(
      "scale_feed",
      "Takes what a row is scaled by from its streams in the cycle in which the row begins.\n"
      "A product without scales reads none: its only group is scaled by 1, with zero point 0.\n"
      "Multiplier and shift of a row come with its last group, if results are requantised.\n"
      "What is there waits for what is not: a stream that is waited for is ready.");
  m.set_unit("scaler");
  const int scale_bits = Geometry::kScaleBits, zero_bits = g.zero_bits();
  const Expr scaled = m.input("scaled_i", 1, "Groups have scales.");
  const Expr requantise = m.input("requantise_i", 1, "Rows have multipliers and shifts.");
  const Expr begins = m.input("row_begins_i", 1, "A row can begin, once its scales are there.");
  const Expr last_group = m.input("last_group_i", 1, "With its last group.");
  const Expr scale = m.input("scale_data_i", scale_bits + zero_bits, "{zero point, scale}.");
  const Expr scale_valid = m.input("scale_valid_i", 1, "Scale and zero point are valid.");
  const Expr rescale = m.input("rescale_data_i", Geometry::kRescaleBits, "{shift, multiplier}.");
  const Expr rescale_valid = m.input("rescale_valid_i", 1, "Multiplier and shift are valid.");
  const Expr rescales = m.let("rescales", requantise && last_group);
  const Expr has_scale = m.let("has_scale", scale_valid || !scaled);
  const Expr has_rescale = m.let("has_rescale", rescale_valid || !rescales);
  const Expr there = m.let("there", begins && has_scale && has_rescale);
  m.assign(m.output("scale_ready_o", 1, "Scale and zero point are taken."),
           begins && scaled && (has_rescale || !scale_valid));
  m.assign(m.output("rescale_ready_o", 1, "Multiplier and shift are taken."),
           begins && rescales && (has_scale || !rescale_valid));
  m.assign(m.output("scales_o", 1, "The scales are there."), there);
  m.assign(m.output("row_scales_o", g.row_scales_bits(), "{shift, multiplier, zero point, scale}."),
           cat({rescale, mux(scaled, scale, lit(1, scale_bits + zero_bits))}));
  return m;
}

}  // namespace hasse::units
