// SPDX-License-Identifier: Apache-2.0
// The top of the banked engine: how its units are wired.
#pragma once

#include <optional>
#include <string>

#include "generator/units/gemm_top.hpp"
#include "generator/units/transrow.hpp"

namespace hasse::units {

/// The finished units that the top instantiates.
struct BankedUnits {
  std::optional<hdl::Module> presence;  ///< Of a planner that looks at codes ahead.
  std::optional<hdl::Module> operands;  ///< Of one that chooses operands for every lane: a lane's
                                        ///< selector, or the network to all of them.
  std::optional<hdl::Module> table;     ///< Of one that is given nodes to build.
  /// What brings TransRows and their nodes to the lanes: codes that look for banks...
  struct Codes {
    hdl::Module dispatch, tracker, scheduler, reorder;
  };
  std::optional<Codes> codes;
  /// ... or a program that knows them.
  struct Program {
    hdl::Module checker, reader;
  };
  std::optional<Program> program;
  hdl::Module control, ring, planner, lane, banks, select, accumulate;
  ResultUnits results;
};

/// Builds the top level, a stretch of the data path per function.
class BankedTop : public GemmTop {
 public:
  BankedTop(const Geometry& g, const BankedUnits& units);

  hdl::Module build();

 private:
  void control();
  void lanes();
  void results();
  hdl::Expr column_sums();
  /// Ports of a unit that walks tiles.
  hdl::PortMap grouped(hdl::PortMap ports) const;

  // Codes look for banks: banked_codes.cpp.
  void weights();
  hdl::Expr codes_ahead();
  hdl::Expr table();
  void reads();
  hdl::PortMap ordered_lane(hdl::Scope& s, const hdl::Expr& lane);

  // A program knows them: banked_program.cpp.
  void program();
  void program_reads();
  hdl::PortMap program_lane(hdl::Scope& s, const hdl::Expr& lane);

  // Operands become nodes: banked_nodes.cpp.
  void operands();
  hdl::PortMap planner_ports() const;
  hdl::Expr lane_operands(const hdl::Width& row);
  hdl::Expr permuted_operands(const hdl::Width& row);
  void nodes();
  void banks(hdl::Scope& s, const hdl::Expr& lane, const hdl::Expr& node, const hdl::Expr& parent);

  /// A parameter that a design without codes has no use for.
  hdl::Width of_codes(const std::string& name, int value, const std::string& doc) {
    return g_.takes_programs() ? hdl::Width(value) : m_.localparam(name, value, doc);
  }

  const BankedUnits& parts_;
  hdl::Width lanes_ = m_.localparam("Lanes", g_.design.lanes, "Accumulate lanes.");
  hdl::Width prefix_ = m_.localparam("PrefixLanes", g_.derived.prefix_lanes, "Prefix lanes.");
  hdl::Width lane_banks_ =
      m_.localparam("LaneBanks", g_.design.banks_per_lane, "Prefix banks of a prefix lane.");
  hdl::Width tile_bits_ = of_codes("TileBits", g_.design.tile_bits, "Bits of a TransRow.");
  hdl::Width columns_ = m_.localparam("Columns", g_.design.columns, "Activation columns.");
  hdl::Width activation_bits_ =
      m_.localparam("ActivationBits", g_.design.activation_bits, "Bits of an activation.");
  hdl::Width operand_bits_ =
      g_.takes_unsigned() ? m_.localparam("OperandBits", g_.design.operand_bits(),
                                          "Bits of an operand: an activation of either sign.")
                          : activation_bits_;
  hdl::Width node_bits_ = m_.localparam("NodeBits", g_.derived.node_bits, "Bits of a node value.");
  hdl::Width word_ = m_.localparam("WordBits", columns_* node_bits_, "One node for all columns.");
  hdl::Width address_ =
      m_.localparam("AddressBits", g_.bank_address_bits, "Bits of an address in a bank.");
  hdl::Width bank_ = m_.localparam("BankBits", g_.bank_bits, "Number of a bank.");
  hdl::Width tag_ = of_codes("TagBits", g_.tag_bits, "Entry of a reorder buffer.");
  hdl::Width flags_ = m_.localparam("FlagBits", kFlagBits, "What accompanies a TransRow.");
  hdl::Width beat_ = m_.localparam("BeatBits", g_.beat_bits, "Results of one column group.");
  hdl::Width banks_ = prefix_ * lane_banks_;
};

}  // namespace hasse::units
