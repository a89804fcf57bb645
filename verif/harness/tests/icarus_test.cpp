// SPDX-License-Identifier: Apache-2.0
#include "verif/harness/icarus.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "verif/harness/stream.hpp"
#include "verif/harness/tests/test_modules.hpp"

namespace hasse::harness {
namespace {

// Random traffic through a fifo of the given width, with a reset in the middle.
void exercise(Model& model, unsigned width) {
  model.reset();
  Random random(4);
  for (int i = 0; i < 600; ++i) {
    model.set("in_valid_i", random.next() >> 63);
    model.set("out_ready_i", random.next() >> 63);
    model.set_bits("in_data_i", 0, width, random.next());
    if (i == 300) model.reset();
    model.tick();
  }
}

TEST(Icarus, AgreesWithTheVerilatedModel) {
  const RtlSource source = test_module("fifo", {{"Width", 37}});
  Model model(VerilatedLibrary::build(source).object);
  const Recording recording(model);
  exercise(model, 37);
  const IcarusResult result = icarus_run(source, recording);
  EXPECT_EQ(recording.cycles(), 604U);
  EXPECT_EQ(result.compared, 600U);
  EXPECT_EQ(result.mismatches, 0U) << result.first;
}

TEST(Icarus, NamesCycleAndPortOfADifference) {
  Model model(VerilatedLibrary::build(test_module("fifo", {{"Width", 37}})).object);
  const Recording recording(model);
  exercise(model, 37);
  const IcarusResult result =
      icarus_run(test_module("fifo", {{"Width", 37}, {"Fault", 1}}), recording);
  EXPECT_GT(result.mismatches, 0U);
  EXPECT_THAT(result.first, testing::MatchesRegex("cycle [0-9]+: out_valid_o is 0, recorded as 1"));
}

TEST(Icarus, ReplaysTheNetlistTheOtherSimulatorMiscompiles) {
  RtlSource source = test_module("mac_netlist");
  source.top = "mac";
  BuildOptions options;
  options.lint = false;
  Model model(VerilatedLibrary::build(source, options).object);
  const Recording recording(model);
  model.reset();
  Random random(6);
  for (int i = 0; i < 2000; ++i) {
    model.set("a_i", random.next() >> 61);
    model.set("b_i", random.next() >> 61);
    model.tick();
  }
  const IcarusResult result = icarus_run(source, recording);
  EXPECT_EQ(result.compared, 2000U);
  EXPECT_EQ(result.mismatches, 0U) << result.first;
  EXPECT_EQ(result.unknown, 0U);
}

}  // namespace
}  // namespace hasse::harness
