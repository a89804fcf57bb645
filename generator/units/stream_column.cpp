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
using hdl::repeat;
using hdl::trunc;
using hdl::Width;
using hdl::zext;
using transitive::Datapath;

struct Text {
  const char* name;
  const char* doc;
};

Text text(Datapath datapath) {
  if (datapath == Datapath::split)
    return {"split_column",
            "One weight row and one column: reads a node of every table and adds them up.\n"
            "Nodes are picked by an AND-OR over their table; a sign is applied by inversion. What\n"
            "inversion misses, one where the odd bit is clear, enters the adders as carries.\n"
            "Beats come most significant first and are added with the sums before them doubled."};
  if (datapath == Datapath::bit_serial)
    return {"bit_serial_column",
            "One weight row and one column: an AND per operand bit and a tree of adders.\n"
            "Operands are offset to be unsigned by inverting their top bits. Beats come most\n"
            "significant first and are added with the sums before them doubled."};
  if (datapath == Datapath::bitvert)
    return {
        "bitvert_column",
        "One weight row and one column: half as many adder inputs, slots, as operands.\n"
        "The slots of a group take the operands of its ones; or those of its zeros, and their sum "
        "is\n"
        "taken from the group's total. Beats come most significant first and are added with the\n"
        "sums before them doubled."};
  return {
      "dot_product_column",
      "One weight row and one column: products of weights and operands, summed up.\n"
      "Plane by plane, an AND per bit and a tree of adders; the planes' sums are then added in\n"
      "their places. Operands are offset to be unsigned by inverting their top bits."};
}

/// The sum of one plane, and a bit still to be added to it.
struct PlaneSum {
  Expr sum, carry;
};

/// Builds the module, a section of it per function.
class StreamColumn {
 public:
  explicit StreamColumn(const Geometry& g) : g_(g) {}

  Module build();

 private:
  Expr input_if(bool there, const std::string& name, const Width& width, const std::string& doc) {
    return there ? m_.input(name, width, doc) : lit(0, 1);
  }
  Expr node(int plane, int table);
  PlaneSum nodes_of(int plane);
  PlaneSum operands_of(int plane);
  PlaneSum groups_of(int plane);
  Expr slot(int group, int slot, const Expr& select);
  PlaneSum sum_of(int plane);
  PlaneSum staged(const PlaneSum& plane, int index);
  Expr all_planes(const std::vector<PlaneSum>& planes);
  void add_up(const Expr& sum);

  const Geometry& g_;
  Datapath datapath_ = g_.engine.datapath;
  bool split_ = datapath_ == Datapath::split, dot_ = datapath_ == Datapath::dot_product;
  bool grouped_ = datapath_ == Datapath::bitvert;
  int planes_ = g_.beat_planes, tables_ = g_.design.tables;
  int word_ = g_.derived.node_bits, table_nodes_ = 1 << (g_.design.tile_bits - 1);
  int slots_ = g_.design.tile_bits / 2, select_bits_ = slots_ * (slots_ + 1);
  Module m_{text(datapath_).name, text(datapath_).doc};
  Width sum_bits_ = m_.localparam("SumBits", g_.derived.partial_bits, "Bits of a row's sum.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr begins_ = input_if(split_, "begins_i", 1, "First beat of the weight row.");
  Expr hot_ = input_if(split_, "hot_i", split_ ? planes_* tables_* table_nodes_ : 1,
                       "Nodes to be read, one hot per plane and table.");
  Expr minus_ =
      input_if(split_, "minus_i", split_ ? planes_* tables_ : 1, "Nodes that are subtracted.");
  Expr asked_ = input_if(!split_ && !grouped_, "asked_i", split_ ? 1 : planes_* g_.engine.depth(),
                         "Operands to be added, plane after plane.");
  Expr select_ = input_if(grouped_, "select_i", grouped_ ? planes_* tables_* select_bits_ : 1,
                          "Operands that slots take, one hot or none, group after group.");
  Expr zeros_ = input_if(grouped_, "zeros_i", grouped_ ? planes_* tables_ : 1,
                         "They are those of a group's zeros.");
  Expr totals_ = input_if(grouped_, "totals_i", grouped_ ? tables_* g_.group_total_bits : 1,
                          "Sums of the groups' operands.");
  Expr valid_ = input_if(!dot_, "valid_i", 1, "The sum of a beat is there.");
  Expr first_ = input_if(!dot_, "first_i", 1, "It is the first of its row.");
  Expr words_ = m_.input("words_i", g_.engine.stationary_words() * word_, "Stationary words.");
  Expr odd_ = input_if(split_, "odd_i", split_ ? tables_ : 1, "Odd bits of the tables.");
  Expr start_ = input_if(!dot_, "start_i", dot_ ? 1 : g_.start_bits, "What a sum starts with.");
};

Module StreamColumn::build() {
  m_.set_unit("accumulate_lanes");
  std::vector<PlaneSum> planes;
  for (int plane = 0; plane < planes_; ++plane) {
    m_.section(planes_ == 1 ? "The plane" : fmt::format("Plane {} of the beat", plane));
    planes.push_back(staged(sum_of(plane), plane));
  }
  m_.section("The row");
  add_up(all_planes(planes));
  return m_;
}

/// The node that `table` is asked for in `plane`.
Expr StreamColumn::node(int plane, int table) {
  const auto masked = [&](int node) {
    return words_.slice((table * table_nodes_ + node) * word_, word_) &
           repeat(word_, hot_.bit((plane * tables_ + table) * table_nodes_ + node));
  };
  Expr chosen = masked(0);
  for (int node = 1; node < table_nodes_; ++node) chosen = chosen | masked(node);
  return m_.let(fmt::format("node_{}_{}", plane, table),
                (chosen) ^ repeat(word_, minus_.bit(plane * tables_ + table)));
}

/// A row starts with the first plane that counts.
PlaneSum StreamColumn::nodes_of(int plane) {
  std::vector<Expr> terms, carries;
  if (plane + 1 == planes_)
    terms.push_back(m_.let("starts", start_ & repeat(g_.start_bits, begins_)));
  for (int t = 0; t < tables_; ++t) {
    terms.push_back(node(plane, t));
    carries.push_back(minus_.bit(plane * tables_ + t) && !odd_.bit(t));
  }
  const Expr sum = adder_tree(m_, fmt::format("sum_{}", plane), terms, carries);
  return {sum, carries.empty() ? lit(0, 1) : carries.front()};
}

/// Sum of the operands that the bits of a plane ask for.
PlaneSum StreamColumn::operands_of(int plane) {
  const int depth = g_.engine.depth();
  std::vector<Expr> terms, none;
  for (int i = 0; i < depth; ++i) {
    const Expr asked = asked_.bit(plane * depth + i);
    const Expr operand = words_.slice(i * word_, word_);
    terms.push_back(m_.let(fmt::format("product_{}_{}", plane, i),
                           cat({!(operand.bit(word_ - 1) && asked),
                                operand.slice(0, word_ - 1) & repeat(word_ - 1, asked)})));
  }
  return {adder_tree(m_, fmt::format("sum_{}", plane), terms, none), lit(0, 1)};
}

/// The operand that a slot takes, its top bit inverted; 0 likewise where it takes none.
Expr StreamColumn::slot(int group, int slot, const Expr& select) {
  const auto operand = [&](int place) {
    return words_.slice((group * g_.design.tile_bits + place) * word_, word_) &
           repeat(word_, select.bit(slot * slots_ + place));
  };
  Expr chosen = operand(slot);
  for (int place = slot + 1; place <= slot + slots_; ++place) chosen = chosen | operand(place);
  return chosen ^ lit(std::int64_t{1} << (word_ - 1), word_);
}

/// q and total - q are the sums of a group's slots, or what they leave of it, up to the offsets of
/// their top bits: those of the slots in q, of operands and slots in the total. All sums get the
/// operands' offset.
PlaneSum StreamColumn::groups_of(int plane) {
  const int bits = g_.group_total_bits;
  const std::int64_t missing = static_cast<std::int64_t>(slots_) << (word_ - 1);
  std::vector<Expr> groups, none;
  for (int g = 0; g < tables_; ++g) {
    const int at = plane * tables_ + g;
    const Expr select = select_.slice(at * select_bits_, select_bits_), zeros = zeros_.bit(at);
    std::vector<Expr> slots, carry = {zeros};
    for (int s = 0; s < slots_; ++s)
      slots.push_back(m_.let(fmt::format("slot_{}_{}", at, s), slot(g, s, select)));
    const Expr taken = adder_tree(m_, fmt::format("taken_{}", at), slots, none);
    const Expr base = m_.let(fmt::format("base_{}", at),
                             mux(zeros, totals_.slice(g * bits, bits), lit(missing, bits)));
    const Expr sum = adder_tree(
        m_, fmt::format("group_{}", at),
        {base, m_.let(fmt::format("signed_{}", at), zext(taken, bits) ^ repeat(bits, zeros))},
        carry);
    m_.unused(sum.bit(bits), fmt::format("unused_group_{}", at));
    groups.push_back(sum.slice(0, bits));
  }
  return {adder_tree(m_, fmt::format("sum_{}", plane), groups, none), lit(0, 1)};
}

PlaneSum StreamColumn::sum_of(int plane) {
  if (split_) return nodes_of(plane);
  return grouped_ ? groups_of(plane) : operands_of(plane);
}

/// The plane's sum, behind a register if the trees have one.
PlaneSum StreamColumn::staged(const PlaneSum& plane, int index) {
  if (g_.design.tree_stages == 0) return plane;
  const Expr sum_q = m_.logic(fmt::format("sum_{}_q", index), plane.sum.width());
  const bool carries = split_ && index + 1 < planes_;
  const Expr carry_q = carries ? m_.logic(fmt::format("carry_{}_q", index), 1) : plane.carry;
  m_.always_ff(clk_, [&](Block& b) {
    b.assign(sum_q, plane.sum);
    if (carries) b.assign(carry_q, plane.carry);
  });
  return {sum_q, carry_q};
}

/// The planes added in their places; a carry that is left has the lowest bit of what is doubled.
Expr StreamColumn::all_planes(const std::vector<PlaneSum>& planes) {
  const long long words = split_ ? tables_ : g_.engine.depth();
  const long long largest = words * ((1LL << word_) + (split_ ? 1 : -1));
  Expr sum = planes.back().sum;
  for (int plane = planes_ - 2; plane >= 0; --plane) {
    const PlaneSum& next = planes[static_cast<std::size_t>(plane)];
    const int width = bits_for(largest * ((1LL << (planes_ - plane)) - 1));
    sum = m_.let(fmt::format("planes_from_{}", plane),
                 zext(cat({sum, next.carry}), width) + zext(next.sum, width));
  }
  return sum;
}

/// p = 2^planes p + sum.
void StreamColumn::add_up(const Expr& sum) {
  const int bits = g_.derived.partial_bits, kept = bits - planes_;
  const Expr sum_q = m_.logic("sum_q", sum_bits_);
  m_.assign(m_.output("sum_o", sum_bits_, "Sum of the row."), sum_q);
  if (dot_) return m_.always_ff(clk_, [&](Block& b) { b.assign(sum_q, zext(sum, sum_bits_)); });
  const Expr so_far =
      m_.let("so_far", cat({sum_q.slice(0, kept) & repeat(kept, !first_), hdl::zeros(planes_)}),
             "The row's sum so far, in its place.");
  const std::uint64_t offset =
      (std::uint64_t{1} << bits) - (static_cast<std::uint64_t>(tables_) << (word_ + planes_ - 1));
  const Expr start =
      split_ ? lit(static_cast<std::int64_t>(offset & ((std::uint64_t{1} << bits) - 1)), bits)
      : planes_ == 1 ? start_
                     : cat({start_.slice(0, kept + 1), hdl::zeros(planes_ - 1)});
  if (!split_ && planes_ > 1) m_.unused(start_.slice(kept + 1, planes_ - 1), "unused_start");
  // Sums are exact modulo 2^bits: what is cut off, as of planes that fill up a beat, means nothing.
  const int excess = sum.width().value() - bits;
  const Expr fitted = excess > 0 ? trunc(sum, sum_bits_) : zext(sum, sum_bits_);
  if (excess > 0) m_.unused(sum.slice(bits, excess), "unused_sum");
  m_.always_ff(clk_, [&](Block& b) {
    b.when(valid_,
           [&](Block& t) { t.assign(sum_q, (so_far | (start & repeat(bits, first_))) + fitted); });
  });
}

}  // namespace

Module stream_column(const Geometry& g) {
  return StreamColumn(g).build();
}

}  // namespace hasse::units
