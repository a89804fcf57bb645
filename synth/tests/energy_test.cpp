// SPDX-License-Identifier: Apache-2.0
// Energy by hand, the fits of memories, scaling between nodes, and OpenSTA's account.
#include "synth/energy/energy.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "synth/energy/memory_macros.hpp"
#include "synth/energy/opensta_power.hpp"
#include "synth/energy/scaling.hpp"
#include "synth/error.hpp"
#include "synth/files.hpp"
#include "synth/manifest/manifest.hpp"
#include "synth/synth.hpp"
#include "synth/tests/fixture.hpp"
#include "synth/tests/power_library.hpp"

namespace hasse::synth {
namespace {

using ::testing::HasSubstr;
using testing::power_library;
using ::testing::ThrowsMessage;

constexpr double kFemto = 1e-15;

/// Ten cycles of 5 ns: the register turns over in each, its enable rises once.
Activity turning(const Netlist& netlist) {
  Activity activity{std::vector<double>(netlist.nets), 10, 5};
  const auto set = [&](const char* name, double toggles) {
    activity.toggles[netlist.top_nets.at(name).front()] = toggles;
  };
  set("q", 10);
  set("qn", 10);
  set("turn", 10);
  set("next", 10);
  set("not_en", 1);
  return activity;
}

TEST(Energy, IsWhatTheTablesSayOfEveryChange) {
  const Netlist netlist = flatten(testing::toggle_netlist(), "top", power_library(), "toggle.json");
  const NetlistEnergy energy = evaluate_energy(netlist, power_library(), turning(netlist));
  // Registers: ten changes of q at (5 + 3) / 2, twenty of the clock at 1; q loads one pin, qn one:
  // 0.5 * 10 fF * (2 V)^2 = 20 fJ a change.
  EXPECT_NEAR(energy.registers.internal / kFemto, 10 * 4 + 20 * 1, 1e-9);
  EXPECT_NEAR(energy.registers.switching / kFemto, 20 * 20, 1e-9);
  EXPECT_EQ(energy.registers.leakage, 0);
  // Gates: one change of the inverter at 2; u_turn changes ten times, A (qn) ten times at 3, B (en)
  // never; u_next ten times: A (keep) never, B (turn) at 6.
  EXPECT_NEAR(energy.combinational.internal / kFemto, 1 * 2 + 10 * 3 + 10 * 6, 1e-9);
  EXPECT_NEAR(energy.combinational.switching / kFemto, (1 + 10 + 10) * 20, 1e-9);
  // 7 nW of the inverter, 3 nW (the mean of both states) of each NAND, for 50 ns.
  EXPECT_NEAR(energy.combinational.leakage, (7 + 3 * 3) * 1e-9 * 50e-9, 1e-24);
  EXPECT_NEAR(energy.clock_pins / kFemto, 20 * 20, 1e-9);
  EXPECT_EQ(energy.by_module.size(), 1U);
  EXPECT_NEAR(energy.by_module.at("top").total(),
              energy.registers.total() + energy.combinational.total(), 1e-24);
  double cells = 0;
  for (const auto& [cell, parts] : energy.by_cell) cells += parts.total();
  EXPECT_GT(energy.by_cell.size(), 1U);
  EXPECT_NEAR(cells, energy.by_module.at("top").total(), 1e-24);
}

TEST(Energy, WiresAddToEveryPinTheyReach) {
  const Netlist netlist = flatten(testing::toggle_netlist(), "top", power_library(), "toggle.json");
  const NetlistEnergy without = evaluate_energy(netlist, power_library(), turning(netlist));
  const NetlistEnergy with = evaluate_energy(netlist, power_library(), turning(netlist), {0.01});
  EXPECT_NEAR(with.registers.switching, 2 * without.registers.switching, 1e-24);
  EXPECT_EQ(with.registers.internal, without.registers.internal);
}

TEST(Energy, NeedsAVoltage) {
  std::string text = power_library().text();
  text.replace(text.find("nom_voltage : 2.0;"), 18, "");
  const Library library = Library::parse(text, "no.lib");
  EXPECT_THAT([&] { power_units(library); },
              ThrowsMessage<InputError>(HasSubstr("no.lib: nom_voltage: missing")));
}

// The fits against the macros that they were made from.
TEST(MemoryEnergy, IsCloseToTheMacrosItWasFittedTo) {
  struct Macro {
    int depth, width;
    double area, read, write, leakage_nw;
  };
  constexpr Macro macros[] = {{1024, 64, 263946.1, 91.8272, 110.9189, 792.062},
                              {256, 64, 93180.5, 49.6340, 63.4365, 198.0155},
                              {4096, 16, 257608.5, 58.6440, 72.4898, 792.062},
                              {64, 64, 50489.1, 39.0507, 50.4983, 49.5039}};
  for (const Macro& macro : macros) {
    const MacroCost cost = macro_cost(macro.width, macro.depth, {130, 1.2});
    EXPECT_NEAR(cost.area_um2 / macro.area, 1, 0.07);
    EXPECT_NEAR(cost.read_joules * 1e12 / macro.read, 1, 0.11);
    EXPECT_NEAR(cost.write_joules * 1e12 / macro.write, 1, 0.06);
    EXPECT_NEAR(cost.leakage_w * 1e9 / macro.leakage_nw, 1, 0.001);
  }
}

/// A Liberty file of two macros.
std::string macro_file(const std::string& area = "area : 100;") {
  const auto macro = [](const char* name, int address, int word, const std::string& figures,
                        const char* energy) {
    return fmt::format(
        "cell({}) {{ {} cell_leakage_power : 7; memory() {{ type : ram; address_width : {};\n"
        " word_width : {}; }} pin(CK) {{ clock : true; direction : input;\n"
        "  internal_power() {{ when : \"ME\"; rise_power(scalar) {{ values(\"{}\"); }}\n"
        "   fall_power(scalar) {{ values(\"1\"); }} }}\n"
        "  internal_power() {{ when : \"!ME\"; rise_power(scalar) {{ values(\"0.5\"); }} }} }} "
        "}}\n",
        name, figures, address, word, energy);
  };
  return "library(sram) { nom_voltage : 1.2; leakage_power_unit : \"1nW\";\n"
         "capacitive_load_unit(1, pf);\n" +
         macro("small", 4, 8, area, "9") + macro("large", 6, 32, "area : 500;", "29") + "}";
}

TEST(MemoryMacros, AreCopiedForTheLeastArea) {
  const testing::TemporaryDirectory directory;
  const auto file = directory.path() / "sram.lib";
  write_file(file, macro_file());
  const MacroLibrary library = MacroLibrary::load({file});
  ASSERT_EQ(library.macros().size(), 2U);
  EXPECT_EQ(library.best(8, 17).name, "small") << "two of them, 200 um2";
  EXPECT_EQ(library.best(33, 64).name, "large") << "two of them; twenty of the small ones";
  const MacroCost cost = library.cost(17, 20);  // Three beside, two above each other; or one large.
  EXPECT_EQ(library.best(17, 20).name, "large");
  EXPECT_DOUBLE_EQ(cost.area_um2, 500);
  const MacroCost wide = library.cost(16, 32);
  EXPECT_DOUBLE_EQ(wide.area_um2, 400);
  EXPECT_NEAR(wide.read_joules, 2 * 10e-12, 1e-18) << "rise and fall, two beside each other";
  EXPECT_EQ(wide.write_joules, wide.read_joules);
  EXPECT_NEAR(wide.leakage_w, 4 * 7e-9, 1e-15);
}

TEST(MemoryMacros, AreRefusedByFieldWhenTheyLackOne) {
  const testing::TemporaryDirectory directory;
  const auto file = directory.path() / "sram.lib";
  const auto refusal = [&](const std::string& text) {
    write_file(file, text);
    return [&] { MacroLibrary::load({file}); };
  };
  EXPECT_THAT(
      refusal(macro_file("area : 0;")),
      ThrowsMessage<InputError>(HasSubstr("cell small: area: 0, expected a number above 0")));
  EXPECT_THAT(refusal("library(l) { nom_voltage : 1; cell(INV) { area : 1; } }"),
              ThrowsMessage<InputError>(HasSubstr("no cell has a memory group")));
  std::string silent = macro_file();
  silent.replace(silent.find("clock : true"), 12, "clock : false");
  EXPECT_THAT(refusal(silent),
              ThrowsMessage<InputError>(HasSubstr("cell small: no clock pin has internal_power")));
}

// The example of the paper's corrigendum: 1 pJ at 65 nm and 1.3 V is 0.1755 pJ at 32 nm and 0.9 V,
// from factors rounded to four digits.
TEST(Scaling, FollowsThePaper) {
  EXPECT_NEAR(energy_factor({65, 1.3}, {32, 0.9}), 0.1755, 1e-4);
  EXPECT_NEAR(area_factor(180, 45), 0.053, 1e-12);
  EXPECT_NEAR(area_factor(130, 130), 1, 1e-12);
  EXPECT_GT(area_factor(180, 28), 0.011);
  EXPECT_LT(area_factor(180, 28), 0.025);
  EXPECT_THAT([] { area_factor(180, 22); },
              ThrowsMessage<InputError>(HasSubstr("the node is 22 nm; expected one of 180, 130")));
}

// What OpenSTA 2.0.17 printed for a three-input NAND, an inverter and a flip-flop.
TEST(Energy, ReadsWhatOpenStaLooksUp) {
  std::istringstream log(
      "power: internal g0/Y (NAND3X1)\n"
      "power:  cap = 0.0000\n"
      "power:        when act/ns duty  energy    power\n"
      "power:  A -> Y       0.02 0.50  4.35e-14  8.80e-07 no pg_pin\n"
      "power:  B -> Y       0.02 0.50  3.63e-14  7.34e-07 no pg_pin\n"
      "power:  C -> Y A*B  0.02 0.25  1.32e-14  2.67e-07 no pg_pin\n"
      "power: leakage cell NAND3X1 5.609e-11\n"
      "power: internal g5/Y (INVX1)\n"
      "power:  A -> Y 1  0.02 1.00  3.30e-14  6.66e-07 VDD\n"
      "power: internal r/CLK (DFFPOSX1)\n"
      "power:  CLK -> CLK       0.20 1.00  1.11e-13  2.24e-05 no pg_pin\n"
      "power: internal r/D (DFFPOSX1)\n"
      "power:  D -> D       0.02 0.50  6.69e-14  1.35e-06 no pg_pin\n"
      "Group                    Internal    Switching      Leakage        Total\n"
      "Total                5.167482e-05 1.000000e-06 8.643161e-10 5.167568e-05 100.0%\n");
  const PowerReport report = read_power_log(log);
  EXPECT_DOUBLE_EQ(report.internal, 5.167482e-05);
  EXPECT_DOUBLE_EQ(report.switching, 1e-06);
  EXPECT_NEAR(report.internal_per_event,
              (8.80e-07 + 7.34e-07 + 2.67e-07) / 2.5 + 6.66e-07 / 2 + 2.24e-05 / 2 + 1.35e-06,
              1e-12);
  std::istringstream nothing("power: internal g0/Y (NAND3X1)\n");
  EXPECT_THROW(read_power_log(nothing), ToolError);
}

// Nets, loads, slews, tables and units are read as OpenSTA reads them.
TEST(Energy, AgreesWithOpenStaPerEvent) {
  const testing::TemporaryDirectory directory;
  testing::write_single_module(
      directory.path(), "mixer",
      "module mixer(input clk_i, input [15:0] a_i, input [15:0] b_i,\n"
      "             output reg [15:0] s_o);\n"
      "  reg [15:0] a, b;\n"
      "  always @(posedge clk_i) begin\n"
      "    a <= a_i; b <= b_i; s_o <= (a + b) ^ (a & ~b) ^ {b[0], a[15:1]};\n"
      "  end\nendmodule\n",
      {{"clk_i", 1}, {"a_i", 16}, {"b_i", 16}, {"s_o", 16}});
  Options options;
  options.dir = directory.path();
  const Result mapped = run(options);
  const Library library = Library::load(options.liberty);
  const Netlist netlist = read_netlist(mapped.netlist, "mixer", library, directory.path());
  for (const double activity : {0.1, 0.5}) {
    const NetlistEnergy ours = evaluate_energy(
        netlist, library, {std::vector<double>(netlist.nets, activity), 1, mapped.clock_ns});
    const PowerReport sta = opensta_power(mapped.netlist.parent_path(), "mixer", mapped.clock_ns,
                                          activity, directory.path());
    const double watts = 1 / (mapped.clock_ns * 1e-9);
    EnergyParts parts = ours.registers;
    parts += ours.combinational;
    EXPECT_NEAR(parts.internal * watts / sta.internal_per_event, 1, 0.1);
    EXPECT_NEAR(parts.total() * watts / sta.total_per_event(), 1, 0.1);
    EXPECT_NEAR(parts.switching * watts / sta.switching, 1, 0.1);
    EXPECT_NEAR(parts.leakage * watts / sta.leakage, 1, 0.01);
  }
}

}  // namespace
}  // namespace hasse::synth
