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
using hdl::sext;
using hdl::Width;
using hdl::zext;
using transitive::Datapath;

constexpr const char* kSplitDoc =
    "The nodes of the split lattices of one column.\n"
    "As soon as a table's operands are there its nodes are built, each one addition away from its\n"
    "parent, and shifted in behind those of the tables before; when the K-tile is complete, all "
    "of\n"
    "them move into the registers that the lanes read. A node is the sum of the operands that the\n"
    "bits of its code ask for. That of all operands stands last in its table, and inverted.";
constexpr const char* kRadix4Doc =
    "The operands of one column and three times each, double buffered, and what their offsets\n"
    "leave to be added. Operands are shifted in; a complete K-tile moves into the registers that\n"
    "the lanes read in a single cycle. Three times an operand stands above it, inverted.";
constexpr const char* kTreeDoc =
    "The operands of one column, double buffered, and what their offsets leave to be added.\n"
    "Operands are shifted in; a complete K-tile moves into the registers that the lanes read in a\n"
    "single cycle.";
constexpr const char* kFoldedDoc =
    "\nOperands stand as magnitudes, with their signs beside them: of a weight whose operand is\n"
    "negative the complement is taken, as -m * w is m * ~w and m more.";

/// Builds the module, a section of it per function.
class StationaryColumn {
 public:
  explicit StationaryColumn(const Geometry& g) : g_(g) {}

  Module build();

 private:
  std::string doc() const;
  std::vector<Expr> take();
  Expr fold(const Expr& operand, int index);
  Expr lacking(const Expr& folded);
  Expr value(const Expr& standing) const;
  Expr extended(const Expr& value, int bits) const;
  Expr add_up(const std::string& prefix, const std::vector<Expr>& terms, const std::string& doc);
  std::vector<Expr> with_earlier(const std::vector<Expr>& operands);
  Expr table(const std::vector<Expr>& x, int index);
  std::vector<Expr> build_tables(const std::vector<Expr>& operands);
  Expr shift(const std::string& name, const Expr& value, const Expr& enable, int count,
             const std::string& doc);
  void tables(const std::vector<Expr>& operands);
  Expr with_triple(const Expr& standing, int index);
  void operands(const std::vector<Expr>& operands, const Expr& sum);
  void dot_correction(const Expr& sum);
  void totals(const Expr& operands);
  void start(const Expr& value);
  Expr keep(const std::string& name, const Expr& value);

  const Geometry& g_;
  bool split_ = g_.engine.datapath == Datapath::split;
  bool booth_ = g_.design.recoding == "booth", radix4_ = g_.design.recoding == "radix4";
  bool folded_ = g_.design.folds();
  int tile_bits_ = g_.design.tile_bits;
  int together_ = g_.design.operand_rows, bits_ = g_.design.operand_bits();
  int magnitude_bits_ = g_.node_bits(1), standing_bits_ = folded_ ? magnitude_bits_ + 1 : bits_;
  int sum_width_ = g_.tile_sum_bits;
  Module m_{split_ ? "lattice_column" : "operand_column", doc()};
  Width correction_bits_ =
      m_.localparam("CorrectionBits", g_.correction_bits, "Bits of a correction.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr load_ = m_.input("load_i", 1, "Take the incoming operands.");
  Expr first_ = m_.input("load_first_i", 1, "They are the first of their K-tile.");
  Expr empty_ = m_.input("load_zero_i", together_, "A bit for each: beyond K, take zero.");
  Expr table_ =
      g_.tables_wait() ? m_.input("load_table_i", 1, "With load_i: they complete a table.") : load_;
  Expr data_ = m_.input("data_i", together_* bits_, "Operands, the first one lowest.");
  Expr swap_ = m_.input("swap_i", 1, "The K-tile is complete and moves into place.");
  Expr words_out_ = m_.output("words_o", g_.stationary_bits, "What the lanes read.");
  Expr correction_out_ =
      m_.output("correction_o", correction_bits_, "What the K-tile's results lack.");
};

std::string StationaryColumn::doc() const {
  const std::string doc = split_ ? kSplitDoc : radix4_ ? kRadix4Doc : kTreeDoc;
  return folded_ ? doc + kFoldedDoc : doc;
}

Module StationaryColumn::build() {
  m_.set_unit("operands");
  m_.section("The operands that come in");
  const std::vector<Expr> incoming = take();
  std::vector<Expr> standing, terms, lacks;
  for (const Expr& operand : incoming) {
    terms.push_back(sext(operand, sum_width_));
    standing.push_back(folded_ ? fold(operand, static_cast<int>(standing.size())) : operand);
    if (folded_) lacks.push_back(lacking(standing.back()));
  }
  const bool summed = !(split_ || booth_ || folded_) || g_.scaled();
  const Expr sum = summed ? add_up("", terms, "Sum of the operands so far.") : lit(0, 1);
  if (!summed && !folded_) m_.unused(first_, "unused_first");
  if (split_)
    tables(standing);
  else
    operands(standing, sum);
  if (folded_) {
    const Expr lack = add_up("lack_", lacks, "What products lack so far.");
    m_.assign(correction_out_, zext(keep("correction_q", lack), correction_bits_));
  }
  if (g_.scaled())
    m_.assign(m_.output("column_sum_o", sum_width_, "Minus the sum of the K-tile's operands."),
              keep("column_sum_q", lit(0, sum_width_) - sum));
  return m_;
}

/// A register that takes `value` when the K-tile moves.
Expr StationaryColumn::keep(const std::string& name, const Expr& value) {
  const Expr kept = m_.logic(name, value.width());
  m_.always_ff(clk_, [&](Block& b) { b.when(swap_, [&](Block& t) { t.assign(kept, value); }); });
  return kept;
}

std::vector<Expr> StationaryColumn::take() {
  std::vector<Expr> incoming;
  for (int i = 0; i < together_; ++i)
    incoming.push_back(m_.let(fmt::format("operand_{}", i),
                              data_.slice(i * bits_, bits_) & repeat(bits_, !empty_.bit(i)),
                              i == 0 ? "Zero beyond K." : ""));
  return incoming;
}

/// An operand's magnitude, its sign above it. Inverting a negative one leaves 1 less; the lowest of
/// all, where it is promised not to come, is taken for minus the highest.
Expr StationaryColumn::fold(const Expr& operand, int index) {
  const int bits = magnitude_bits_;
  const Expr sign = operand.msb();
  const Expr inverted = operand.slice(0, bits) ^ repeat(bits, sign);
  const bool promised = g_.design.operands == "symmetric";
  const Expr one = promised ? sign && !hdl::reduce_and(inverted) : sign;
  const Expr magnitude = m_.let(fmt::format("magnitude_{}", index), inverted + zext(one, bits));
  return m_.let(fmt::format("folded_{}", index), cat({sign, magnitude}),
                index == 0 ? "The magnitude, the sign above it." : "");
}

/// What products of weights and an operand lack when its sign is folded into them: the magnitude of
/// a negative one. Offsets of whole weights, half of their range, are taken from it.
Expr StationaryColumn::lacking(const Expr& folded) {
  const int width =
      split_ ? bits_for(g_.engine.depth() * g_.design.largest_magnitude()) : g_.correction_bits;
  const Expr magnitude = value(folded);
  const Expr lacks = zext(magnitude & repeat(magnitude_bits_, folded.msb()), width);
  if (split_) return lacks;
  const int up = g_.design.weight_bits - 1;
  return lacks - cat({zext(magnitude, width - up), hdl::zeros(up)});
}

/// Sum of `terms` over the K-tile, in a register.
Expr StationaryColumn::add_up(const std::string& prefix, const std::vector<Expr>& terms,
                              const std::string& doc) {
  const Expr sum_q = m_.logic(prefix + "sum_q", terms.front().width(), doc);
  Expr sum = m_.let(prefix + "so_far", mux(first_, 0, sum_q));
  for (const Expr& term : terms) sum = sum + term;
  m_.always_ff(clk_, [&](Block& b) { b.when(load_, [&](Block& t) { t.assign(sum_q, sum); }); });
  return sum_q;
}

/// The number that stands of an operand.
Expr StationaryColumn::value(const Expr& standing) const {
  return folded_ ? standing.slice(0, magnitude_bits_) : standing;
}

/// A number that stands, or a sum of such, in `bits` bits.
Expr StationaryColumn::extended(const Expr& value, int bits) const {
  return folded_ ? zext(value, bits) : sext(value, bits);
}

/// The last `count` values that came with `enable`, the latest highest.
Expr StationaryColumn::shift(const std::string& name, const Expr& value, const Expr& enable,
                             int count, const std::string& doc) {
  const int bits = value.width().value();
  const Expr shift_q = m_.logic(name, count * bits, doc);
  const Expr next = count == 1 ? value : cat({value, shift_q.slice(bits, (count - 1) * bits)});
  m_.always_ff(clk_, [&](Block& b) { b.when(enable, [&](Block& t) { t.assign(shift_q, next); }); });
  return shift_q;
}

/// The operands of a table that comes in several beats.
std::vector<Expr> StationaryColumn::with_earlier(const std::vector<Expr>& operands) {
  if (!g_.tables_wait()) return operands;
  const int waiting = tile_bits_ - together_;
  std::vector<Expr> backwards(operands.rbegin(), operands.rend()), all;
  const Expr earlier_q = shift("earlier_q", cat(backwards), load_, waiting / together_,
                               "Operands of the table that is not complete.");
  for (int i = 0; i < waiting; ++i)
    all.push_back(
        m_.let(fmt::format("earlier_{}", i), earlier_q.slice(i * standing_bits_, standing_bits_)));
  all.insert(all.end(), operands.begin(), operands.end());
  return all;
}

/// The nodes of a table in the order of their codes, from code 1 on; above them the signs of its
/// operands, if these stand as magnitudes.
Expr StationaryColumn::table(const std::vector<Expr>& x, int index) {
  const int last = (1 << tile_bits_) - 1;
  std::vector<Expr> nodes = {lit(0, 1)}, highest_first;
  for (int code = 1; code <= last; ++code) {
    const int bit = bits_for(code) - 1, parent = code - (1 << bit);
    const int bits = g_.node_bits(code);
    const Expr operand = extended(value(x[static_cast<std::size_t>(bit)]), bits);
    nodes.push_back(m_.let(
        fmt::format("node_{}_{}", index, code),
        parent == 0 ? operand : extended(nodes[static_cast<std::size_t>(parent)], bits) + operand));
    highest_first.insert(highest_first.begin(), code == last ? ~nodes.back() : nodes.back());
  }
  if (folded_)
    for (const Expr& operand : x) highest_first.insert(highest_first.begin(), operand.msb());
  return cat(highest_first);
}

/// All tables that the operands complete.
std::vector<Expr> StationaryColumn::build_tables(const std::vector<Expr>& operands) {
  std::vector<Expr> highest_first;
  for (std::size_t i = 0; i < operands.size(); i += static_cast<std::size_t>(tile_bits_)) {
    const auto begin = operands.begin() + static_cast<std::ptrdiff_t>(i);
    highest_first.insert(highest_first.begin(), table({begin, begin + tile_bits_},
                                                      static_cast<int>(highest_first.size())));
  }
  return highest_first;
}

void StationaryColumn::tables(const std::vector<Expr>& operands) {
  const int count = g_.design.tables;
  m_.section("The tables that they complete");
  const std::vector<Expr> fresh = build_tables(with_earlier(operands));
  const Expr complete = g_.tables_wait() ? m_.let("complete", load_ && table_) : load_;
  const Expr nodes_q =
      shift("next_nodes_q", m_.let("nodes", cat(fresh)), complete,
            count / static_cast<int>(fresh.size()), "Nodes of the next K-tile, once complete.");

  m_.section("What stands");
  m_.assign(words_out_, keep("nodes_q", nodes_q));
  if (folded_) return;
  m_.assign(correction_out_,
            lit(std::int64_t{count} << (g_.derived.node_bits - 1), g_.correction_bits));
}

/// What a row's sum starts with. Where it is added behind a register of the trees it comes later.
void StationaryColumn::start(const Expr& value) {
  const Expr out = m_.output("start_o", g_.start_bits, "What a row's sum starts with.");
  const Expr start_q = keep("start_q", value);
  if (g_.design.tree_stages == 0) return m_.assign(out, start_q);
  const Expr later_q = m_.logic("start_later_q", g_.start_bits, "As late as the trees' sums.");
  m_.always_ff(clk_, [&](Block& b) { b.assign(later_q, start_q); });
  m_.assign(out, later_q);
}

/// Sums of groups of operands, the top bits of them, and of half as many more, inverted.
void StationaryColumn::totals(const Expr& operands) {
  const int bits = g_.group_total_bits, offset = tile_bits_ / 2;
  std::vector<Expr> totals, none;
  for (int group = 0; group < g_.design.tables; ++group) {
    std::vector<Expr> terms;
    for (int i = 0; i < tile_bits_; ++i)
      terms.push_back(operands.slice((group * tile_bits_ + i) * bits_, bits_) ^
                      lit(std::int64_t{1} << (bits_ - 1), bits_));
    const Expr sum = adder_tree(m_, fmt::format("total_{}", group), terms, none);
    totals.insert(totals.begin(),
                  sum + lit(static_cast<std::int64_t>(offset) << (bits_ - 1), bits));
  }
  m_.assign(m_.output("totals_o", g_.design.tables * bits, "Sums of the groups' operands."),
            keep("totals_q", cat(totals)));
}

/// An operand, and above it three times it, inverted as lanes want it; on top its sign, if it
/// stands as a magnitude.
Expr StationaryColumn::with_triple(const Expr& standing, int index) {
  const int bits = g_.design.digit_product_bits();
  const Expr operand = value(standing);
  const Expr twice = cat({extended(operand, bits - 1), hdl::zeros(1)});
  const Expr triple = m_.let(fmt::format("triple_{}", index), extended(operand, bits) + twice);
  return folded_ ? cat({standing.msb(), ~triple, operand}) : cat({~triple, operand});
}

void StationaryColumn::operands(const std::vector<Expr>& operands, const Expr& sum) {
  const int width = g_.correction_bits, depth = g_.engine.depth();
  m_.section("What stands");
  std::vector<Expr> backwards;
  for (int i = together_ - 1; i >= 0; --i) {
    const Expr& operand = operands[static_cast<std::size_t>(i)];
    backwards.push_back(radix4_ ? with_triple(operand, i) : operand);
  }
  const Expr next_q = shift("next_q", cat(backwards), load_, depth / together_,
                            "Operands of the next K-tile, once complete.");
  m_.assign(words_out_, keep("operands_q", next_q));
  if (g_.engine.datapath == Datapath::bitvert) totals(next_q);
  if (g_.engine.datapath != Datapath::dot_product) {
    const int bits = g_.start_bits;
    start(
        lit(-(static_cast<std::int64_t>(depth) << bits_) & ((std::int64_t{1} << bits) - 1), bits) -
        sext(sum, bits));
    return m_.assign(correction_out_, lit(static_cast<std::int64_t>(depth) << (bits_ - 1), width));
  }
  if (!folded_) dot_correction(sum);
}

/// Products are offset to be unsigned in the place of every digit, and so are weights but where
/// Booth's digits are signed.
void StationaryColumn::dot_correction(const Expr& sum) {
  const int width = g_.correction_bits, planes = g_.design.weight_bits;
  const bool recoded = g_.design.recodes();
  const int product_bits = recoded ? g_.design.digit_product_bits() : bits_;
  const std::int64_t ones = recoded ? ((1 << (2 * g_.design.digits())) - 1) / 3 : (1 << planes) - 1;
  const std::int64_t offset =
      (static_cast<std::int64_t>(g_.engine.depth()) << (product_bits - 1)) * ones;
  const Expr constant = lit(-offset & ((std::int64_t{1} << width) - 1), width);
  if (booth_) return m_.assign(correction_out_, constant);
  const Expr shifted =
      m_.let("shifted", cat({sext(sum, width - planes + 1), hdl::zeros(planes - 1)}));
  m_.assign(correction_out_, keep("correction_q", constant - shifted));
}

}  // namespace

Module stationary_column(const Geometry& g) {
  return StationaryColumn(g).build();
}

}  // namespace hasse::units
