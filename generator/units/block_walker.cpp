// SPDX-License-Identifier: Apache-2.0
#include "generator/units/attention.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::Width;

/// Builds the module, a section of it per function.
class BlockWalker {
 public:
  BlockWalker(int max_pages, int page) : page_(page), page_bits_(bits_for(max_pages - 1)) {}

  Module build() {
    m_.set_unit("pages");
    walk();
    return m_;
  }

 private:
  void walk();
  void describe(const Expr& page, const Expr& half_end, const Expr& valid);
  /// Whether the query block sees key block `p`.
  Expr sees(const Expr& p) const {
    return local_ == 0 || p < sink_ ||
           zext(p, page_bits_ + 1) + zext(local_, page_bits_ + 1) > zext(block_, page_bits_ + 1);
  }

  int page_, page_bits_;
  int token_bits_ = bits_for(page_);
  Module m_{"block_walker",
            "One stream of descriptors for a memory of keys and values: a decode step over a list\n"
            "of pages, or a prompt's query block over the key blocks that it sees. Keys of all\n"
            "pages come first, then their values, so that probabilities are known by then."};
  Width bits_ = m_.localparam("PageBits", page_bits_, "Bits of a page's number.");
  Width count_bits_ = m_.localparam("TokenBits", token_bits_, "Bits of a number of tokens.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr begin_ = m_.input("begin_i", 1, "A walk begins; not while one goes on.");
  Expr prefill_ = m_.input("prefill_i", 1, "Over key blocks, not over a list; kept for the walk.");
  Expr block_ = m_.input("block_i", bits_, "The query block; its key block is causal.");
  Expr sink_ = m_.input("sink_i", bits_, "First key blocks that are seen.");
  Expr local_ = m_.input("local_i", bits_, "Last ones, the query's own included; 0: all.");
  Expr last_page_ = m_.input("last_page_i", bits_, "The page that may be partly filled.");
  Expr last_tokens_ = m_.input("last_tokens_i", count_bits_, "Tokens in it, 1 or more.");
  Expr list_ = m_.input("list_page_i", bits_, "A page of the list; the list comes twice.");
  Expr list_last_ = m_.input("list_last_i", 1, "The list's last page.");
  Expr list_valid_ = m_.input("list_valid_i", 1, "It is valid.");
  Expr ready_ = m_.input("ready_i", 1, "The descriptor is taken.");
  Expr active_q_ = m_.logic("active_q", 1, "A walk goes on.");
  Expr values_q_ = m_.logic("values_q", 1, "Its second half.");
  Expr block_q_ = m_.logic("block_q", bits_, "Key block that is next.");
};

void BlockWalker::walk() {
  m_.section("The page that is next");
  const Expr page = m_.let("page", mux(prefill_, block_q_, list_));
  const Expr half_end = m_.let("half_end", mux(prefill_, block_q_ == block_, list_last_));
  const Expr valid = m_.let("valid", active_q_ && (prefill_ || list_valid_));
  const Expr take = m_.let("take", valid && ready_);
  describe(page, half_end, valid);
  m_.section("The one after it");
  // Blocks between the first and the last that are seen are left out at once.
  const Expr nearest = m_.let("nearest", block_ - local_ + 1, "First of the last blocks.");
  const Expr from_start = m_.let("from_start", mux(sees(lit(0, bits_)), lit(0, bits_), nearest));
  const Expr further = m_.let("further", block_q_ + 1);
  const Expr next =
      m_.let("following", mux(half_end, from_start, mux(sees(further), further, nearest)));
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(active_q_, 0);
        b.assign(values_q_, 0);
      },
      [&](Block& b) {
        b.when(begin_, [&](Block& t) {
           t.assign(active_q_, 1);
           t.assign(values_q_, 0);
         }).else_when(take && half_end, [&](Block& t) {
          t.assign(active_q_, !values_q_);
          t.assign(values_q_, 1);
        });
      });
  m_.always_ff(clk_, [&](Block& b) {
    b.when(begin_, [&](Block& t) {
       t.assign(block_q_, from_start);
     }).else_when(take, [&](Block& t) { t.assign(block_q_, next); });
  });
  m_.assign(m_.output("list_ready_o", 1, "The list's page is taken."),
            active_q_ && !prefill_ && ready_);
}

void BlockWalker::describe(const Expr& page, const Expr& half_end, const Expr& valid) {
  m_.section("Descriptor");
  m_.assign(m_.output("valid_o", 1, "There is a descriptor."), valid);
  m_.assign(m_.output("values_o", 1, "It asks for values, not keys."), values_q_);
  m_.assign(m_.output("page_o", bits_, "Of this page."), page);
  m_.assign(m_.output("tokens_o", count_bits_, "So many tokens."),
            mux(page == last_page_, last_tokens_, lit(page_, token_bits_)));
  m_.assign(m_.output("causal_o", 1, "Scores are masked: the query block's own keys."),
            prefill_ && page == block_);
  m_.assign(m_.output("last_o", 1, "It ends the walk."), values_q_ && half_end);
}

}  // namespace

Module block_walker(int max_pages, int page) {
  return BlockWalker(max_pages, page).build();
}

}  // namespace hasse::units
