// SPDX-License-Identifier: Apache-2.0
// Energy of a model's products, on the netlist of a small design.
#include "flows/attribute/array_energy.hpp"

#include <gtest/gtest.h>

#include "generator/design/design.hpp"
#include "generator/emit/bundle.hpp"
#include "generator/emit/directory.hpp"
#include "generator/units/engine.hpp"
#include "verif/harness/generated.hpp"
#include "verif/harness/toolchain.hpp"

namespace hasse::attribute {
namespace {

namespace fs = std::filesystem;
using tensor::Matrix;

/// The emitted `tiny` design.
class ArrayEnergyTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(synth::kDefaultLiberty))
      GTEST_SKIP() << synth::kDefaultLiberty << " is not installed";
    const design::Design design = design::load(HASSE_SOURCE_DIR "/flows/designs/tiny.json");
    netlist_.dir = parent_.path() / "tiny";
    emit::write(emit::bundle(design, units::build(design)), netlist_.dir);
  }

  /// A product with all activations `value`.
  static void multiply(CycleCounter& counter, const std::string& name, std::int8_t value) {
    Matrix<std::int8_t> w(9, 12);
    for (std::size_t i = 0; i < w.size(); ++i)
      w.data()[i] = static_cast<std::int8_t>(i * 5 % 16 - 8);
    counter.product()(name, w, Matrix<std::int8_t>(12, 10, value), 4);
  }

  harness::Workspace parent_{testing::TempDir()};
  synth::Options netlist_;
};

TEST_F(ArrayEnergyTest, IsThatOfACycleTimesTheCycles) {
  CycleCounter counter(harness::generated_engine(netlist_.dir));
  multiply(counter, "busy", 93);
  multiply(counter, "busy", 93);
  multiply(counter, "quiet", 0);
  const ArrayCost cost = counter.cost(2, 5);
  const ArrayEnergy energy = measure_energy(counter, cost, netlist_);
  const CycleEnergy busy = energy.by_name.at("busy"), quiet = energy.by_name.at("quiet");
  EXPECT_GT(busy.logic_pj, quiet.logic_pj);
  EXPECT_GT(quiet.logic_pj, 0) << "clocked all the same";
  EXPECT_GT(busy.memory_pj, 0);
  EXPECT_NEAR(energy.total.logic_pj,
              busy.logic_pj * cost.by_name.at("busy").cycles +
                  quiet.logic_pj * cost.by_name.at("quiet").cycles,
              1e-6 * energy.total.logic_pj);
  EXPECT_EQ(energy.liberty, "osu018_stdcells");
  EXPECT_TRUE(fs::exists(netlist_.dir / "results/attribution/busy.json"));
}

TEST(CycleCounterSamples, AreTheFirstOfTheMostColumns) {
  harness::Engine engine;
  const std::size_t two_rounds = 2 * static_cast<std::size_t>(engine.streams().columns);
  CycleCounter counter(engine);
  const auto product = counter.product();
  const auto multiply = [&](std::size_t columns, std::int8_t value) {
    product("a", Matrix<std::int8_t>(4, 8, 1), Matrix<std::int8_t>(8, columns, value), 4);
  };
  multiply(2, 1);
  EXPECT_EQ(counter.samples().at("a").activations, Matrix<std::int32_t>(8, 2, 1));
  multiply(2, 2);
  EXPECT_EQ(counter.samples().at("a").activations, Matrix<std::int32_t>(8, 2, 1));
  multiply(two_rounds + 5, 3);
  EXPECT_EQ(counter.samples().at("a").activations, Matrix<std::int32_t>(8, two_rounds, 3));
  multiply(two_rounds + 9, 4);
  EXPECT_EQ(counter.samples().at("a").activations, Matrix<std::int32_t>(8, two_rounds, 3));
}

}  // namespace
}  // namespace hasse::attribute
