// SPDX-License-Identifier: Apache-2.0
// A library whose energies are round numbers, and netlists of it.
#pragma once

#include <nlohmann/json.hpp>

#include "synth/activity/netlist.hpp"
#include "synth/liberty/library.hpp"

namespace hasse::synth::testing {

/// 2 V; capacitances in fF, so energies in fJ; leakage in nW. INV: 3 for a rise, 1 for a fall of Y.
/// NAND: 4 and 2 by A, 8 and 4 by B. DFF with clear and complement: 5 and 3 for Q; 1 and 1 for a
/// change of CK. All inputs are 10 fF.
inline const Library& power_library() {
  static const Library library = Library::parse(R"lib(library (round) {
  time_unit : "1ns"; capacitive_load_unit (1, ff); leakage_power_unit : "1nW";
  nom_voltage : 2.0; nom_temperature : 50;
  cell (INV) { area : 1; cell_leakage_power : 7;
    pin (A) { direction : input; capacitance : 10; }
    pin (Y) { direction : output; function : "!A";
      internal_power () { related_pin : "A"; rise_power (scalar) { values ("3"); }
        fall_power (scalar) { values ("1"); } } } }
  cell (NAND) { area : 2; leakage_power () { value : 2; when : "A"; }
    leakage_power () { value : 4; when : "!A"; }
    pin (A) { direction : input; capacitance : 10; } pin (B) { direction : input; capacitance : 10; }
    pin (Y) { direction : output; function : "!(A B)";
      internal_power () {
  related_pin:
    "A";
    rise_power(scalar) {
      values("4");
    }
    fall_power(scalar) {
      values("2");
    } }
      internal_power () {
  related_pin:
    "B";
    rise_power(scalar) {
      values("8");
    }
    fall_power(scalar) {
      values("4");
    } }
}
}
cell(DFF) {
area:
  9;
  ff(IQ, IQN) {
  next_state:
    "D";
  clocked_on:
    "CK";
  clear:
    "!R";
  }
  pin(D) {
  direction:
    input;
  capacitance:
    10;
  }
  pin(R) {
  direction:
    input;
  capacitance:
    10;
  }
  pin(CK) {
  direction:
    input;
  clock:
    true;
  capacitance:
    10;
    internal_power() {
      rise_power(scalar) {
        values("1");
      }
      fall_power(scalar) {
        values("1");
      }
    }
  }
  pin(Q) {
  direction:
    output;
  function:
    "IQ";
    internal_power() {
    related_pin:
      "CK";
      rise_power(scalar) {
        values("5");
      }
      fall_power(scalar) {
        values("3");
      }
    }
  }
  pin(QN) {
  direction:
    output;
  function:
    "IQN";
  }
}
})lib",
                                                "round.lib");
  return library;
}

/// A register that turns over in every cycle in which `en_i` is set: its next value, `y`, is
/// NAND(NAND(q, !en), NAND(!q, en)) of an inverter and three gates.
inline nlohmann::json toggle_netlist() {
  const auto cell = [](const char* type, nlohmann::json pins) {
    return nlohmann::json{{"type", type}, {"connections", std::move(pins)}};
  };
  const auto bit = [](int net) { return nlohmann::json::array({net}); };
  const nlohmann::json ports = {{"clk_i", {{"direction", "input"}, {"bits", bit(2)}}},
                                {"rst_ni", {{"direction", "input"}, {"bits", bit(3)}}},
                                {"en_i", {{"direction", "input"}, {"bits", bit(4)}}},
                                {"q_o", {{"direction", "output"}, {"bits", bit(5)}}}};
  const nlohmann::json cells = {
      {"u_q",
       cell("DFF", {{"D", bit(10)}, {"R", bit(3)}, {"CK", bit(2)}, {"Q", bit(5)}, {"QN", bit(6)}})},
      {"u_not", cell("INV", {{"A", bit(4)}, {"Y", bit(7)}})},
      {"u_keep", cell("NAND", {{"A", bit(5)}, {"B", bit(7)}, {"Y", bit(8)}})},
      {"u_turn", cell("NAND", {{"A", bit(6)}, {"B", bit(4)}, {"Y", bit(9)}})},
      {"u_next", cell("NAND", {{"A", bit(8)}, {"B", bit(9)}, {"Y", bit(10)}})}};
  const nlohmann::json names = {{"keep", {{"bits", bit(8)}}},  {"turn", {{"bits", bit(9)}}},
                                {"next", {{"bits", bit(10)}}}, {"q", {{"bits", bit(5)}}},
                                {"qn", {{"bits", bit(6)}}},    {"not_en", {{"bits", bit(7)}}}};
  return {{"modules", {{"top", {{"ports", ports}, {"cells", cells}, {"netnames", names}}}}}};
}

}  // namespace hasse::synth::testing
