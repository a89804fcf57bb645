// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "generator/units/dynamic.hpp"
#include "generator/units/transrow.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::Module;
using hdl::Scope;
using hdl::Width;

/// Builds the module, a section of it per function.
class ReadScheduler {
 public:
  ReadScheduler(const Geometry& g, const Module& window) : g_(g), window_(window) {}

  Module build() {
    m_.set_unit("look_ahead");
    const Claims claims = claims_chain();
    const Picks picks = windows(claims);
    leaving_slot(claims);
    deliver(align(picks));
    return m_;
  }

 private:
  /// What the lanes read: whether, and {tag, half, bank}; lane 0 lowest.
  struct Picks {
    Expr valid, pick;
  };

  /// The claims that each lane passes on and that it sees, lane 0 lowest.
  struct Claims {
    Expr out, in;
  };

  Claims claims_chain();
  Picks windows(const Claims& claims);
  void leaving_slot(const Claims& claims);
  Picks align(const Picks& picks);
  Expr delay(const std::string& name, const Expr& value, int lane, bool has_reset);
  void deliver(const Picks& due);

  const Geometry& g_;
  const Module& window_;
  Module m_{"read_scheduler",
            "All lanes' windows and the chain of claims through them.\n"
            "Read slots enter at lane 0 and leave after the last lane with at most one address per "
            "bank.\n"
            "A lane's pick waits for its slot to leave, so that all reads of a slot meet the banks "
            "in the\n"
            "same cycle."};
  Width lanes_ = m_.localparam("Lanes", g_.design.lanes, "Accumulate lanes.");
  Width banks_ = m_.localparam("Banks", g_.derived.banks, "Prefix banks.");
  Width claim_bits_ =
      m_.localparam("ClaimBits", g_.claim_bits, "{address, half, taken} of one bank.");
  Width claims_bits_ = banks_ * claim_bits_;
  Width tile_bits_ = m_.localparam("TileBits", g_.design.tile_bits, "Bits of a code.");
  Width tag_bits_ = m_.localparam("TagBits", g_.tag_bits, "Entry of a reorder buffer.");
  Width bank_bits_ = m_.localparam("BankBits", g_.bank_bits, "Number of a bank.");
  Width pick_bits_ =
      m_.localparam("PickBits", tag_bits_ + 1 + bank_bits_, "{tag, half, bank} of a read.");
  Width flag_bits_ = m_.localparam("FlagBits", kFlagBits, "What accompanies a TransRow.");
  Width address_bits_ =
      m_.localparam("AddressBits", g_.bank_address_bits, "Bits of an address in a bank.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr code_valid_ = m_.input("code_valid_i", lanes_, "A TransRow arrives at the lane.");
  Expr code_ = m_.input("code_i", lanes_* tile_bits_, "Its code.");
  Expr code_tag_ = m_.input("tag_i", code_tag_bits(g_), code_tag_doc(g_));
  Expr built_ = m_.input("built_i", 1 << g_.number_bits(),
                         g_.plans_ahead() ? "Sub-tiles whose nodes can be read."
                                          : "Halves of the banks whose nodes can be read.");
  std::optional<Expr> node_lanes_ = node_lanes_input(g_, m_);
  Expr credit_ = m_.input("credit_i", lanes_, "The lane's reorder buffer has freed an entry.");
  Expr alloc_ = m_.output("alloc_o", lanes_, "The lane's reorder buffer gets a new entry.");
  Expr alloc_tag_ = m_.output("alloc_tag_o", lanes_* tag_bits_, "Which one.");
  Expr alloc_flags_ = m_.output("alloc_flags_o", lanes_* flag_bits_, "What accompanies it.");
  Expr read_ = m_.output("read_o", banks_, "Read this bank.");
  Expr read_half_ = m_.output("read_half_o", banks_, "Half of the bank.");
  Expr read_address_ = m_.output("read_address_o", banks_* address_bits_, "Address in the bank.");
  Expr lane_read_ = m_.output("lane_read_o", lanes_, "Lane reads a node.");
  Expr lane_half_ = m_.output("lane_half_o", lanes_, "Half of the banks it reads from.");
  Expr valid_ = m_.output("data_valid_o", lanes_, "Lane receives a node.");
  Expr tag_ = m_.output("data_tag_o", lanes_* tag_bits_, "Its entry in the reorder buffer.");
  Expr bank_ = m_.output("data_bank_o", lanes_* bank_bits_, "Bank it comes from.");
  Expr half_ = m_.output("data_half_o", lanes_, "Half of the bank.");
};

ReadScheduler::Claims ReadScheduler::claims_chain() {
  m_.section("Claims from lane to lane");
  const Claims claims{m_.logic("claims_out", lanes_ * claims_bits_, "Lane 0 lowest."),
                      m_.logic("claims_in", lanes_ * claims_bits_, "Lane 0 sees none.")};
  const Expr none = hdl::zeros(claims_bits_);
  m_.assign(claims.in, g_.design.lanes == 1
                           ? none
                           : cat({claims.out.slice(0, (lanes_ - 1) * claims_bits_), none}));
  return claims;
}

ReadScheduler::Picks ReadScheduler::windows(const Claims& claims) {
  const Picks picks{m_.logic("pick_valid", lanes_), m_.logic("pick", lanes_ * pick_bits_)};
  m_.generate_for("lane", lanes_, "gen_lane", [&](Scope& s, const Expr& lane) {
    hdl::PortMap ports = {{"clk_i", clk_},
                          {"rst_ni", rst_n_},
                          {"code_valid_i", code_valid_.bit(lane)},
                          {"code_i", code_.lane(lane, tile_bits_)},
                          {"tag_i", code_tag_},
                          {"built_i", built_},
                          {"credit_i", credit_.bit(lane)},
                          {"claims_i", claims.in.lane(lane, claims_bits_)},
                          {"claims_o", claims.out.lane(lane, claims_bits_)},
                          {"alloc_o", alloc_.bit(lane)},
                          {"alloc_tag_o", alloc_tag_.lane(lane, tag_bits_)},
                          {"alloc_flags_o", alloc_flags_.lane(lane, flag_bits_)},
                          {"pick_valid_o", picks.valid.bit(lane)},
                          {"pick_o", picks.pick.lane(lane, pick_bits_)}};
    if (node_lanes_) ports.emplace_back("lane_i", *node_lanes_);
    s.instance("u_look_ahead", window_, ports);
  });
  return picks;
}

void ReadScheduler::leaving_slot(const Claims& claims) {
  m_.section("The slot that leaves: one read per bank");
  const Expr leaving = m_.let("leaving", claims.out.lane(g_.design.lanes - 1, claims_bits_));
  m_.generate_for("bank", banks_, "gen_bank", [&](Scope& s, const Expr& bank) {
    const Expr claim = s.let("claim", leaving.lane(bank, claim_bits_));
    s.assign(read_.bit(bank), claim.bit(0));
    s.assign(read_half_.bit(bank), claim.bit(1));
    s.assign(read_address_.lane(bank, address_bits_), claim.slice(2, address_bits_));
  });
}

ReadScheduler::Picks ReadScheduler::align(const Picks& picks) {
  m_.section("Picks wait for their slot: lane l for Lanes-1-l cycles");
  std::vector<Expr> valid, pick;
  for (int lane = g_.design.lanes - 1; lane >= 0; --lane) {
    valid.push_back(delay("valid", picks.valid.bit(lane), lane, true));
    pick.push_back(delay("pick", picks.pick.lane(lane, pick_bits_), lane, false));
  }
  const bool one_lane = g_.design.lanes == 1;
  const Picks due{
      m_.let("due_valid", one_lane ? valid[0] : cat(valid), "Lane reads in this cycle."),
      m_.let("due", one_lane ? pick[0] : cat(pick))};
  m_.assign(lane_read_, due.valid);
  return due;
}

/// Delays what comes from `lane` until the lanes after it have been passed.
Expr ReadScheduler::delay(const std::string& name, const Expr& value, int lane, bool has_reset) {
  const int cycles = g_.design.lanes - 1 - lane;
  if (cycles == 0) return value;
  const Width bits = value.width();
  const Expr shift_q = m_.logic(fmt::format("{}_{}_q", name, lane), Width(cycles) * bits);
  const Expr next = cycles == 1 ? value : cat({shift_q.slice(0, Width(cycles - 1) * bits), value});
  const auto shift = [&](Block& b) { b.assign(shift_q, next); };
  if (has_reset)
    m_.always_ff(
        clk_, rst_n_, [&](Block& b) { b.assign(shift_q, 0); }, shift);
  else
    m_.always_ff(clk_, shift);
  return shift_q.lane(cycles - 1, bits);
}

void ReadScheduler::deliver(const Picks& due) {
  m_.section("A cycle later, with the data");
  const Expr valid_q = m_.logic("valid_q", lanes_);
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(valid_q, 0); },
      [&](Block& b) { b.assign(valid_q, due.valid); });
  m_.assign(valid_, valid_q);
  m_.generate_for("lane", lanes_, "gen_due", [&](Scope& s, const Expr& lane) {
    const Expr now = s.let("now", due.pick.lane(lane, pick_bits_));
    s.assign(lane_half_.bit(lane), now.bit(g_.bank_bits));
    const Expr tag_q = s.logic("tag_q", tag_bits_);
    const Expr bank_q = s.logic("bank_q", bank_bits_);
    const Expr half_q = s.logic("half_q", 1);
    s.always_ff(clk_, [&](Block& b) {
      b.assign(tag_q, now.slice(bank_bits_ + 1, tag_bits_));
      b.assign(bank_q, now.slice(0, bank_bits_));
      b.assign(half_q, now.bit(g_.bank_bits));
    });
    s.assign(tag_.lane(lane, tag_bits_), tag_q);
    s.assign(bank_.lane(lane, bank_bits_), bank_q);
    s.assign(half_.bit(lane), half_q);
  });
}

}  // namespace

Module read_scheduler(const Geometry& g, const Module& look_ahead) {
  return ReadScheduler(g, look_ahead).build();
}

}  // namespace hasse::units
