// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::zext;

const char* module_name(Walk walk) {
  if (walk == Walk::weights) return "weight_walker";
  if (walk == Walk::programs) return "program_walker";
  return walk == Walk::activations ? "activation_walker" : "result_walker";
}

const char* doc(Walk walk, bool scaled) {
  if (walk == Walk::results && scaled)
    return "Walks the groups of sums of a product in the order in which they are scaled.\n"
           "M-tiles outermost, in them N-tiles, in them groups along K; counts down what is left.";
  if (walk == Walk::weights)
    return "Walks the sub-tiles of a product in the order of the weight stream.\n"
           "M-tiles outermost, in them N-tiles, in them K-tiles; counts down what is left.";
  if (walk == Walk::programs)
    return "Walks the sub-tiles of a product in the order of its program.\n"
           "M-tiles outermost, in them N-tiles, in them K-tiles; counts down what is left.";
  return walk == Walk::activations
             ? "Walks the sub-tiles of a product in the order of the activation stream.\n"
               "M-tiles outermost, in them N-tiles, in them K-tiles; counts down what is left."
             : "Walks the result tiles of a product in the order of the result stream.\n"
               "M-tiles outermost, in them N-tiles; counts down what is left.";
}

/// One dimension being walked: how much of it is left, and what the current tile takes.
struct Dimension {
  Expr total;    ///< Size of the dimension.
  Expr left;     ///< Register: what the current and later tiles hold.
  Expr is_last;  ///< The current tile is the last one.
  Expr step;     ///< Size of a full tile.
};

Dimension walk_dimension(Module& m, const std::string& name, const Expr& total, const Expr& step) {
  const Expr left =
      m.logic(name + "_left_q", total.width(), "What is left, current tile included.");
  const Expr last = m.let(name + "_last", left <= step);
  return {total, left, last, step};
}

/// Builds the module, a section of it per function.
class TileWalker {
 public:
  TileWalker(const Geometry& g, Walk walk) : g_(g), walk_(walk) {}

  Module build();

 private:
  struct Tile;

  /// Results are walked a group at a time.
  Expr k_step() const {
    return walk_ == Walk::results ? zext(group_, k_width_) : lit(g_.engine.depth(), k_width_);
  }
  void activate(const Tile& tile, const Expr& active_q);
  void step(const Tile& tile);
  void next_row_tile(const Tile& tile, Block& b) const;
  void current(const Tile& tile);
  void current_result(const Tile& tile);

  const Geometry& g_;
  Walk walk_;
  bool has_k_ = walk_ != Walk::results || g_.scaled();
  bool has_groups_ = walk_ != Walk::results && g_.scaled();
  int n_width_ = std::max(g_.n_bits, g_.tile_row_bits);
  // Wide enough for more than a tile, or "is this the last one" would be a constant.
  int m_width_ = std::max(g_.m_bits, bits_for(g_.design.columns + 1));
  int k_width_ = std::max(g_.k_bits, bits_for(g_.engine.depth() + 1));
  Module m_{module_name(walk_), doc(walk_, g_.scaled())};
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr begin_ = m_.input("begin_i", 1, "A product begins: load its shape.");
  Expr n_ = m_.input("n_i", g_.n_bits, "Weight rows.");
  Expr k_ = has_k_ ? m_.input("k_i", g_.k_bits, "Inner dimension.") : lit(1, 1);
  Expr group_ = g_.scaled()
                    ? m_.input("group_i", g_.k_bits, "Columns of the weights that share a scale.")
                    : lit(1, 1);
  Expr columns_ = m_.input("m_i", g_.m_bits, "Activation columns.");
  Expr tile_rows_ = m_.input("tile_rows_i", g_.tile_row_bits, "Weight rows of a full sub-tile.");
  Expr advance_ = m_.input("advance_i", 1, "Go to the next tile.");
  Expr active_ = m_.output("active_o", 1, "There is a current tile.");
};

/// What is left of each dimension; results are not walked along K.
struct TileWalker::Tile {
  const TileWalker& in;
  Module m = in.m_;
  Expr step = m.let("rows_step", zext(in.tile_rows_, in.n_width_));
  Dimension rows = walk_dimension(m, "n", m.let("n_total", zext(in.n_, in.n_width_)), step);
  Dimension cols = walk_dimension(m, "m", m.let("m_total", zext(in.columns_, in.m_width_)),
                                  lit(in.g_.design.columns, in.m_width_));
  Dimension k =
      in.has_k_ ? walk_dimension(m, "k", m.let("k_total", zext(in.k_, in.k_width_)), in.k_step())
                : Dimension{in.k_, in.k_, lit(1, 1), in.k_};
  Dimension group =
      in.has_groups_
          ? walk_dimension(m, "group", m.let("group_total", zext(in.group_, in.k_width_)),
                           lit(in.g_.engine.depth(), in.k_width_))
          : k;
  /// Last tile of those that are summed up along K.
  Expr is_last_k = in.has_groups_ ? m.let("last_k", k.is_last || group.is_last) : k.is_last;
  Expr first_k = in.has_k_ ? m.logic("first_k_q", 1) : lit(1, 1);
};

Module TileWalker::build() {
  m_.set_unit("control");
  m_.section("What is left of each dimension");
  const Expr active_q = m_.logic("active_q", 1);
  m_.assign(active_, active_q);
  const Tile tile{*this};
  activate(tile, active_q);
  step(tile);

  m_.section("The current tile");
  current(tile);
  return m_;
}

void TileWalker::activate(const Tile& tile, const Expr& active_q) {
  const Expr step = has_k_ ? advance_ && tile.k.is_last : advance_;
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(active_q, 0); },
      [&](Block& b) {
        b.when(begin_, [&](Block& t) {
           t.assign(active_q, 1);
         }).else_when(step && tile.rows.is_last && tile.cols.is_last, [&](Block& t) {
          t.assign(active_q, 0);
        });
      });
}

void TileWalker::step(const Tile& tile) {
  const Dimension& k = tile.k;
  m_.always_ff(clk_, [&](Block& b) {
    b.when(begin_, [&](Block& t) {
       t.assign(tile.rows.left, tile.rows.total);
       t.assign(tile.cols.left, tile.cols.total);
       if (has_k_) t.assign(k.left, k.total);
       if (has_k_) t.assign(tile.first_k, 1);
       if (has_groups_) t.assign(tile.group.left, tile.group.total);
     }).else_when(advance_, [&](Block& t) {
      if (!has_k_) return next_row_tile(tile, t);
      t.assign(k.left, mux(k.is_last, k.total, k.left - k.step));
      t.assign(tile.first_k, tile.is_last_k);
      if (has_groups_)
        t.assign(tile.group.left,
                 mux(tile.is_last_k, tile.group.total, tile.group.left - tile.group.step));
      t.when(k.is_last, [&](Block& u) { next_row_tile(tile, u); });
    });
  });
}

void TileWalker::next_row_tile(const Tile& tile, Block& b) const {
  const Dimension &rows = tile.rows, &cols = tile.cols;
  b.assign(rows.left, mux(rows.is_last, rows.total, rows.left - rows.step));
  b.when(rows.is_last, [&](Block& t) { t.assign(cols.left, cols.left - cols.step); });
}

void TileWalker::current(const Tile& tile) {
  if (walk_ == Walk::weights || walk_ == Walk::results) {
    const Expr rows = m_.output("rows_o", g_.tile_row_bits, "Weight rows of the current tile.");
    m_.assign(rows, mux(tile.rows.is_last, trunc(tile.rows.left, g_.tile_row_bits), tile_rows_));
  }
  if (walk_ == Walk::activations) {
    const int bits = bits_for(g_.engine.depth());
    const Expr depth = m_.output("depth_o", bits, "Operands of the current sub-tile.");
    m_.assign(depth, mux(tile.k.is_last, trunc(tile.k.left, bits), lit(g_.engine.depth(), bits)));
  }
  if (walk_ == Walk::results) current_result(tile);
  if (walk_ == Walk::programs)
    m_.assign(m_.output("last_o", 1, "Last tile of the current M-tile."),
              tile.rows.is_last && tile.k.is_last);
  if (!has_k_) return;
  const std::string what = walk_ == Walk::results ? "group" : "sub-tile";
  const std::string where = has_groups_ ? "of its group along K." : "along K.";
  m_.assign(m_.output("first_k_o", 1, "First " + what + " " + where), tile.first_k);
  m_.assign(m_.output("last_k_o", 1, "Last " + what + " " + where), tile.is_last_k);
}

void TileWalker::current_result(const Tile& tile) {
  const int bits = bits_for(g_.design.columns);
  m_.assign(m_.output("columns_o", bits, "Columns of the current tile."),
            mux(tile.cols.is_last, trunc(tile.cols.left, bits), lit(g_.design.columns, bits)));
  m_.assign(m_.output("last_o", 1, "Last tile of the product."),
            has_k_ ? tile.rows.is_last && tile.cols.is_last && tile.k.is_last
                   : tile.rows.is_last && tile.cols.is_last);
}

}  // namespace

Module tile_walker(const Geometry& g, Walk walk) {
  return TileWalker(g, walk).build();
}

}  // namespace hasse::units
