// SPDX-License-Identifier: Apache-2.0
#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::repeat;
using hdl::Width;
using hdl::zext;

/// Builds the module, a section of it per function.
class StaticTable {
 public:
  explicit StaticTable(const Geometry& g) : g_(g) {}

  Module build() {
    m_.set_unit("planner");
    count_misses(load());
    return m_;
  }

 private:
  Expr load();
  void count_misses(const Expr& listed);

  const Geometry& g_;
  int words_ = g_.lattice.nodes() / g_.table_word_bits();
  int left_bits_ = bits_for(words_);
  int miss_bits_ = bits_for(g_.lattice.nodes());
  Module m_{
      "static_table",
      "The nodes that calibration found in a tensor: they are built in every sub-tile.\n"
      "The table comes once per product, lowest nodes first. A node that is asked for but not\n"
      "listed is a miss: it is counted, and built in addition."};
  Width nodes_ = m_.localparam("Nodes", g_.lattice.nodes(), "Nodes of the mirrored lattice.");
  Width word_bits_ = m_.localparam("WordBits", g_.table_word_bits(), "Nodes in a word.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr begin_ = m_.input("begin_i", 1, "A product begins, its table comes.");
  Expr data_ = m_.input("table_data_i", word_bits_, "Whether these nodes are listed.");
  Expr valid_ = m_.input("table_valid_i", 1, "The word is valid.");
  Expr ready_ = m_.output("table_ready_o", 1, "The word is taken.");
  Expr take_ = m_.input("take_i", 1, "A sub-tile is planned.");
  Expr present_ = m_.input("present_i", nodes_, "Nodes that it asks for.");
};

Expr StaticTable::load() {
  m_.section("The table");
  const Expr left_q = m_.logic("left_q", left_bits_, "Words still to come.");
  const Expr listed_q = m_.logic("listed_q", nodes_);
  const Expr missing_words = m_.let("incomplete", left_q != 0);
  const Expr fire = m_.let("fire", valid_ && missing_words);
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(left_q, 0); },
      [&](Block& b) {
        b.when(begin_, [&](Block& t) {
           t.assign(left_q, lit(words_, left_bits_));
         }).else_when(fire, [&](Block& t) { t.assign(left_q, left_q - 1); });
      });
  const Expr shifted =
      words_ == 1 ? data_ : cat({data_, listed_q.slice(word_bits_, nodes_ - word_bits_)});
  m_.always_ff(clk_,
               [&](Block& b) { b.when(fire, [&](Block& t) { t.assign(listed_q, shifted); }); });
  m_.assign(ready_, missing_words);
  m_.assign(m_.output("loaded_o", 1, "The table is complete."), !missing_words);
  m_.assign(m_.output("wanted_o", nodes_, "Nodes to build: listed, or asked for."),
            listed_q | present_);
  return listed_q;
}

void StaticTable::count_misses(const Expr& listed) {
  m_.section("Misses");
  const Expr missing = m_.let("missing", present_ & ~listed & repeat(nodes_, take_));
  Expr sum = zext(missing.bit(0), miss_bits_);
  for (int i = 1; i < g_.lattice.nodes(); ++i) sum = sum + zext(missing.bit(i), miss_bits_);
  const Expr misses_q = m_.logic("misses_q", miss_bits_);
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(misses_q, 0); },
      [&](Block& b) { b.assign(misses_q, sum); });
  m_.assign(m_.output("misses_o", miss_bits_, "Nodes missed, a cycle later."), misses_q);
}

}  // namespace

Module static_table(const Geometry& g) {
  return StaticTable(g).build();
}

}  // namespace hasse::units
