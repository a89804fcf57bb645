// SPDX-License-Identifier: Apache-2.0
// Mapped netlists: flattened, put in order, simulated, their toggles counted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "synth/activity/simulator.hpp"
#include "synth/error.hpp"
#include "synth/tests/power_library.hpp"

namespace hasse::synth {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using testing::power_library;
using ::testing::ThrowsMessage;
using testing::toggle_netlist;

Netlist toggle() {
  return flatten(toggle_netlist(), "top", power_library(), "toggle.json");
}

Net bit(const Netlist& netlist, const char* port) {
  return netlist.port(port)->bits.front();
}

class Toggle : public ::testing::Test {
 protected:
  void cycle(bool enable) {
    simulator_.set(bit(netlist_, "en_i"), enable);
    simulator_.settle();
    simulator_.edge();
  }
  void reset() {
    simulator_.set(bit(netlist_, "rst_ni"), false);
    cycle(false);
    simulator_.set(bit(netlist_, "rst_ni"), true);
    simulator_.settle();
    simulator_.restart();
  }
  std::uint32_t toggles(const char* name) const {
    return simulator_.toggles()[netlist_.top_nets.at(name).front()];
  }

  Netlist netlist_ = toggle();
  GateSimulator simulator_{netlist_, power_library(), 1};
};

TEST_F(Toggle, ResetsWhateverItBeganWith) {
  for (std::uint32_t seed = 1; seed < 9; ++seed) {
    GateSimulator simulator(netlist_, power_library(), seed);
    simulator.settle();
    EXPECT_FALSE(simulator.get(bit(netlist_, "q_o")));
  }
}

TEST_F(Toggle, CountsChangesBetweenSettledCycles) {
  reset();
  for (int i = 0; i < 10; ++i) cycle(true);
  for (int i = 0; i < 5; ++i) cycle(false);
  EXPECT_EQ(simulator_.cycles(), 15U);
  // en rises in the first cycle and falls in the eleventh.
  EXPECT_EQ(toggles("not_en"), 2U);
  EXPECT_EQ(toggles("q"), 10U);
  EXPECT_EQ(toggles("qn"), 10U);
  // NAND(!q, en) changes with q, and when en rises; it is 1 already when en falls.
  EXPECT_EQ(toggles("turn"), 10U);
  // q is 0 again after ten turns, so nothing keeps a 1.
  EXPECT_EQ(toggles("keep"), 0U);
  EXPECT_EQ(toggles("next"), 10U);
}

TEST(Flattening, JoinsNetsAcrossModules) {
  json document = toggle_netlist();
  json& modules = document["modules"];
  modules["inner"] = modules["top"];
  const auto bit = [](int net) { return json::array({net}); };
  modules["top"] = {
      {"ports",
       {{"clk_i", {{"direction", "input"}, {"bits", bit(2)}}},
        {"rst_ni", {{"direction", "input"}, {"bits", bit(3)}}},
        {"q_o", {{"direction", "output"}, {"bits", json::array({4, 5})}}}}},
      {"netnames", json::object()},
      {"cells",
       {{"u_a",
         {{"type", "inner"},
          {"connections",
           {{"clk_i", bit(2)},
            {"rst_ni", bit(3)},
            {"en_i", json::array({"1"})},
            {"q_o", bit(4)}}}}},
        {"u_b",
         {{"type", "inner"},
          {"connections",
           {{"clk_i", bit(2)}, {"rst_ni", bit(3)}, {"en_i", bit(4)}, {"q_o", bit(5)}}}}}}}};
  const Netlist netlist = flatten(document, "top", power_library(), "two.json");
  EXPECT_EQ(netlist.cells.size(), 10U);
  EXPECT_EQ(netlist.modules, (std::vector<std::string>{"top", "inner"}));
  GateSimulator simulator(netlist, power_library(), 1);
  simulator.settle();
  simulator.set(netlist.port("rst_ni")->bits.front(), true);
  const std::vector<Net>& count = netlist.port("q_o")->bits;
  for (unsigned cycle = 0; cycle < 16; ++cycle) {
    simulator.settle();
    EXPECT_EQ(simulator.get(count[0]), (cycle & 1) != 0);
    EXPECT_EQ(simulator.get(count[1]), (cycle & 2) != 0);
    simulator.edge();
  }
}

TEST(Flattening, RefusesWhatItDoesNotKnow) {
  json document = toggle_netlist();
  document["modules"]["top"]["cells"]["u_not"]["type"] = "NOT";
  EXPECT_THAT([&] { flatten(document, "top", power_library(), "n.json"); },
              ThrowsMessage<InputError>(HasSubstr("n.json: 'NOT' is neither a module")));
  EXPECT_THAT([&] { flatten(document, "bottom", power_library(), "n.json"); },
              ThrowsMessage<InputError>(HasSubstr("no module 'bottom'")));
  EXPECT_THAT([&] { flatten(json::object(), "top", power_library(), "n.json"); },
              ThrowsMessage<InputError>(HasSubstr("not a netlist of Yosys")));
}

TEST(Simulating, RefusesLoopsAndOtherClocks) {
  json looped = toggle_netlist();
  looped["modules"]["top"]["cells"]["u_turn"]["connections"]["A"] = json::array({10});
  const Netlist loop = flatten(looped, "top", power_library(), "loop.json");
  EXPECT_THAT([&] { GateSimulator(loop, power_library(), 1); },
              ThrowsMessage<InputError>(HasSubstr("2 gates of the netlist form loops")));
  json gated = toggle_netlist();
  gated["modules"]["top"]["cells"]["u_q"]["connections"]["CK"] = json::array({4});
  const Netlist clock = flatten(gated, "top", power_library(), "clock.json");
  EXPECT_THAT(
      [&] { GateSimulator(clock, power_library(), 1); },
      ThrowsMessage<InputError>(HasSubstr("the clock of a DFF of the netlist is not clk_i")));
}

/// A ram_1r1w of 2 x 4, its ports those of the module.
Netlist memory_netlist() {
  json ports, pins;
  const std::pair<const char*, std::vector<int>> inputs[] = {
      {"clk_i", {2}},           {"write_enable_i", {3}}, {"write_address_i", {4, 5}},
      {"write_data_i", {6, 7}}, {"read_enable_i", {8}},  {"read_address_i", {9, 10}}};
  for (const auto& [name, bits] : inputs) {
    ports[name] = {{"direction", "input"}, {"bits", bits}};
    pins[name] = bits;
  }
  ports["read_data_o"] = {{"direction", "output"}, {"bits", {11, 12}}};
  pins["read_data_o"] = {11, 12};
  const json cells = {{"u_ram", {{"type", "ram_1r1w_2x4"}, {"connections", pins}}}};
  return flatten(
      {{"modules", {{"top", {{"ports", ports}, {"cells", cells}, {"netnames", json::object()}}}}}},
      "top", power_library(), "memory.json");
}

TEST(Simulating, MemoriesReadWhatWasWrittenBefore) {
  const Netlist netlist = memory_netlist();
  GateSimulator simulator(netlist, power_library(), 1);
  const auto set = [&](const char* port, unsigned value) {
    const std::vector<Net>& bits = netlist.port(port)->bits;
    for (std::size_t i = 0; i < bits.size(); ++i) simulator.set(bits[i], (value >> i & 1) != 0);
  };
  const auto read = [&] {
    const std::vector<Net>& bits = netlist.port("read_data_o")->bits;
    return (simulator.get(bits[1]) ? 2U : 0U) + (simulator.get(bits[0]) ? 1U : 0U);
  };
  const auto cycle = [&](bool writes, unsigned to, unsigned value, bool reads, unsigned from) {
    set("write_enable_i", writes ? 1 : 0);
    set("write_address_i", to);
    set("write_data_i", value);
    set("read_enable_i", reads ? 1 : 0);
    set("read_address_i", from);
    simulator.settle();
    simulator.edge();
  };
  cycle(true, 3, 2, false, 0);
  cycle(true, 3, 1, true, 3);  // Read in the cycle it is written: the old value.
  EXPECT_EQ(read(), 2U);
  cycle(false, 0, 0, false, 0);
  EXPECT_EQ(read(), 2U);
  cycle(false, 0, 0, true, 3);
  EXPECT_EQ(read(), 1U);
  EXPECT_EQ(simulator.accesses().front().reads, 2U);
  EXPECT_EQ(simulator.accesses().front().writes, 2U);
}

}  // namespace
}  // namespace hasse::synth
