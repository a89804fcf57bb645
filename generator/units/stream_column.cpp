// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "generator/units/adder_tree.hpp"
#include "generator/units/units.hpp"
#include "generator/units/weight_digits.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::repeat;
using hdl::sext;
using hdl::trunc;
using hdl::Width;
using hdl::zext;
using transitive::Datapath;

struct Text {
  const char* name;
  const char* doc;
  const char* words;  ///< What is added up, if it has to be made unsigned first.
};

Text text(Datapath datapath, const std::string& recoding) {
  if (recoding == "booth")
    return {"booth_column",
            "One weight row and one column: products of weights and operands, summed up.\n"
            "Digit by digit, -2 to 2 times an operand and a tree of adders, whose carry inputs "
            "take what\n"
            "inverting lacks of negating; the digits' sums are then added in their places.",
            "Products"};
  if (recoding == "radix4")
    return {"radix4_column",
            "One weight row and one column: products of weights and operands, summed up.\n"
            "Digit by digit, 0 to 3 times an operand and a tree of adders; the digits' sums are "
            "then added\n"
            "in their places.",
            "Products"};
  if (datapath == Datapath::split)
    return {"split_column",
            "One weight row and one column: reads a node of every table and adds them up.\n"
            "Nodes are picked by an AND-OR over their table. The sum of the first plane, which "
            "counts\n"
            "negatively, is inverted. Beats come most significant first and are added to the sums "
            "before\n"
            "them in their places.",
            "Nodes"};
  if (datapath == Datapath::bit_serial)
    return {"bit_serial_column",
            "One weight row and one column: an AND per operand bit and a tree of adders.\n"
            "Beats come most significant first and are added with the sums before them doubled.",
            "Operands"};
  if (datapath == Datapath::bitvert)
    return {
        "bitvert_column",
        "One weight row and one column: half as many adder inputs, slots, as operands.\n"
        "The slots of a group take the operands of its ones; or those of its zeros, and their sum "
        "is\n"
        "taken from the group's total. Beats come most significant first and are added with the\n"
        "sums before them doubled.",
        ""};
  return {
      "dot_product_column",
      "One weight row and one column: products of weights and operands, summed up.\n"
      "Plane by plane, an AND per bit and a tree of adders; the planes' sums are then added in\n"
      "their places.",
      "Operands"};
}

std::string doc(const Text& text, bool folded) {
  if (text.words == std::string()) return text.doc;
  return fmt::format("{}\n{} are {}", text.doc, text.words,
                     folded ? "those of magnitudes, above which the operands' signs stand: of a "
                              "negative\none the weight bits are inverted."
                            : "offset to be unsigned by inverting their top bits.");
}

/// Builds the module, a section of it per function.
class StreamColumn {
 public:
  explicit StreamColumn(const Geometry& g) : g_(g) {}

  Module build();

 private:
  Expr input_if(bool there, const std::string& name, const Width& width, const std::string& doc) {
    return there ? m_.input(name, width, doc) : lit(0, 1);
  }
  Expr extended(const Expr& word, int bits) const {
    return folded_ ? zext(word, bits) : sext(word, bits);
  }
  void fold_codes();
  void fold_weights();
  Expr picked(const std::string& name, const Expr& others, const Expr& last, const Expr& line);
  Expr node(int plane, int table);
  Expr nodes_of(int plane);
  Expr operands_of(int plane);
  Expr once_or_twice(const Expr& operand, const Expr& twice, int at);
  Expr booth_products_of(int digit);
  Expr radix4_products_of(int digit);
  Expr groups_of(int plane);
  Expr slot(int group, int slot, const Expr& select);
  Expr sum_of(int plane);
  Expr later(const std::string& name, const Expr& value);
  Expr staged(const Expr& sum, int plane);
  Expr below(int plane);
  Expr all_planes(const std::vector<Expr>& planes);
  Expr so_far(const Expr& sum);
  Expr start();
  void add_up(const Expr& sum);

  const Geometry& g_;
  Datapath datapath_ = g_.engine.datapath;
  bool split_ = datapath_ == Datapath::split, dot_ = datapath_ == Datapath::dot_product;
  bool grouped_ = datapath_ == Datapath::bitvert;
  bool booth_ = g_.design.recoding == "booth", recoded_ = g_.design.recodes();
  /// Trees, one per plane of a beat or digit of a weight; and places from one to the next.
  int planes_ = recoded_ ? g_.design.digits() : g_.beat_planes;
  int step_ = recoded_ ? 2 : g_.design.turns;
  int tables_ = g_.design.tables;
  int turns_ = g_.design.turns;
  int word_ = g_.derived.node_bits, table_nodes_ = (1 << g_.design.tile_bits) - 1;
  int slots_ = g_.design.tile_bits / 2, select_bits_ = slots_ * (slots_ + 1);
  /// Operands are magnitudes: words are unsigned as they are, and lines are made here.
  bool folded_ = g_.design.folds();
  /// Bits of a table's words, or of an operand's.
  int stride_ = g_.stationary_bits / (split_ ? tables_ : g_.engine.depth());
  Text text_ = text(datapath_, g_.design.recoding);
  Module m_{text_.name, doc(text_, folded_)};
  Width sum_bits_ = m_.localparam("SumBits", g_.derived.partial_bits, "Bits of a row's sum.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  int codes_ = planes_ * tables_ * g_.design.tile_bits;
  Expr code_ = input_if(split_ && folded_, "code_i", codes_, "Codes, plane after plane.");
  Expr hot_ = input_if(split_ && !folded_, "hot_i", split_ ? planes_* tables_* table_nodes_ : 1,
                       "Nodes to be read, one hot or none per plane and table; the last one low.");
  int choices_ = planes_ * g_.engine.depth();
  int bits_asked_ = g_.beat_planes * g_.engine.depth();
  Expr asked_ = input_if(
      !split_ && !grouped_ && (!recoded_ || folded_), "asked_i", bits_asked_,
      folded_ ? "Weight bits, plane after plane." : "Operands to be added, plane after plane.");
  bool digits_given_ = recoded_ && !folded_;
  Expr one_ = input_if(digits_given_, "one_i", choices_,
                       "Operands that are taken once, digit after digit.");
  Expr two_ = input_if(digits_given_, "two_i", choices_, "Those that are taken twice.");
  Expr negative_ = input_if(booth_, "negative_i", choices_, "Those whose digit is negative.");
  Expr not_three_ = input_if(digits_given_ && !booth_, "not_three_i", choices_,
                             "All but those that are taken three times.");
  Expr select_ = input_if(grouped_, "select_i", grouped_ ? planes_* tables_* select_bits_ : 1,
                          "Operands that slots take, one hot or none, group after group.");
  Expr zeros_ = input_if(grouped_, "zeros_i", grouped_ ? planes_* tables_ : 1,
                         "They are those of a group's zeros.");
  Expr totals_ = input_if(grouped_, "totals_i", grouped_ ? tables_* g_.group_total_bits : 1,
                          "Sums of the groups' operands.");
  Expr valid_ = input_if(!dot_, "valid_i", 1, "The sum of a beat is there.");
  Expr first_ = input_if(!dot_, "first_i", 1, "It is the first of its row.");
  Expr opens_ = input_if(g_.opens(), "opens_i", 1, "It is of the higher planes of the trees.");
  Expr words_ = m_.input("words_i", g_.stationary_bits, "Stationary words.");
  Expr start_ =
      input_if(g_.start_bits > 0, "start_i", std::max(g_.start_bits, 1), "What a sum starts with.");
};

Module StreamColumn::build() {
  m_.set_unit("accumulate_lanes");
  if (folded_) {
    m_.section(split_ ? "Codes, signs folded in: which node" : "Weight bits, signs folded in");
    if (split_)
      fold_codes();
    else
      fold_weights();
  }
  std::vector<Expr> planes;
  for (int plane = 0; plane < planes_; ++plane) {
    m_.section(recoded_       ? fmt::format("Digit {} of the weights", plane)
               : planes_ == 1 ? "The plane"
                              : fmt::format("Plane {} of the beat", plane));
    planes.push_back(staged(sum_of(plane), plane));
  }
  m_.section("The row");
  add_up(all_planes(planes));
  return m_;
}

/// Codes as operands' magnitudes are asked for, and the lines of their nodes.
void StreamColumn::fold_codes() {
  const int bits = g_.design.tile_bits;
  std::vector<Expr> codes;
  for (int at = 0; at < planes_ * tables_; ++at) {
    const Expr signs = words_.slice((at % tables_ + 1) * stride_ - bits, bits);
    codes.push_back(m_.let(fmt::format("code_{}_{}", at / tables_, at % tables_),
                           code_.slice(at * bits, bits) ^ signs,
                           at == 0 ? "Inverted where the operand is negative." : ""));
  }
  hot_ = node_lines(m_, codes, tables_);
}

/// Weight bits as operands' magnitudes are asked for, and the lines of their digits.
void StreamColumn::fold_weights() {
  const int depth = g_.engine.depth();
  std::vector<Expr> signs, planes;
  for (int i = depth; i > 0; --i) signs.push_back(words_.bit(i * stride_ - 1));
  const Expr sign = m_.let("signs", cat(signs), "Of all operands.");
  for (int plane = 0; plane < g_.beat_planes; ++plane)
    planes.push_back(m_.let(fmt::format("plane_{}", plane),
                            asked_.slice(plane * depth, depth) ^ sign,
                            plane == 0 ? "Inverted where the operand is negative." : ""));
  if (!recoded_) {
    asked_ = m_.let("asked", cat({planes.rbegin(), planes.rend()}));
    return;
  }
  const DigitLines lines = radix4_digits(planes);
  one_ = m_.let("one", cat(lines[0]), "Operands that are taken once, digit after digit.");
  two_ = m_.let("two", cat(lines[1]), "Those that are taken twice.");
  not_three_ = m_.let("not_three", cat(lines[2]), "All but those that are taken three times.");
}

/// What is picked of several words, made unsigned. The last word is kept inverted and its
/// line is low when it is read: what that takes, an OR and an AND with what is picked of the
/// others, is a library's smallest gate of three inputs.
Expr StreamColumn::picked(const std::string& name, const Expr& others, const Expr& last,
                          const Expr& line) {
  const int bits = last.width().value();
  const Expr word = m_.let("picked_" + name, ~((last | repeat(bits, line)) & ~others));
  return folded_ ? word
                 : m_.let("node_" + name, cat({!word.bit(bits - 1), word.slice(0, bits - 1)}));
}

/// The node that `table` is asked for in `plane`, made unsigned; 0 likewise for code 0. The node of
/// all operands is the last.
Expr StreamColumn::node(int plane, int table) {
  int at = table * stride_;
  const auto word = [&](int code) {
    at += g_.node_bits(code);
    return extended(words_.slice(at - g_.node_bits(code), g_.node_bits(code)), word_);
  };
  const auto line = [&](int code) {
    return hot_.bit((plane * tables_ + table) * table_nodes_ + code - 1);
  };
  Expr others = word(1) & repeat(word_, line(1));
  for (int code = 2; code < table_nodes_; ++code)
    others = others | (word(code) & repeat(word_, line(code)));
  return picked(fmt::format("{}_{}", plane, table), others, word(table_nodes_), line(table_nodes_));
}

Expr StreamColumn::nodes_of(int plane) {
  std::vector<Expr> terms, none;
  for (int t = 0; t < tables_; ++t) terms.push_back(node(plane, t));
  return adder_tree(m_, fmt::format("sum_{}", plane), terms, none);
}

/// Sum of the operands that the bits of a plane ask for.
Expr StreamColumn::operands_of(int plane) {
  const int depth = g_.engine.depth();
  std::vector<Expr> terms, none;
  for (int i = 0; i < depth; ++i) {
    const Expr asked = asked_.bit(plane * depth + i);
    const Expr operand = words_.slice(i * stride_, word_);
    terms.push_back(m_.let(fmt::format("product_{}_{}", plane, i),
                           folded_
                               ? operand & repeat(word_, asked)
                               : cat({!(operand.bit(word_ - 1) && asked),
                                      operand.slice(0, word_ - 1) & repeat(word_ - 1, asked)})));
  }
  return adder_tree(m_, fmt::format("sum_{}", plane), terms, none);
}

/// `operand` or `twice` it, or 0, as the lines `at` say.
Expr StreamColumn::once_or_twice(const Expr& operand, const Expr& twice, int at) {
  const int bits = g_.design.digit_product_bits();
  return (extended(operand, bits) & repeat(bits, one_.bit(at))) |
         (twice & repeat(bits, two_.bit(at)));
}

/// Sum of the operands times Booth's digits. Negating is inverting and adding 1, a carry of the
/// tree, which has an adder less than carries: the first operand's is a term of the highest digit,
/// and enters with the digits above otherwise.
Expr StreamColumn::booth_products_of(int digit) {
  const int depth = g_.engine.depth(), bits = g_.design.digit_product_bits();
  std::vector<Expr> terms, carries;
  for (int i = 0; i < depth; ++i) {
    const int at = digit * depth + i;
    const Expr operand = words_.slice(i * word_, word_), negative = negative_.bit(at);
    const Expr size = once_or_twice(operand, cat({operand, hdl::zeros(1)}), at);
    terms.push_back(m_.let(fmt::format("product_{}_{}", digit, i),
                           size ^ cat({!negative, repeat(bits - 1, negative)})));
    if (i > 0) carries.push_back(negative);
  }
  if (digit + 1 == planes_) terms.push_back(negative_.bit(digit * depth));
  return adder_tree(m_, fmt::format("sum_{}", digit), terms, carries);
}

/// Sum of the operands times digits from 0 to 3; three times an operand stands above it.
Expr StreamColumn::radix4_products_of(int digit) {
  const int depth = g_.engine.depth(), bits = g_.design.digit_product_bits();
  std::vector<Expr> terms, none;
  for (int i = 0; i < depth; ++i) {
    const int at = digit * depth + i;
    const Expr operand = words_.slice(i * stride_, word_);
    const Expr twice = cat({extended(operand, bits - 1), hdl::zeros(1)});
    const Expr others = once_or_twice(operand, twice, at);
    terms.push_back(picked(fmt::format("{}_{}", digit, i), others,
                           words_.slice(i * stride_ + word_, bits), not_three_.bit(at)));
  }
  return adder_tree(m_, fmt::format("sum_{}", digit), terms, none);
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
Expr StreamColumn::groups_of(int plane) {
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
  return adder_tree(m_, fmt::format("sum_{}", plane), groups, none);
}

Expr StreamColumn::sum_of(int plane) {
  if (split_) return nodes_of(plane);
  if (recoded_) return booth_ ? booth_products_of(plane) : radix4_products_of(plane);
  return grouped_ ? groups_of(plane) : operands_of(plane);
}

/// `value`, behind a register if the trees have one.
Expr StreamColumn::later(const std::string& name, const Expr& value) {
  if (g_.design.tree_stages == 0) return value;
  const Expr value_q = m_.logic(name, value.width());
  m_.always_ff(clk_, [&](Block& b) { b.assign(value_q, value); });
  return value_q;
}

/// The plane's sum, as late as the trees' registers make it; what counts negatively is inverted.
Expr StreamColumn::staged(const Expr& sum, int plane) {
  const Expr staged = later(fmt::format("sum_{}_q", plane), sum);
  if (!split_ || plane + 1 < planes_) return staged;
  return m_.let("signed_sum", staged ^ repeat(sum.width(), first_),
                "The first plane of a row counts negatively.");
}

/// What stands below the planes above `plane`: nothing, or the carry that found no adder there.
Expr StreamColumn::below(int plane) {
  if (!booth_) return hdl::zeros(step_);
  const Expr carry = negative_.bit(plane * g_.engine.depth());
  return cat({hdl::zeros(1), later(fmt::format("carry_{}_q", plane), carry)});
}

/// The planes added in their places.
Expr StreamColumn::all_planes(const std::vector<Expr>& planes) {
  const long long depth = split_ ? tables_ : g_.engine.depth();
  const long long largest =
      recoded_ ? depth << g_.design.digit_product_bits() : depth * ((1LL << word_) - 1);
  long long most = split_ ? (1LL << planes.back().width().value()) - 1 : largest;
  Expr sum = planes.back();
  for (int plane = planes_ - 2; plane >= 0; --plane) {
    const Expr& next = planes[static_cast<std::size_t>(plane)];
    most = (most << step_) + largest;
    const int width = bits_for(most);
    sum = m_.let(fmt::format("{}_from_{}", recoded_ ? "digits" : "planes", plane),
                 zext(cat({sum, below(plane)}), width) + zext(next, width));
  }
  return sum;
}

/// The sum of the row's earlier beats in its place: after the last turn of the trees above the
/// planes of all of them, otherwise a plane higher.
Expr StreamColumn::so_far(const Expr& sum) {
  const int bits = g_.derived.partial_bits;
  const auto shifted = [&](int by, const Expr& when) {
    return cat({sum.slice(0, bits - by) & repeat(bits - by, when), hdl::zeros(by)});
  };
  if (turns_ == 1) return shifted(planes_, !first_);
  if (!g_.opens()) return shifted(1, !first_);
  const int by = (planes_ - 1) * turns_ + 1;
  return shifted(by, opens_ && !first_) | shifted(1, !opens_);
}

/// What a row's first beat is added to. Every table's node is offset by 2^(word - 1); with this,
/// what is left of the offsets of all beats and planes is the same after the last turn of any beat:
/// minus the offset of every table once.
Expr StreamColumn::start() {
  const int bits = g_.derived.partial_bits;
  if (!split_)
    return planes_ == 1 ? start_
                        : cat({start_.slice(0, bits - planes_ + 1), hdl::zeros(planes_ - 1)});
  const std::int64_t offset = folded_ ? 0 : static_cast<std::int64_t>(tables_) << (word_ - 1);
  const int top = (planes_ - 1) * turns_;
  std::int64_t lower = 0;
  for (int place = 0; place < top; place += turns_) lower += offset << place;
  const std::int64_t ones = (std::int64_t{1} << (word_ + design::ceil_log2(tables_))) - 1;
  const std::int64_t left = turns_ == 1 ? offset : (offset + lower + (offset << top)) / 2;
  return lit((-left - lower - ((ones - offset) << top)) & ((std::int64_t{1} << bits) - 1), bits);
}

/// What the beat adds to what is there of its row. Sums are exact modulo 2^bits: what is cut off,
/// as of planes that fill up a beat, means nothing.
void StreamColumn::add_up(const Expr& sum) {
  const int bits = g_.derived.partial_bits, excess = sum.width().value() - bits;
  const Expr sum_q = m_.logic("sum_q", sum_bits_);
  m_.assign(m_.output("sum_o", sum_bits_, "Sum of the row."), sum_q);
  const Expr fitted = excess > 0 ? trunc(sum, sum_bits_) : zext(sum, sum_bits_);
  if (excess > 0) m_.unused(sum.slice(bits, excess), "unused_sum");
  if (dot_) return m_.always_ff(clk_, [&](Block& b) { b.assign(sum_q, fitted); });
  const Expr earlier = m_.let("so_far", so_far(sum_q), "The row's sum so far, in its place.");
  if (!split_ && planes_ > 1)
    m_.unused(start_.slice(bits - planes_ + 1, planes_ - 1), "unused_start");
  m_.always_ff(clk_, [&](Block& b) {
    b.when(valid_, [&](Block& t) {
      t.assign(sum_q, (earlier | (start() & repeat(bits, first_))) + fitted);
    });
  });
}

}  // namespace

Module stream_column(const Geometry& g) {
  return StreamColumn(g).build();
}

}  // namespace hasse::units
