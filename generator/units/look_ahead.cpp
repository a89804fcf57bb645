// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <optional>

#include "generator/hdl/primitives.hpp"
#include "generator/units/dynamic.hpp"
#include "generator/units/transrow.hpp"
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

/// The fields of one candidate in the window, packed {tag, half, address, bank}.
struct Candidate {
  Expr bank, address, half, tag;
};

Candidate unpack(const Geometry& g, const Expr& packed) {
  const int address = g.bank_bits, half = address + g.bank_address_bits, tag = half + 1;
  return {packed.slice(0, g.bank_bits), packed.slice(address, g.bank_address_bits),
          packed.bit(half), packed.slice(tag, g.tag_bits)};
}

int candidate_bits(const Geometry& g) {
  return g.bank_bits + g.bank_address_bits + 1 + g.tag_bits;
}

/// The claim a candidate makes: {address, half, taken}.
Expr claim_of(const Candidate& c) {
  return cat({c.address, c.half, lit(1, 1)});
}

/// Builds the module, a section of it per function.
class LookAhead {
 public:
  LookAhead(const Geometry& g, const Module& lookup) : g_(g), lookup_(lookup) {}

  Module build();

 private:
  struct Queue;
  struct Head;
  struct Entries;
  struct Window;

  void fetch(const Queue& queue);
  void look_up(const Head& head);
  void count(const Entries& entries, const Expr& accept);
  void check_claims(Window& w);
  Expr choose(const Window& w);
  void move_up(const Window& w);
  void allocate(const Queue& queue, const Head& head, const Entries& entries, const Window& w);
  bool claims_outlive_reset() const;
  void claim(const Window& w, const Candidate& pick);
  void report(const Window& w, const Candidate& pick);

  const Geometry& g_;
  const Module& lookup_;
  int tile_bits_ = g_.design.tile_bits;
  int slots_ = g_.design.look_ahead;
  int tag_bits_ = code_tag_bits(g_);
  int count_bits_ = bits_for(slots_);
  int used_bits_ = bits_for(g_.reorder_depth);
  Module m_{
      "look_ahead",
      "One lane's window of TransRows: claims a bank for one of them every cycle.\n"
      "A read slot passes the lanes one after the other and collects their claims, so a lane only\n"
      "compares its candidates with the claims of the lanes before it. The oldest candidate whose\n"
      "bank is free, or is being read at the very same node, goes. Node values come back out of\n"
      "order; each TransRow has a tag under which the reorder buffer puts it back."};
  Width claims_bits_ =
      m_.localparam("ClaimBits", g_.claim_bits, "{address, half, taken} of one bank.") *
      m_.localparam("Banks", g_.derived.banks, "Prefix banks.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr code_valid_ = m_.input("code_valid_i", 1, "A TransRow arrives.");
  Expr code_ = m_.input("code_i", tile_bits_, "Its code.");
  Expr code_tag_ = m_.input("tag_i", tag_bits_, code_tag_doc(g_));
  Expr built_ = m_.input("built_i", 1 << g_.number_bits(),
                         g_.plans_ahead() ? "Sub-tiles whose nodes can be read."
                                          : "Halves of the banks whose nodes can be read.");
  std::optional<Expr> node_lanes_ = node_lanes_input(g_, m_);
  Expr credit_ = m_.input("credit_i", 1, "The reorder buffer has freed an entry.");
  Expr claims_ = m_.input("claims_i", claims_bits_, "Claims of the lanes before.");
  Expr claims_out_ =
      m_.output("claims_o", claims_bits_, "Claims including this lane's, a cycle later.");
};

/// The queue's output.
struct LookAhead::Queue {
  const LookAhead& in;
  Module m = in.m_;
  Expr valid = m.logic("head_valid", 1);
  Expr head = m.logic("head", in.tile_bits_ + in.tag_bits_, "{tag, code} of the next TransRow.");
  Expr accept = m.logic("accept", 1, "It enters the window.");
};

/// The next TransRow and where its node is.
struct LookAhead::Head {
  const LookAhead& in;
  const Queue& queue;
  Module m = in.m_;
  int bits = in.tile_bits_;
  Expr code = m.let("head_code", queue.head.slice(0, bits));
  Expr tag = m.let("head_tag", queue.head.slice(bits, in.tag_bits_));
  Expr sign = m.let("sign", code.bit(bits - 1), "Complements share a node.");
  Expr node = m.let("node", code.slice(0, bits - 1) ^ repeat(bits - 1, sign));
  Expr bank = m.logic("bank", in.g_.bank_bits);
  Expr address = m.logic("address", in.g_.bank_address_bits);
};

/// Entries of the reorder buffer.
struct LookAhead::Entries {
  const LookAhead& in;
  Module m = in.m_;
  Expr used_q = m.logic("used_q", in.used_bits_, "Entries in use.");
  Expr tag_q = m.logic("tag_q", in.g_.tag_bits, "Entry of the next TransRow.");
};

/// The candidates.
struct LookAhead::Window {
  const LookAhead& in;
  const Expr& accept;  ///< A candidate enters.
  Expr candidate;      ///< What it holds.
  Module m = in.m_;
  Expr entry = m.let("entry", candidate);
  Expr count = m.logic("count_q", in.count_bits_, "Candidates in the window.");
  Expr grant = m.logic("grant", 1);  ///< One of them reads.
  std::vector<Expr> slot = {};       ///< Registers, oldest first.
  std::vector<Expr> free = {};       ///< Its bank is free, or already read at this very address.

  Expr holds(int candidates) const { return lit(candidates, in.count_bits_); }
};

Module LookAhead::build() {
  m_.set_unit("look_ahead");
  m_.section("Queue of TransRows");
  const Queue queue{*this};
  fetch(queue);
  const Head head{*this, queue};
  look_up(head);

  m_.section("Entries of the reorder buffer");
  const Entries entries{*this};
  count(entries, queue.accept);

  m_.section("Window of candidates, {tag, half, address, bank}, oldest first");
  Window window{*this, queue.accept,
                cat({entries.tag_q, head.tag.bit(kHalf), head.address, head.bank})};
  check_claims(window);
  const Expr chosen = choose(window);
  move_up(window);
  allocate(queue, head, entries, window);

  m_.section("The claim and the pick, registered");
  const Candidate pick = unpack(g_, chosen);
  claim(window, pick);
  report(window, pick);
  return m_;
}

void LookAhead::fetch(const Queue& queue) {
  const Expr unused_ready = m_.logic("unused_queue_ready", 1, "The dispatch never overfills it.");
  m_.instance("u_queue", hdl::stream_fifo(),
              {{"clk_i", clk_},
               {"rst_ni", rst_n_},
               {"valid_i", code_valid_},
               {"ready_o", unused_ready},
               {"data_i", m_.let("queued", cat({code_tag_, code_}))},
               {"valid_o", queue.valid},
               {"ready_i", queue.accept},
               {"data_o", queue.head}},
              {{"Width", tile_bits_ + tag_bits_}, {"Depth", g_.engine.code_queue_depth()}});
}

void LookAhead::look_up(const Head& head) {
  hdl::PortMap ports = {{"node_i", head.node}, {"bank_o", head.bank}, {"address_o", head.address}};
  if (node_lanes_)
    ports.insert(ports.end(), {{"half_i", head.tag.bit(kHalf)}, {"lane_i", *node_lanes_}});
  m_.instance("u_lookup", lookup_, ports);
}

void LookAhead::count(const Entries& entries, const Expr& accept) {
  const Expr used = entries.used_q, tag = entries.tag_q;
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(used, 0);
        b.assign(tag, 0);
      },
      [&](Block& b) {
        b.assign(used, used + zext(accept, used_bits_) - zext(credit_, used_bits_));
        b.when(accept, [&](Block& t) {
          t.assign(tag, mux(tag == lit(g_.reorder_depth - 1, g_.tag_bits), 0, tag + 1));
        });
      });
}

/// For every slot: may it read in this read slot?
void LookAhead::check_claims(Window& w) {
  for (int i = 0; i < slots_; ++i)
    w.slot.push_back(m_.logic(fmt::format("slot_{}_q", i), candidate_bits(g_)));
  std::vector<Expr> claims;
  for (int bank = 0; bank < g_.derived.banks; ++bank)
    claims.push_back(m_.let(fmt::format("claim_{}", bank), claims_.lane(bank, g_.claim_bits)));
  for (int i = 0; i < slots_; ++i) {
    const Candidate c = unpack(g_, w.slot[static_cast<std::size_t>(i)]);
    const Expr bank_of = m_.let(fmt::format("bank_{}", i), c.bank);
    const Expr taken =
        m_.logic(fmt::format("taken_{}", i), g_.claim_bits, "Claim on the candidate's bank.");
    const auto take = [&](int bank) {
      return [&, bank](Block& b) { b.assign(taken, claims[static_cast<std::size_t>(bank)]); };
    };
    m_.always_comb([&](Block& b) {
      std::vector<std::pair<hdl::CaseLabel, hdl::BlockBody>> cases;
      for (int bank = 1; bank < g_.derived.banks; ++bank) cases.emplace_back(bank, take(bank));
      b.select(bank_of, cases, take(0));
    });
    const Expr present = w.count > w.holds(i);
    w.free.push_back(
        m_.let(fmt::format("free_{}", i), present && (!taken.bit(0) || taken == claim_of(c))));
  }
}

/// The oldest candidate that may read.
Expr LookAhead::choose(const Window& w) {
  const Expr chosen = m_.logic("chosen", candidate_bits(g_), "Candidate that reads.");
  Expr any = w.free[0];
  for (std::size_t i = 1; i < w.free.size(); ++i) any = any || w.free[i];
  m_.assign(w.grant, any);
  m_.always_comb([&](Block& b) {
    b.assign(chosen, w.slot.back());
    for (std::size_t i = w.slot.size() - 1; i-- > 0;)
      b.when(w.free[i], [&](Block& t) { t.assign(chosen, w.slot[i]); });
  });
  return chosen;
}

/// The window without the candidate that reads, and with the one that enters.
void LookAhead::move_up(const Window& w) {
  const Expr after =
      m_.let("count_after", w.count - zext(w.grant, count_bits_), "Candidates that stay.");
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(w.count, 0); },
      [&](Block& b) { b.assign(w.count, after + zext(w.accept, count_bits_)); });
  m_.comment("Younger candidates move up into the gap; a new one goes behind the last that stays.");
  Expr gap = w.free[0];
  for (int i = 0; i < slots_; ++i) {
    const auto index = static_cast<std::size_t>(i);
    const Expr enters = m_.let(fmt::format("enters_{}", i), w.accept && after == w.holds(i));
    const bool youngest = i + 1 == slots_;
    if (i > 0 && !youngest) gap = m_.let(fmt::format("gap_{}", i), gap || w.free[index]);
    m_.always_ff(clk_, [&](Block& b) {
      hdl::When chain = b.when(enters, [&](Block& t) { t.assign(w.slot[index], w.entry); });
      if (!youngest)
        chain.else_when(gap, [&](Block& t) { t.assign(w.slot[index], w.slot[index + 1]); });
    });
  }
}

/// A TransRow enters once its nodes can be read and both window and reorder buffer have room.
void LookAhead::allocate(const Queue& queue, const Head& head, const Entries& entries,
                         const Window& w) {
  const Expr tile =
      g_.plans_ahead() ? head.tag.slice(kHalf, Geometry::kNumberBits) : head.tag.bit(kHalf);
  m_.assign(queue.accept, queue.valid && built_.bit(tile) &&
                              entries.used_q != lit(g_.reorder_depth, used_bits_) &&
                              (w.grant || w.count != w.holds(slots_)));
  m_.assign(m_.output("alloc_o", 1, "The reorder buffer gets a new entry."), queue.accept);
  m_.assign(m_.output("alloc_tag_o", g_.tag_bits, "Which one."), entries.tag_q);
  const Expr negate =
      m_.let("negate", head.sign ^ head.tag.bit(kFirst), "The top plane weighs negative.");
  m_.assign(m_.output("alloc_flags_o", kFlagBits, kFlagsDoc),
            cat({negate, head.tag.slice(0, kFlagBits - 1)}));
}

/// Whether claims made before a reset could meet TransRows that come after it. Without a reset of
/// their own they leave as their read slot passes the last lane, which is long before the first
/// nodes are built unless tiles are small and lanes many.
bool LookAhead::claims_outlive_reset() const {
  return g_.design.lanes > g_.design.tile_bits + static_cast<int>(g_.lattice.steps().size());
}

void LookAhead::claim(const Window& w, const Candidate& pick) {
  const Expr claims_q = m_.logic("claims_q", claims_bits_);
  m_.generate_for("index", g_.derived.banks, "gen_claim", [&](Scope& s, const Expr& index) {
    const Expr mine = s.let("mine", w.grant && pick.bank == as_bits(index, g_.bank_bits));
    const Expr claim = claims_q.lane(index, g_.claim_bits);
    const auto update = [&](Block& b) {
      b.assign(claim, mux(mine, claim_of(pick), claims_.lane(index, g_.claim_bits)));
    };
    if (claims_outlive_reset())
      s.always_ff(
          clk_, rst_n_, [&](Block& b) { b.assign(claim, 0); }, update);
    else
      s.always_ff(clk_, update);
  });
  m_.assign(claims_out_, claims_q);
}

void LookAhead::report(const Window& w, const Candidate& pick) {
  const Expr valid_q = m_.logic("pick_valid_q", 1);
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(valid_q, 0); },
      [&](Block& b) { b.assign(valid_q, w.grant); });
  const Expr pick_q = m_.logic("pick_q", g_.tag_bits + 1 + g_.bank_bits);
  m_.always_ff(clk_, [&](Block& b) { b.assign(pick_q, cat({pick.tag, pick.half, pick.bank})); });
  m_.assign(m_.output("pick_valid_o", 1, "A candidate reads."), valid_q);
  m_.assign(m_.output("pick_o", pick_q.width(), "{tag, half, bank} of the read."), pick_q);
}

}  // namespace

Module look_ahead(const Geometry& g, const Module& lookup) {
  return LookAhead(g, lookup).build();
}

}  // namespace hasse::units
