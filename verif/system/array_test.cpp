// SPDX-License-Identifier: Apache-2.0
// Several engines behind one set of ports: exact products, the cycles golden predicts, whatever the
// host does.
#include <gtest/gtest.h>

#include <algorithm>

#include "verif/harness/workload.hpp"
#include "verif/system/rig.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::system {
namespace {

using harness::GemmOptions;
using harness::Operands;
using transitive::Shape;

class Array : public testing::TestWithParam<Point> {
 protected:
  Operands random_operands(const Shape& shape) {
    Operands operands = harness::random_operands(rig_.engine(), shape, random_.next());
    if (!rig_.engine().side_streams().empty())
      operands.calibration_rows = 1 + unit::below(random_, shape.n);
    operands.tile_rows = random_tile_rows(operands.shape());
    return operands;
  }
  // As many as fit, balanced, or any number of rows of each unit, more than fit among them.
  int random_tile_rows(const Shape& shape) {
    const transitive::ArrayConfig array = rig_.engine().array();
    if (array.units == 1 || random_.chance(0.3)) return 0;
    if (random_.chance(0.5)) return array.balanced(shape).tile_rows;
    const int rows = 1 + unit::below(random_, array.unit.rows_per_tile(2));
    return array.share == transitive::Share::activations ? rows * array.units : rows;
  }
  Shape limited(int n, int k, int m, int bits) const {
    const harness::Engine& e = rig_.engine();
    return {std::min(n, e.max_n), std::min(k, e.max_k), std::min(m, e.max_m), bits};
  }

  Rig rig_{GetParam()};
  harness::Random random_{83};
};

// Rows and columns around every multiple of the units, of a unit's tile and of all units' tiles.
TEST_P(Array, DividesEveryShape) {
  const harness::Engine& e = rig_.engine();
  const transitive::EngineConfig all = e.streams();
  const int k = e.config.depth() + 1, bits = e.weight_bits;
  const int rows = e.config.rows_per_tile(bits), all_rows = all.rows_per_tile(bits);
  for (const int n :
       {1, 2, std::max(e.units - 1, 1), e.units, e.units + 1, rows, all_rows, all_rows + 1})
    rig_.multiply(random_operands(limited(n, k, e.config.columns + 1, bits)));
  for (int m = 1; m <= 2 * all.columns + 1; ++m)
    rig_.multiply(random_operands(limited(e.units + 1, k, m, 2)));
}

TEST_P(Array, MultipliesProductAfterProduct) {
  for (int i = 0; i < 15 && !HasFailure(); ++i)
    rig_.multiply(random_operands(rig_.random_shape(random_, 1500)));
}

TEST_P(Array, MultipliesWhileStreamsStall) {
  for (const double stall : {0.05, 0.3, 0.7, 0.95})
    for (int i = 0; i < 3 && !HasFailure(); ++i) {
      GemmOptions options;
      options.stall = stall;
      options.seed = random_.next() >> 40;
      const harness::GemmRun run =
          rig_.multiply(random_operands(rig_.random_shape(random_, 500)), options);
      EXPECT_GT(run.counters.stall_cycles, 0U);
    }
}

TEST_P(Array, WaitsForAMemoryAsPredicted) {
  if (rig_.engine().is_axi()) GTEST_SKIP() << "the memory begins with the product's registers";
  rig_.expect_memory_bound(random_);
}

TEST_P(Array, MultipliesAfterAResetAtAnyTime) {
  for (int i = 0; i < 8 && !HasFailure(); ++i) {
    GemmOptions options;
    options.stall = i % 3 == 2 ? 0.5 : 0;
    const auto cycles = static_cast<std::uint64_t>(1 + unit::below(random_, i % 2 == 0 ? 40 : 400));
    rig_.driver().run_partly(random_operands(rig_.random_shape(random_, 1000)), cycles, options);
    rig_.model().reset(1);
    rig_.multiply(random_operands(rig_.random_shape(random_, 300)));
  }
}

TEST_P(Array, RefusesWhatItCannotDoAndGoesOn) {
  const harness::Engine& e = rig_.engine();
  const Shape good = limited(5, 7, 3, 2);
  for (const Shape& bad :
       {Shape{0, 7, 3, 2}, Shape{5, 0, 3, 2}, Shape{5, 7, 0, 2}, Shape{e.max_n + 1, 7, 3, 2},
        Shape{5, e.max_k + 1, 3, 2}, Shape{5, 7, 3, 1}, Shape{5, 7, 3, e.weight_bits + 1}}) {
    if (bad.n >= 1 << units::bits_for(e.max_n) || bad.k >= 1 << units::bits_for(e.max_k)) continue;
    EXPECT_TRUE(rig_.driver().refuses(bad));
    rig_.multiply(random_operands(good));
  }
}

INSTANTIATE_TEST_SUITE_P(At, Array, testing::ValuesIn(arrays().begin(), arrays().end()),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace hasse::system
