// SPDX-License-Identifier: Apache-2.0
// Verilator 5.006 miscompiles XOR and AND trees of mapped netlists at its default optimisation
// (reports 4059, 4709, 4832 of its tracker are of the same family). The harness switches that
// optimisation off; this netlist shows whether it does.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "verif/harness/model.hpp"
#include "verif/harness/stream.hpp"
#include "verif/harness/tests/test_modules.hpp"

namespace hasse::harness {
namespace {

constexpr int kCycles = 10000;

// Wrong sums in kCycles random multiply-accumulate cycles of the netlist.
int wrong_sums(const std::vector<std::string>& verilator_flags) {
  BuildOptions options;
  options.lint = false;
  options.verilator_flags = verilator_flags;
  RtlSource netlist = test_module("mac_netlist");
  netlist.top = "mac";
  Model model(VerilatedLibrary::build(netlist, options).object);
  model.reset();
  Random random(1);
  std::int64_t sum = 0;
  int wrong = 0;
  for (int i = 0; i < kCycles; ++i) {
    const std::uint64_t a = random.next() >> 61;
    const std::uint64_t b = random.next() >> 61;
    model.set("a_i", a);
    model.set("b_i", b);
    model.tick();
    sum = sign_extend(static_cast<std::uint64_t>(sum + sign_extend(a, 3) * sign_extend(b, 3)), 7);
    wrong += sign_extend(model.get("acc_o"), 7) == sum ? 0 : 1;
  }
  return wrong;
}

TEST(Miscompile, DoesNotHappenAsTheHarnessBuilds) {
  EXPECT_EQ(wrong_sums({}), 0);
}

// Not an assertion: a repaired Verilator is welcome.
TEST(Miscompile, WithoutTheRemedyIsReported) {
  const int wrong = wrong_sums({"-fconst-bit-op-tree"});
  RecordProperty("wrong_sums_without_remedy", wrong);
  fmt::print("without -fno-const-bit-op-tree: {} of {} sums wrong\n", wrong, kCycles);
}

}  // namespace
}  // namespace hasse::harness
