// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "generator/units/units.hpp"
#include "generator/units/weight_digits.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::PortMap;
using hdl::repeat;
using hdl::Scope;
using hdl::Width;
using transitive::Datapath;

struct Text {
  const char* name;
  const char* doc;
};

Text text(const design::Design& design, Datapath datapath) {
  const std::string& recoding = design.recoding;
  if (recoding == "booth")
    return {"booth_lane",
            "One weight row per cycle.\n"
            "Weights are recoded to digits from -2 to 2, half as many as bits. Once for all "
            "columns."};
  if (recoding == "radix4")
    return {"radix4_lane",
            "One weight row per cycle.\n"
            "Weights are offset to be unsigned by inverting their top bits, and taken by digits of "
            "two."};
  if (datapath == Datapath::split && design.folds())
    return {
        "split_lane",
        "One weight row at a time, a beat of its planes per cycle.\n"
        "A code picks a node of its table, code 0 none. Columns decode it, as it depends on the "
        "signs of\ntheir operands."};
  if (datapath == Datapath::split)
    return {"split_lane",
            "One weight row at a time, a beat of its planes per cycle.\n"
            "A code picks a node of its table, code 0 none. Decoded once for all columns."};
  if (datapath == Datapath::bit_serial)
    return {"bit_serial_lane",
            "One weight row at a time, a beat of its planes per cycle.\n"
            "The highest plane of the first beat counts negatively, so its bits are inverted."};
  if (datapath == Datapath::bitvert)
    return {
        "bitvert_lane",
        "One weight row at a time, a beat of its planes per cycle.\n"
        "Of a group's bits those are added up that are alike and at most half of them: the ones, "
        "or\n"
        "else the zeros, whose sum is then taken from the group's total. Every adder input, a "
        "slot,\n"
        "is told which of its operands to take. Scheduled once for all columns. The highest plane "
        "of\nthe first beat counts negatively, so ones and zeros change places."};
  return {"dot_product_lane",
          "One weight row per cycle.\n"
          "Weights are offset to be unsigned by inverting their top bits."};
}

/// Builds the module, a section of it per function.
class StreamLane {
 public:
  StreamLane(const Geometry& g, const Module& column) : g_(g), column_(column) {}

  Module build();

 private:
  Expr input_if(bool there, const std::string& name, const Width& width, const std::string& doc) {
    return there ? m_.input(name, width, doc) : lit(0, 1);
  }
  void decode();
  Expr registered(const std::string& name, const Expr& value, const std::string& doc = "");
  Expr plane_of(const Expr& code, int place);
  void gather();
  void recode();
  void schedule();
  Expr schedule_group(int group);
  Expr later(const Expr& value, const std::string& name);
  void columns();
  void take_turns();

  const Geometry& g_;
  const Module& column_;
  Datapath datapath_ = g_.engine.datapath;
  bool split_ = datapath_ == Datapath::split, dot_ = datapath_ == Datapath::dot_product;
  bool grouped_ = datapath_ == Datapath::bitvert;
  int planes_ = g_.beat_planes;
  int tables_ = g_.design.tables, tile_bits_ = g_.design.tile_bits;
  bool recoded_ = g_.design.recodes(), folded_ = g_.design.folds();
  Text text_ = text(g_.design, datapath_);
  Module m_{text_.name, text_.doc};
  Width columns_ = m_.localparam("Columns", g_.design.columns, "Activation columns.");
  Width code_bits_ = m_.localparam("CodeBits", g_.code_bits, "Weight bits of a beat.");
  Width sum_bits_ = m_.localparam("SumBits", g_.derived.partial_bits, "Bits of a row's sum.");
  Width words_ = m_.localparam("WordsBits", g_.stationary_bits, "Bits of a column's words.");
  Width group_ = m_.localparam("GroupColumns", g_.beat_columns, "Columns of a group.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr code_ = m_.input("code_i", code_bits_, "Weight bits, a cycle before what is said of them.");
  Expr valid_ = input_if(!dot_, "valid_i", 1, "They are valid.");
  Expr first_ = input_if(!dot_, "first_i", 1, "First beat of the weight row.");
  Expr opens_ = input_if(g_.opens(), "opens_i", 1, "It has the higher planes of the trees.");
  Expr take_ = input_if(g_.design.columns_per_adder > 1, "take_i", 1,
                        "The row's sums are complete: the first column group's turn.");
  Expr words_in_ = m_.input("words_i", columns_* words_, "Stationary words of every column.");
  Expr totals_ = input_if(grouped_, "totals_i", columns_* tables_* g_.group_total_bits,
                          "Sums of every column's groups.");
  Expr start_ = input_if(g_.start_bits > 0, "start_i", columns_* std::max(g_.start_bits, 1),
                         "What a row's sum starts with, per column.");
  Expr sums_ = m_.logic("sums", columns_* sum_bits_, "Sum of every column.");
  PortMap shared_ = {{"clk_i", clk_}};  ///< What all columns are told.
};

Module StreamLane::build() {
  m_.set_unit("accumulate_lanes");
  m_.section(split_ && !folded_     ? "Codes: which node"
             : recoded_ && !folded_ ? "Weight bits: digits"
             : grouped_             ? "Weight bits: what every slot takes"
                                    : "Weight bits");
  if (split_)
    decode();
  else if (grouped_)
    schedule();
  else if (recoded_ && !folded_)
    recode();
  else
    gather();

  m_.section("Sums of every column");
  columns();

  m_.section("Column groups, in turn");
  take_turns();
  return m_;
}

/// `value`, a cycle later.
Expr StreamLane::registered(const std::string& name, const Expr& value, const std::string& doc) {
  const Expr value_q = m_.logic(name, value.width(), doc);
  m_.always_ff(clk_, [&](Block& b) { b.assign(value_q, value); });
  return value_q;
}

void StreamLane::decode() {
  const Expr code_q = registered("code_q", code_);
  if (folded_) {
    shared_.emplace_back("code_i", code_q);
    return;
  }
  std::vector<Expr> codes;
  for (int at = 0; at < planes_ * tables_; ++at)
    codes.push_back(code_q.slice(at * tile_bits_, tile_bits_));
  shared_.emplace_back("hot_i", node_lines(m_, codes, tables_));
}

/// The bits in `place` of whole weights.
Expr StreamLane::plane_of(const Expr& code, int place) {
  std::vector<Expr> bits;
  for (int i = g_.engine.depth() - 1; i >= 0; --i) bits.push_back(code.bit(i * planes_ + place));
  return cat(bits);
}

/// The weight bits plane after plane, as they count.
void StreamLane::gather() {
  const int depth = g_.engine.depth();
  const Expr code_q = registered("code_q", code_);
  std::vector<Expr> planes;
  for (int plane = planes_ - 1; plane >= 0; --plane) {
    const Expr raw = dot_ ? plane_of(code_q, plane) : code_q.slice(plane * depth, depth);
    const bool top = plane + 1 == planes_;
    planes.push_back(m_.let(fmt::format("plane_{}", plane),
                            !top   ? raw
                            : dot_ ? ~raw
                                   : raw ^ repeat(depth, first_),
                            top ? "The highest plane counts negatively." : ""));
  }
  shared_.emplace_back("asked_i", planes.size() == 1 ? planes[0] : m_.let("asked", cat(planes)));
}

/// What the digits of weights take of their operands, digit after digit, the lowest one lowest.
void StreamLane::recode() {
  const bool booth = g_.design.recoding == "booth";
  const Expr code_q = registered("code_q", code_);
  std::vector<Expr> planes;
  for (int place = 0; place < planes_; ++place) {
    const Expr raw = plane_of(code_q, place);
    const bool offset = !booth && place + 1 == planes_;
    planes.push_back(m_.let(fmt::format("plane_{}", place), offset ? ~raw : raw));
  }
  const DigitLines lines = booth ? booth_digits(planes) : radix4_digits(planes);
  const auto share = [&](const std::string& name, const std::vector<Expr>& parts, const char* doc) {
    shared_.emplace_back(name + "_i", m_.let(name, cat(parts), doc));
  };
  share("one", lines[0], "Digits that take an operand once.");
  share("two", lines[1], "Digits that take it twice.");
  if (booth)
    share("negative", lines[2], "Digits below 0.");
  else
    share("not_three", lines[2], "Digits other than 3.");
}

/// Which operands the slots of `group` take, slot 0 lowest, one hot or none; and on top whether
/// they are the zeros. Slot j reaches places j to j + slots: it takes the j-th of the bits that are
/// taken, or the last one it reaches if lower slots were enough for those before.
Expr StreamLane::schedule_group(int group) {
  const int slots = tile_bits_ / 2, count_bits = bits_for(tile_bits_);
  const Expr bits = code_.slice(group * tile_bits_, tile_bits_);
  std::vector<Expr> before = {lit(0, count_bits)}, taken_before = before, select;
  for (int place = 0; place < tile_bits_; ++place)
    before.push_back(before.back() + zext(bits.bit(place), count_bits));
  const Expr zeros = m_.let(fmt::format("zeros_{}", group), before.back() > lit(slots, count_bits),
                            group == 0 ? "Fewer zeros than ones: zeros are taken." : "");
  const Expr taken = m_.let(fmt::format("taken_{}", group), bits ^ repeat(tile_bits_, zeros));
  for (int place = 0; place + 1 < tile_bits_; ++place)
    taken_before.push_back(m_.let(fmt::format("taken_{}_before_{}", group, place + 1),
                                  taken_before.back() + zext(taken.bit(place), count_bits)));
  for (int slot = 0; slot < slots; ++slot)
    for (int place = slot; place <= slot + slots; ++place) {
      const Expr& taken_so_far = taken_before[static_cast<std::size_t>(place)];
      const Expr number = lit(slot, count_bits);
      const Expr mine = place == slot + slots ? taken_so_far <= number : taken_so_far == number;
      select.push_back(taken.bit(place) && mine);
    }
  select.push_back(zeros);
  return m_.let(fmt::format("schedule_{}", group),
                cat(std::vector<Expr>(select.rbegin(), select.rend())));
}

/// A group's schedule is registered in place of its bits. It is the same for ones and zeros in each
/// other's place, but for which of them are taken.
void StreamLane::schedule() {
  const int select_bits = tile_bits_ / 2 * (tile_bits_ / 2 + 1);
  std::vector<Expr> selects, zeros;
  for (int group = planes_ * tables_ - 1; group >= 0; --group) {
    const Expr schedule_q = registered(fmt::format("schedule_{}_q", group), schedule_group(group));
    const Expr flipped = schedule_q.bit(select_bits);
    selects.push_back(schedule_q.slice(0, select_bits));
    zeros.push_back(group >= (planes_ - 1) * tables_ ? flipped ^ first_ : flipped);
  }
  shared_.emplace_back("select_i", m_.let("takes", cat(selects), "Operands that slots take."));
  shared_.emplace_back("zeros_i", m_.let("zeros", cat(zeros), "They are those of zeros."));
}

/// `value` as late as sums are that wait in the trees.
Expr StreamLane::later(const Expr& value, const std::string& name) {
  return g_.design.tree_stages == 0 ? value : registered(name, value, "A cycle later.");
}

void StreamLane::columns() {
  if (!dot_) {
    shared_.emplace_back("valid_i", later(valid_, "valid_q"));
    shared_.emplace_back("first_i", later(first_, "first_q"));
    if (g_.opens()) shared_.emplace_back("opens_i", later(opens_, "opens_q"));
  }
  m_.generate_for("column", columns_, "gen_column", [&](Scope& s, const Expr& column) {
    PortMap ports = shared_;
    ports.emplace_back("words_i", words_in_.lane(column, words_));
    if (grouped_)
      ports.emplace_back("totals_i", totals_.lane(column, tables_ * g_.group_total_bits));
    if (g_.start_bits > 0) ports.emplace_back("start_i", start_.lane(column, g_.start_bits));
    ports.emplace_back("sum_o", sums_.lane(column, sum_bits_));
    s.instance("u_column", column_, ports);
  });
}

/// Group 0 is sent from the sums themselves; the others wait in a chain that moves up every cycle.
void StreamLane::take_turns() {
  const int phases = g_.design.columns_per_adder;
  const Width bits = group_ * sum_bits_;
  const Expr out = m_.output("sum_o", bits, "Sums of the group whose turn it is.");
  if (phases == 1) return m_.assign(out, sums_);
  std::vector<Expr> chain;
  for (int p = 1; p < phases; ++p) chain.push_back(m_.logic(fmt::format("waiting_{}_q", p), bits));
  m_.always_ff(clk_, [&](Block& b) {
    for (int p = 1; p < phases; ++p) {
      const std::size_t at = static_cast<std::size_t>(p - 1);
      const Expr fresh = sums_.lane(p, bits);
      b.assign(chain[at], p + 1 == phases ? fresh : mux(take_, fresh, chain[at + 1]));
    }
  });
  m_.assign(out, mux(take_, sums_.lane(0, bits), chain[0]));
}

}  // namespace

Module stream_lane(const Geometry& g, const Module& column) {
  return StreamLane(g, column).build();
}

}  // namespace hasse::units
