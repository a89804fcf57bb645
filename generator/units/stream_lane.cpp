// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "generator/units/adder_tree.hpp"
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
using hdl::Width;
using hdl::zext;
using transitive::Datapath;

struct Text {
  const char* name;
  const char* doc;
};

Text text(Datapath datapath) {
  if (datapath == Datapath::split)
    return {
        "split_lane",
        "One weight row at a time: reads a node of every table per cycle and sums them.\n"
        "A code picks its node by an AND-OR over the table; decoded once for all columns. The top\n"
        "bit is the sign, applied by inversion. What inversion misses, one where the odd bit is\n"
        "clear, enters the tree of adders as carries. Planes come most significant first, p = 2p "
        "+\n"
        "sum; the bits of the first plane count negatively, so their digits are inverted."};
  if (datapath == Datapath::bit_serial)
    return {
        "bit_serial_lane",
        "One weight row at a time, a plane per cycle: an AND per operand bit and an adder tree.\n"
        "Operands are offset to be unsigned by inverting their top bits. Planes come most\n"
        "significant first, p = 2p + sum; the bits of the first plane are inverted, for they "
        "count\n"
        "negatively."};
  return {
      "dot_product_lane",
      "One weight row per cycle: products of weights and operands, summed in an adder tree.\n"
      "Plane by plane, an AND per bit and a tree of adders; the planes' sums are then added in\n"
      "their places. Operands and weights are offset to be unsigned by inverting their top bits."};
}

/// Builds the module, a section of it per function.
class StreamLane {
 public:
  explicit StreamLane(const Geometry& g) : g_(g) {}

  Module build();

 private:
  struct Codes;

  Expr input_if(bool there, const std::string& name, const Width& width, const std::string& doc) {
    return there ? m_.input(name, width, doc) : lit(0, 1);
  }
  void decode();
  Expr terms(Scope& s, const Expr& column, std::vector<Expr>& carries);
  Expr node(Scope& s, int table);
  Expr plane_sum(Scope& s, int plane);
  Expr dot_product(Scope& s);
  void horner(Scope& s, const Expr& column, const Expr& sum, const std::vector<Expr>& carries);
  void take_turns();

  const Geometry& g_;
  Datapath datapath_ = g_.engine.datapath;
  bool split_ = datapath_ == Datapath::split, dot_ = datapath_ == Datapath::dot_product;
  int tables_ = g_.design.tables, tile_bits_ = g_.design.tile_bits;
  int word_ = g_.derived.node_bits, table_nodes_ = 1 << (tile_bits_ - 1);
  Module m_{text(datapath_).name, text(datapath_).doc};
  Width columns_ = m_.localparam("Columns", g_.design.columns, "Activation columns.");
  Width code_bits_ = m_.localparam("CodeBits", g_.code_bits, "Weight bits of a beat.");
  Width sum_bits_ = m_.localparam("SumBits", g_.derived.partial_bits, "Bits of a row's sum.");
  Width words_ =
      m_.localparam("WordsBits", g_.engine.stationary_words() * word_, "Bits of a column's words.");
  Width group_ = m_.localparam("GroupColumns", g_.beat_columns, "Columns of a group.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr code_ = m_.input("code_i", code_bits_, "Weight bits, a cycle before what is said of them.");
  Expr valid_ = input_if(!dot_, "valid_i", 1, "They are valid.");
  Expr first_ = input_if(!dot_, "first_i", 1, "First plane of the weight row.");
  Expr take_ = input_if(g_.design.columns_per_adder > 1, "take_i", 1,
                        "The row's sums are complete: the first column group's turn.");
  Expr words_in_ = m_.input("words_i", columns_* words_, "Stationary words of every column.");
  Expr odd_ = input_if(split_, "odd_i", columns_* tables_, "Odd bits of every column's tables.");
  Expr start_ = input_if(!dot_, "start_i", columns_*(dot_ ? 1 : g_.start_bits),
                         "What a row's sum starts with, per column.");
  Expr code_q_ = m_.logic("code_q", code_bits_);
  Expr sum_q_ = m_.logic("sum_q", columns_* sum_bits_, "Sum of every column.");
  std::vector<Expr> hot_, minus_;  ///< Nodes to be read, one hot, and their signs, per table.
  std::vector<Expr> words_of_;     ///< Words of the column being made.
};

Module StreamLane::build() {
  m_.set_unit("accumulate_lanes");
  m_.section(split_ ? "Codes: which node, and its sign" : "Weight bits");
  m_.always_ff(clk_, [&](Block& b) { b.assign(code_q_, code_); });
  decode();

  m_.section("Sums of every column");
  m_.generate_for("column", columns_, "gen_column", [&](Scope& s, const Expr& column) {
    words_of_ = {s.let("words", words_in_.lane(column, words_))};
    std::vector<Expr> carries;
    if (!dot_) return horner(s, column, terms(s, column, carries), carries);
    const Expr sum = dot_product(s);
    s.always_ff(clk_,
                [&](Block& b) { b.assign(sum_q_.lane(column, sum_bits_), zext(sum, sum_bits_)); });
  });

  m_.section("Column groups, in turn");
  take_turns();
  return m_;
}

void StreamLane::decode() {
  if (!split_) {
    if (dot_) return;
    minus_ = {m_.let("plane", code_q_ ^ repeat(code_bits_, first_),
                     "The first plane counts negatively.")};
    return;
  }
  for (int t = 0; t < tables_; ++t) {
    const Expr code = code_q_.slice(t * tile_bits_, tile_bits_);
    const Expr top = code.bit(tile_bits_ - 1);
    const Expr index = m_.let(fmt::format("index_{}", t),
                              code.slice(0, tile_bits_ - 1) ^ repeat(tile_bits_ - 1, !top));
    std::vector<Expr> hot;
    for (int node = table_nodes_ - 1; node >= 0; --node)
      hot.push_back(index == lit(node, tile_bits_ - 1));
    hot_.push_back(m_.let(fmt::format("hot_{}", t), cat(hot)));
    minus_.push_back(m_.let(fmt::format("minus_{}", t), !(top ^ first_)));
  }
}

/// The node that table `table` of the column is asked for.
Expr StreamLane::node(Scope& s, int table) {
  const auto masked = [&](int node) {
    return words_of_[0].slice((table * table_nodes_ + node) * word_, word_) &
           repeat(word_, hot_[static_cast<std::size_t>(table)].bit(node));
  };
  Expr chosen = masked(0);
  for (int node = 1; node < table_nodes_; ++node) chosen = chosen | masked(node);
  return s.let(fmt::format("node_{}", table),
               (chosen) ^ repeat(word_, minus_[static_cast<std::size_t>(table)]));
}

/// What a beat adds to the column; `carries` are single bits still to be added.
Expr StreamLane::terms(Scope& s, const Expr& column, std::vector<Expr>& carries) {
  if (!split_) return plane_sum(s, 0);
  const int start = g_.start_bits;
  const Expr odd = s.let("odd", odd_.lane(column, tables_));
  std::vector<Expr> all = {s.let("starts", start_.lane(column, start) & repeat(start, first_))};
  for (int t = 0; t < tables_; ++t) {
    all.push_back(node(s, t));
    carries.push_back(minus_[static_cast<std::size_t>(t)] && !odd.bit(t));
  }
  return adder_tree(s, "sum", all, carries);
}

/// Sum of the operands that the bits of a plane ask for.
Expr StreamLane::plane_sum(Scope& s, int plane) {
  const int depth = g_.engine.depth(), planes = g_.code_bits / depth;
  std::vector<Expr> all, none;
  for (int i = 0; i < depth; ++i) {
    const Expr raw = code_q_.bit(i * planes + plane);
    const Expr asked = !dot_ ? minus_[0].bit(i) : plane + 1 == planes ? !raw : raw;
    const Expr operand = words_of_[0].slice(i * word_, word_);
    all.push_back(s.let(fmt::format("product_{}_{}", plane, i),
                        cat({!(operand.bit(word_ - 1) && asked),
                             operand.slice(0, word_ - 1) & repeat(word_ - 1, asked)})));
  }
  return adder_tree(s, fmt::format("plane_{}", plane), all, none);
}

/// Sum over all planes: widths are those of the largest sum so far.
Expr StreamLane::dot_product(Scope& s) {
  const int planes = g_.design.weight_bits;
  const long long largest =
      static_cast<long long>(g_.engine.depth()) * ((1 << g_.design.operand_bits()) - 1);
  Expr sum = plane_sum(s, planes - 1);
  for (int plane = planes - 2; plane >= 0; --plane) {
    const int width = bits_for(largest * ((1 << (planes - plane)) - 1));
    sum = s.let(fmt::format("planes_from_{}", plane),
                zext(cat({sum, lit(0, 1)}), width) + zext(plane_sum(s, plane), width));
  }
  return sum;
}

/// p = 2p + sum; what is left of the carries, at most one, has the lowest bit of 2p to itself.
void StreamLane::horner(Scope& s, const Expr& column, const Expr& sum,
                        const std::vector<Expr>& carries) {
  const int bits = g_.derived.partial_bits;
  const Expr before = sum_q_.lane(column, sum_bits_);
  const Expr low = carries.empty() ? lit(0, 1) : carries.front();
  const Expr twice =
      s.let("twice", cat({before.slice(0, sum_bits_ - 1) & repeat(sum_bits_ - 1, !first_), low}));
  const std::int64_t offset = (std::int64_t{1} << bits) - (std::int64_t{tables_} << word_);
  const Expr start = split_ ? lit(offset, bits) : start_.lane(column, sum_bits_);
  s.always_ff(clk_, [&](Block& b) {
    b.when(valid_, [&](Block& t) {
      t.assign(sum_q_.lane(column, sum_bits_),
               (twice | (start & repeat(sum_bits_, first_))) + zext(sum, sum_bits_));
    });
  });
}

/// Group 0 is sent from the sums themselves; the others wait in a chain that moves up every cycle.
void StreamLane::take_turns() {
  const int phases = g_.design.columns_per_adder;
  const Width bits = group_ * sum_bits_;
  const Expr out = m_.output("sum_o", bits, "Sums of the group whose turn it is.");
  if (phases == 1) return m_.assign(out, sum_q_);
  std::vector<Expr> chain;
  for (int p = 1; p < phases; ++p) chain.push_back(m_.logic(fmt::format("waiting_{}_q", p), bits));
  m_.always_ff(clk_, [&](Block& b) {
    for (int p = 1; p < phases; ++p) {
      const std::size_t at = static_cast<std::size_t>(p - 1);
      const Expr fresh = sum_q_.lane(p, bits);
      b.assign(chain[at], p + 1 == phases ? fresh : mux(take_, fresh, chain[at + 1]));
    }
  });
  m_.assign(out, mux(take_, sum_q_.lane(0, bits), chain[0]));
}

}  // namespace

Module stream_lane(const Geometry& g) {
  return StreamLane(g).build();
}

}  // namespace hasse::units
