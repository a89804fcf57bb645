// SPDX-License-Identifier: Apache-2.0
#include "generator/units/transrow.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::Expr;
using hdl::Module;
using hdl::mux;
using hdl::Width;

/// Builds the module, a section of it per function.
class AccumulateLane {
 public:
  AccumulateLane(const Geometry& g, const Module& sums, const Module& wide)
      : g_(g), sums_(sums), wide_(wide) {}

  Module build() {
    m_.set_unit("accumulate_lanes");
    const Expr sum = partial_sums();
    hdl::PortMap ports = row(sum);
    finished_rows(ports);
    m_.instance("u_wide_accumulator", wide_, ports);
    return m_;
  }

 private:
  Expr partial_sums();
  hdl::PortMap row(const Expr& sum);
  void finished_rows(hdl::PortMap& ports);

  const Geometry& g_;
  const Module& sums_;
  const Module& wide_;
  Module m_{"accumulate_lane",
            "One accumulate lane: partial sums and wide accumulator of the weight rows it owns.\n"
            "TransRows come in order, planes of a row most significant first. Accumulators are "
            "local, so\n"
            "lanes never conflict, and their memory is touched once per weight row and sub-tile."};
  Width columns_ = m_.localparam("Columns", g_.design.columns, "Activation columns.");
  Width node_bits_ = m_.localparam("NodeBits", g_.derived.node_bits, "Bits of a node value.");
  Width sum_bits_ = m_.localparam("SumBits", g_.derived.partial_bits, "Bits of a partial sum.");
  Width beat_bits_ = m_.localparam("BeatBits", g_.beat_bits, "Accumulators of one column group.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr valid_ = m_.input("valid_i", 1, "A TransRow, for column group 0.");
  Expr flags_ = m_.input("flags_i", kFlagBits, kFlagsDoc);
  Expr node_ =
      m_.input("node_i", columns_* node_bits_, "Nodes; group p comes p cycles after group 0.");
  Expr odd_ = m_.input("odd_i", columns_, "Their odd bits, at the same time.");
};

Expr AccumulateLane::partial_sums() {
  const Expr sum = m_.logic("sum", columns_ * sum_bits_, "Partial sum of every column.");
  m_.instance("u_partial_sums", sums_,
              {{"clk_i", clk_},
               {"valid_i", valid_},
               {"first_i", flags_.bit(kFirst)},
               {"negate_i", flags_.bit(kNegate)},
               {"node_i", node_},
               {"odd_i", odd_},
               {"sum_o", sum}});
  return sum;
}

hdl::PortMap AccumulateLane::row(const Expr& sum) {
  m_.section(g_.takes_programs() ? "Row of the lane" : "Row of the lane: counts up in a sub-tile");
  const Expr complete =
      m_.let("complete", valid_ && flags_.bit(kLast), "All planes of the row are in.");
  hdl::PortMap ports = {{"clk_i", clk_},
                        {"rst_ni", rst_n_},
                        {"valid_i", complete},
                        {"first_k_i", flags_.bit(kFirstK)},
                        {"last_k_i", flags_.bit(kLastK)},
                        {"sum_i", sum}};
  if (g_.derived.max_groups == 1 || g_.takes_programs()) {
    m_.unused(flags_.bit(kFirstRow), "unused_first_row");
    if (g_.derived.max_groups > 1)
      ports.emplace_back("row_i", m_.input("row_i", g_.row_bits, "Which row, with its planes."));
    return ports;
  }
  const Expr row_q = m_.logic("row_q", g_.row_bits);
  const Expr row = m_.let("row", mux(flags_.bit(kFirstRow), 0, row_q));
  m_.always_ff(clk_,
               [&](Block& b) { b.when(complete, [&](Block& t) { t.assign(row_q, row + 1); }); });
  ports.emplace_back("row_i", row);
  return ports;
}

void AccumulateLane::finished_rows(hdl::PortMap& ports) {
  m_.section("Finished rows");
  ports.insert(ports.end(),
               {{"full_o", m_.output("full_o", 1, "No room for another finished row.")},
                {"available_o", m_.output("available_o", 1, "A finished row can be read.")},
                {"read_i", m_.input("read_i", 1, "Read a group of the oldest finished row.")},
                {"read_phase_i", m_.input("read_phase_i", g_.phase_bits, "Which group.")},
                {"pop_i", m_.input("pop_i", 1, "Done with the oldest finished row.")},
                {"data_o", m_.output("data_o", beat_bits_, "The group, a cycle after read_i.")}});
}

}  // namespace

Module accumulate_lane(const Geometry& g, const Module& sums, const Module& wide) {
  return AccumulateLane(g, sums, wide).build();
}

}  // namespace hasse::units
