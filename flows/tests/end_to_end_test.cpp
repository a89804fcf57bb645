// SPDX-License-Identifier: Apache-2.0
// All verbs on the tiny design, with the real tools.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "flows/tests/run.hpp"

namespace hasse::flows {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;

std::vector<std::string> keys(const json& object) {
  std::vector<std::string> result;
  for (const auto& [key, value] : object.items()) {
    result.push_back(key);
  }
  return result;
}

/// A folder with the tiny design in `out`.
class EndToEndTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(hasse("generate " + example("tiny") + " -o " + out_).exit_code, 0);
  }

  Folder folder_;
  std::string out_ = (folder_ / "out").string();
};

TEST_F(EndToEndTest, RightHardwareIsVerifiedSynthesisedAndReported) {
  const Ran verify = hasse("verify " + out_ + " --random 17 23 5 --json -");
  EXPECT_EQ(verify.exit_code, 0) << verify.err;
  EXPECT_THAT(verify.err, IsEmpty());
  const json verified = json::parse(verify.out)["verify"];
  EXPECT_THAT(keys(verified),
              IsSupersetOf({"mismatches", "outputs", "cycles", "transrows", "zero_transrows",
                            "nodes_built", "accumulate_utilisation", "prefix_utilisation",
                            "stall_cycles", "simulated_hz"}));
  EXPECT_EQ(verified["mismatches"], 0);
  EXPECT_EQ(verified["outputs"], 17 * 5);

  const Ran slow =
      hasse("verify " + out_ + " --random 17 23 5 --bandwidth 2 --latency 30 --json -");
  const json behind_memory = json::parse(slow.out)["verify"];
  EXPECT_EQ(behind_memory["mismatches"], 0);
  EXPECT_EQ(behind_memory["cycles"], behind_memory["model"]["predicted_cycles"]);
  EXPECT_GT(behind_memory["cycles"], verified["cycles"]);
  EXPECT_GT(behind_memory["stall_cycles"], 0);
  EXPECT_LE(behind_memory["bytes"].get<double>(),
            2 * behind_memory["cycles"].get<double>() + 4 * 64 * 4);

  const Ran synth = hasse("synth " + out_ + " --json -");
  EXPECT_EQ(synth.exit_code, 0) << synth.err;
  EXPECT_THAT(synth.err, IsEmpty());
  EXPECT_THAT(keys(json::parse(synth.out)["synth"]),
              IsSupersetOf({"liberty", "clock_ns", "fmax_mhz", "cells", "area_um2",
                            "area_logic_um2", "area_memory_um2", "area_by_unit"}));

  const Ran report = hasse("report " + out_ + " -o " + (folder_ / "r.html").string() + " --json -");
  EXPECT_EQ(report.exit_code, 0) << report.err;
  EXPECT_THAT(keys(json::parse(report.out)),
              IsSupersetOf({"design", "figures", "generate", "synth", "verify"}));
  EXPECT_GT(json::parse(report.out)["figures"]["logic_um2_per_mac"], 0);
}

TEST_F(EndToEndTest, TheNetlistMultipliesAndTellsItsEnergy) {
  const std::string power = "power " + out_ + " --random 17 23 5 --json -";
  const Ran ran = hasse(power);
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.err, IsEmpty());
  const json measured = json::parse(ran.out)["power"];
  EXPECT_THAT(keys(measured),
              IsSupersetOf({"pj_per_mac", "annotated_percent", "mismatches", "cycles", "split",
                            "pj_per_mac_by_unit", "layout", "seed", "volts", "celsius"}));
  EXPECT_EQ(measured["mismatches"], 0);
  EXPECT_EQ(measured["outputs"], 17 * 5);
  EXPECT_EQ(measured["layout"], "pre-layout");
  const json& clock = measured["split"]["clock"];
  for (const char* split : {"pj_per_mac_by_unit", "pj_per_mac_by_module", "pj_per_mac_by_cell"}) {
    double sum = clock["pins_pj_per_mac"].get<double>() + clock["buffers_pj_per_mac"].get<double>();
    for (const auto& [part, joules] : measured[split].items()) sum += joules.get<double>();
    EXPECT_NEAR(sum, measured["pj_per_mac"], 1e-6) << split;
  }
  EXPECT_EQ(hasse(power).out, ran.out);
}

TEST_F(EndToEndTest, AWrongNetlistExitsWithOne) {
  ASSERT_EQ(hasse("synth " + out_).exit_code, 0);
  const auto netlist = folder_ / "out/synth/osu018_stdcells/netlist.v";
  const std::string before = read(netlist);
  // Of the first full adder of the file sum and carry change places.
  const std::regex adder(R"((FAX1 [\s\S]*?)\.YC\(([\s\S]*?)\.YS\()");
  const std::string after =
      std::regex_replace(before, adder, "$1.YS($2.YC(", std::regex_constants::format_first_only);
  ASSERT_NE(before, after);
  put(netlist, after);
  EXPECT_EQ(hasse("power " + out_ + " --random 17 23 5").exit_code, 1);
}

TEST_F(EndToEndTest, WrongHardwareExitsWithOne) {
  const std::string before = read(folder_ / "out/rtl/drain.v");
  const std::string after =
      std::regex_replace(before, std::regex("assign result_data_o +=\\s*"), "$&~");
  ASSERT_NE(before, after);
  put(folder_ / "out/rtl/drain.v", after);
  const Ran verify = hasse("verify " + out_ + " --random 17 23 5");
  EXPECT_EQ(verify.exit_code, 1);
  EXPECT_THAT(verify.out, HasSubstr("85 of 85 are WRONG"));
  EXPECT_THAT(verify.out, HasSubstr(" instead of "));
}

}  // namespace
}  // namespace hasse::flows
