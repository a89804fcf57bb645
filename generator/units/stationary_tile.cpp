// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::repeat;
using hdl::Scope;
using hdl::sext;
using hdl::Width;
using hdl::zext;
using transitive::Datapath;

constexpr const char* kSplitDoc =
    "The nodes of the split lattices of every column, and what their digits leave to be added.\n"
    "Rows of operands are shifted in; when a K-tile is complete, every node is one addition away\n"
    "from its parent, and all of them move into the registers that the lanes read. A node is half\n"
    "the +-1 digit sum of its operands, the top digit +1, with its top bit inverted: an unsigned\n"
    "number whose complement is the node of the complementary code, but for the odd bit.";
constexpr const char* kTreeDoc =
    "The operands of every column, double buffered, and what their offsets leave to be added.\n"
    "Rows of operands are shifted in; a complete K-tile moves into the registers that the lanes\n"
    "read in a single cycle.";

/// Builds the module, a section of it per function.
class StationaryTile {
 public:
  explicit StationaryTile(const Geometry& g) : g_(g) {}

  Module build() {
    m_.set_unit("operands");
    m_.generate_for("column", columns_, "gen_column", [&](Scope& s, const Expr& column) {
      shift(s, column);
      const Expr sum = add_up(s, column);
      if (split_)
        tables(s, column, sum);
      else
        operands(s, column, sum);
    });
    return m_;
  }

 private:
  void shift(Scope& s, const Expr& column);
  Expr add_up(Scope& s, const Expr& column);
  void tables(Scope& s, const Expr& column, const Expr& sum);
  Expr table(Scope& s, int index, std::vector<Expr>& nodes);
  void operands(Scope& s, const Expr& column, const Expr& sum);
  Expr keep(Scope& s, const std::string& name, const Expr& value);

  const Geometry& g_;
  bool split_ = g_.engine.datapath == Datapath::split;
  int tile_bits_ = g_.design.tile_bits, node_bits_ = g_.derived.node_bits;
  int sum_width_ = bits_for(static_cast<long long>(g_.engine.depth()) << g_.design.operand_bits());
  Module m_{split_ ? "lattice_tables" : "operand_tile", split_ ? kSplitDoc : kTreeDoc};
  Width columns_ = m_.localparam("Columns", g_.design.columns, "Activation columns.");
  Width bits_ = m_.localparam("ActivationBits", g_.design.operand_bits(), "Bits of an activation.");
  Width depth_ = m_.localparam("Depth", g_.engine.depth(), "Operands of a K-tile.");
  Width words_ = m_.localparam("WordsBits", g_.engine.stationary_words() * node_bits_,
                               "Bits of a column's words.");
  Width correction_bits_ =
      m_.localparam("CorrectionBits", g_.correction_bits, "Bits of a correction.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr load_ = m_.input("load_i", 1, "Shift the incoming row in.");
  Expr first_ = m_.input("load_first_i", 1, "The row is the first of its K-tile.");
  Expr empty_ = m_.input("load_zero_i", 1, "The row lies beyond K: take zeros.");
  Expr data_ = m_.input("data_i", columns_* bits_, "One operand for every column.");
  Expr swap_ = m_.input("swap_i", 1, "The K-tile is complete and moves into place.");
  Expr words_out_ = m_.output("words_o", columns_* words_, "Words of every column.");
  Expr correction_out_ = m_.output("correction_o", columns_* correction_bits_,
                                   "What the K-tile's results lack, per column.");
  std::vector<Expr> start_out_ =
      g_.start_bits > 0 ? std::vector<Expr>{m_.output("start_o", columns_* g_.start_bits,
                                                      "What a row's sum starts with, per column.")}
                        : std::vector<Expr>{};
  std::vector<Expr> odd_out_ =
      split_ ? std::vector<Expr>{m_.output("odd_o", columns_* g_.design.tables,
                                           "Odd bits of every column's tables.")}
             : std::vector<Expr>{};
  std::vector<Expr> shift_;  ///< Shift register of the column being made.
};

/// A register that takes `value` when the K-tile moves.
Expr StationaryTile::keep(Scope& s, const std::string& name, const Expr& value) {
  const Expr kept = s.logic(name, value.width());
  s.always_ff(clk_, [&](Block& b) { b.when(swap_, [&](Block& t) { t.assign(kept, value); }); });
  return kept;
}

void StationaryTile::shift(Scope& s, const Expr& column) {
  const Expr operand =
      s.let("operand", data_.lane(column, bits_) & repeat(bits_, !empty_), "Zero beyond K.");
  const Expr shift_q = s.logic("shift_q", depth_ * bits_, "Operand 0 lowest, once complete.");
  s.always_ff(clk_, [&](Block& b) {
    b.when(load_, [&](Block& t) {
      t.assign(shift_q, cat({operand, shift_q.slice(bits_, (depth_ - 1) * bits_)}));
    });
  });
  shift_ = {operand, shift_q};
}

/// Sum of the column's operands.
Expr StationaryTile::add_up(Scope& s, const Expr&) {
  const Expr sum_q = s.logic("sum_q", sum_width_, "Sum of the rows so far.");
  const Expr so_far = s.let("so_far", mux(first_, 0, sum_q));
  s.always_ff(clk_, [&](Block& b) {
    b.when(load_, [&](Block& t) { t.assign(sum_q, so_far + sext(shift_[0], sum_width_)); });
  });
  return sum_q;
}

void StationaryTile::tables(Scope& s, const Expr& column, const Expr& sum) {
  const int tables = g_.design.tables, start_bits = g_.start_bits, width = g_.correction_bits;
  std::vector<Expr> nodes, odd;
  for (int t = 0; t < tables; ++t) odd.insert(odd.begin(), table(s, t, nodes));
  std::vector<Expr> words(nodes.rbegin(), nodes.rend());
  s.assign(words_out_.lane(column, words_), keep(s, "nodes_q", s.let("nodes", cat(words))));
  const Expr odd_bits = s.let("odd", cat(odd));
  s.assign(odd_out_[0].lane(column, tables), keep(s, "odd_q", odd_bits));
  Expr count = zext(odd_bits.bit(0), start_bits);
  for (int t = 1; t < tables; ++t) count = count + zext(odd_bits.bit(t), start_bits);
  const Expr odd_count = s.let("odd_count", count, "Tables with an odd sum.");
  s.assign(start_out_[0].lane(column, start_bits), keep(s, "start_q", odd_count));
  // -(sum + odd_count) / 2, and the offset of every table's nodes once.
  const Expr twice = s.let("twice", zext(odd_count, width + 1) + sext(sum, width + 1));
  const Expr half = s.let("half", twice.slice(1, width));
  s.unused(twice.bit(0), "unused_twice");
  const Expr correction = s.let("correction", lit(tables << (node_bits_ - 1), width) - half);
  s.assign(correction_out_.lane(column, correction_bits_), keep(s, "correction_q", correction));
}

/// Appends the nodes of table `index` in the order of their codes; returns its odd bit.
Expr StationaryTile::table(Scope& s, int index, std::vector<Expr>& nodes) {
  const int wide = node_bits_ + 1;
  std::vector<Expr> x;
  for (int b = 0; b < tile_bits_; ++b)
    x.push_back(s.let(fmt::format("x_{}_{}", index, b),
                      shift_[1].slice((index * tile_bits_ + b) * bits_, bits_)));
  Expr digits = sext(x.back(), wide);
  for (int b = 0; b + 1 < tile_bits_; ++b)
    digits = digits - sext(x[static_cast<std::size_t>(b)], wide);
  const Expr root = s.let(fmt::format("root_{}", index), digits,
                          index == 0 ? "Digit sum of the code with only its top bit set." : "");
  std::vector<Expr> halves = {s.let(fmt::format("half_{}_0", index), root.slice(1, node_bits_))};
  for (int code = 1; code < 1 << (tile_bits_ - 1); ++code) {
    const int bit = bits_for(code) - 1;
    halves.push_back(s.let(fmt::format("half_{}_{}", index, code),
                           halves[static_cast<std::size_t>(code - (1 << bit))] +
                               sext(x[static_cast<std::size_t>(bit)], node_bits_)));
  }
  for (const Expr& half : halves)
    nodes.push_back(cat({!half.bit(node_bits_ - 1), half.slice(0, node_bits_ - 1)}));
  return root.bit(0);
}

void StationaryTile::operands(Scope& s, const Expr& column, const Expr& sum) {
  const int width = g_.correction_bits, a = g_.design.operand_bits(), depth = g_.engine.depth();
  s.assign(words_out_.lane(column, words_), keep(s, "operands_q", shift_[1]));
  if (g_.engine.datapath == Datapath::bit_serial) {
    const int bits = g_.start_bits;
    const Expr start = s.let(
        "start",
        lit(-(static_cast<std::int64_t>(depth) << a) & ((std::int64_t{1} << bits) - 1), bits) -
            sext(sum, bits));
    s.assign(start_out_[0].lane(column, bits), keep(s, "start_q", start));
    return s.assign(correction_out_.lane(column, correction_bits_),
                    lit(static_cast<std::int64_t>(depth) << (a - 1), width));
  }
  // Both the operands and the weights are offset to be unsigned.
  const int planes = g_.design.weight_bits;
  const std::int64_t offset = (static_cast<std::int64_t>(depth) << (a - 1)) * ((1 << planes) - 1);
  const Expr shifted =
      s.let("shifted", cat({sext(sum, width - planes + 1), hdl::zeros(planes - 1)}));
  const Expr correction =
      s.let("correction", lit(-offset & ((std::int64_t{1} << width) - 1), width) - shifted);
  s.assign(correction_out_.lane(column, correction_bits_), keep(s, "correction_q", correction));
}

}  // namespace

Module stationary_tile(const Geometry& g) {
  return StationaryTile(g).build();
}

}  // namespace hasse::units
