// SPDX-License-Identifier: Apache-2.0
// The whole engine at every point: exact products, the cycles golden predicts, whatever the host
// does.
#include <gtest/gtest.h>

#include <functional>

#include "verif/harness/errors.hpp"
#include "verif/harness/workload.hpp"
#include "verif/system/rig.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::system {
namespace {

using harness::GemmOptions;
using harness::GemmRun;
using harness::Operands;
using transitive::Shape;

class Engine : public testing::TestWithParam<Point> {
 protected:
  Shape largest() const {
    const harness::Engine& e = rig_.engine();
    return {e.max_n, e.max_k, e.max_m, e.weight_bits};
  }

  // At most `n` x `k` x `m`, within what the design accepts.
  Shape limited(int n, int k, int m, int bits) const {
    return {std::min(n, largest().n), std::min(k, largest().k), std::min(m, largest().m),
            std::min(bits, largest().weight_bits)};
  }

  Operands random_operands(const Shape& shape) {
    Operands operands = harness::random_operands(rig_.engine(), shape, random_.next());
    if (rig_.engine().config.planner == transitive::Planner::listed)
      operands.calibration_rows = 1 + unit::below(random_, shape.n);
    return operands;
  }

  Rig rig_{GetParam()};
  harness::Random random_{71};
};

TEST_P(Engine, MultipliesShapesOfEverySize) {
  const auto& config = rig_.engine().config;
  const int t = config.tile_bits, c = config.columns;
  for (int bits = rig_.engine().least_weight_bits(); bits <= rig_.engine().weight_bits; ++bits) {
    const int rows = config.rows_per_tile(bits);
    for (const Shape& shape :
         {limited(1, 1, 1, bits), limited(std::min(rows + 1, 150), t + 1, c + 1, bits),
          limited(13, 3 * t, 1, bits), limited(1, 101, c, bits)})
      rig_.multiply(random_operands(shape));
  }
}

TEST_P(Engine, MultipliesProductAfterProduct) {
  for (int i = 0; i < 25 && !HasFailure(); ++i)
    rig_.multiply(random_operands(rig_.random_shape(random_, 3000)));
}

// What every element of a structured matrix is.
using Pattern = std::function<int(std::size_t row, std::size_t column)>;

template <class T>
void fill(tensor::Matrix<T>& matrix, const Pattern& pattern) {
  for (std::size_t r = 0; r < matrix.rows(); ++r)
    for (std::size_t c = 0; c < matrix.cols(); ++c) matrix(r, c) = static_cast<T>(pattern(r, c));
}

// Zeros, ones, extremes, one-hot, one column, checkerboard.
std::vector<Pattern> patterns(int least, int most) {
  return {[](auto, auto) { return 0; },
          [](auto, auto) { return 1; },
          [](auto, auto) { return -1; },
          [=](auto, auto) { return least; },
          [=](auto, auto) { return most; },
          [=](auto r, auto c) { return r == c ? most : 0; },
          [=](auto, auto c) { return c == 1 ? least : 0; },
          [=](auto r, auto c) { return (r + c) % 2 == 0 ? most : least; }};
}

std::vector<Pattern> weight_patterns(const harness::Engine& engine) {
  const int limit = 1 << (engine.weight_bits - 1);
  return patterns(-limit, limit - 1);
}

// The whole range of unsigned activations with the least and the largest weights, and signed ones
// right after.
TEST_P(Engine, MultipliesUnsignedExtremes) {
  const harness::Engine& e = rig_.engine();
  Shape shape = limited(2 * e.config.lanes + 1, 2 * e.config.depth() + 3, e.config.columns + 1,
                        e.weight_bits);
  if (!e.takes_unsigned) {
    EXPECT_THROW(
        {
          shape.unsigned_activations = true;
          rig_.multiply(random_operands(shape));
        },
        harness::HarnessError);
    return;
  }
  const int most = (1 << e.activation_bits) - 1;
  for (const Pattern& weights : weight_patterns(e))
    for (const Pattern& activations :
         {Pattern([=](auto, auto) { return most; }),
          Pattern([=](auto r, auto c) { return (r + c) % 2 == 0 ? most : 0; }),
          Pattern([=](auto r, auto) { return most / 2 + static_cast<int>(r % 3); })}) {
      shape.unsigned_activations = true;
      Operands operands = random_operands(shape);
      fill(operands.weights, weights);
      fill(operands.activations, activations);
      rig_.multiply(operands);
    }
  shape.unsigned_activations = false;
  rig_.multiply(random_operands(shape));
}

TEST_P(Engine, MultipliesStructuredTensors) {
  const harness::Engine& e = rig_.engine();
  const Shape shape = limited(3 * e.config.lanes + 1, 2 * e.config.tile_bits + 3,
                              e.config.columns + 1, e.weight_bits);
  Operands operands = random_operands(shape);
  for (const Pattern& weights : weight_patterns(e))
    for (const Pattern& activations :
         patterns(e.least_activation(), (1 << (e.activation_bits - 1)) - 1)) {
      fill(operands.weights, weights);
      fill(operands.activations, activations);
      rig_.multiply(operands);
    }
}

// Cycles in which a stream of `model` waits for the host, counted from outside.
class StallCounter {
 public:
  /// `has_table`: the engine's planner takes a table.
  StallCounter(harness::Model& model, bool has_table) : model_(model), table_(has_table) {
    model.observe([this] { cycles_ += waits() ? 1 : 0; });
  }
  ~StallCounter() { model_.observe({}); }
  StallCounter(const StallCounter&) = delete;
  StallCounter& operator=(const StallCounter&) = delete;
  std::uint64_t cycles() const { return cycles_; }

 private:
  bool waits() const {
    const auto idle = [this](const char* waiting, const char* answer) {
      return model_.get(waiting) != 0 && model_.get(answer) == 0;
    };
    return idle("weight_ready_o", "weight_valid_i") ||
           idle("activation_ready_o", "activation_valid_i") ||
           (table_ && idle("table_ready_o", "table_valid_i")) ||
           idle("result_valid_o", "result_ready_i");
  }

  harness::Model& model_;
  bool table_;
  std::uint64_t cycles_ = 0;
};

TEST_P(Engine, MultipliesWhileStreamsStall) {
  std::uint64_t stalls = 0;
  for (const double stall : {0.05, 0.3, 0.7, 0.95})
    for (int i = 0; i < 4 && !HasFailure(); ++i) {
      GemmOptions options;
      options.stall = stall;
      options.seed = random_.next() >> 40;
      const StallCounter counter(rig_.model(),
                                 rig_.engine().config.planner == transitive::Planner::listed);
      const GemmRun run = rig_.multiply(random_operands(rig_.random_shape(random_, 500)), options);
      EXPECT_EQ(run.counters.stall_cycles, counter.cycles());
      stalls += counter.cycles();
    }
  EXPECT_GT(stalls, 0U);
}

TEST_P(Engine, WaitsForAMemoryAsPredicted) {
  rig_.expect_memory_bound(random_);
}

TEST_P(Engine, MultipliesAfterAResetAtAnyTime) {
  for (int i = 0; i < 12 && !HasFailure(); ++i) {
    GemmOptions options;
    options.stall = i % 3 == 2 ? 0.5 : 0;
    const auto cycles = static_cast<std::uint64_t>(1 + unit::below(random_, i % 2 == 0 ? 40 : 400));
    rig_.driver().run_partly(random_operands(rig_.random_shape(random_, 2000)), cycles, options);
    rig_.model().reset(1);
    rig_.multiply(random_operands(rig_.random_shape(random_, 500)));
  }
}

TEST_P(Engine, RefusesWhatItCannotDoAndGoesOn) {
  const int least = rig_.engine().least_weight_bits();
  const Shape good = limited(5, 7, 3, least);
  for (const int bits : {0, least - 1, largest().weight_bits + 1, 15})
    EXPECT_TRUE(rig_.driver().refuses({good.n, good.k, good.m, bits})) << bits << " bits";
  for (const Shape& bad : {Shape{0, good.k, good.m, least}, Shape{good.n, 0, good.m, least},
                           Shape{good.n, good.k, 0, least}})
    EXPECT_TRUE(rig_.driver().refuses(bad));
  rig_.multiply(random_operands(good));
  if (largest().n == 3) {
    EXPECT_TRUE(rig_.driver().refuses({2, 7, 1, least}));
    rig_.multiply(random_operands(good));
  }
}

// Registers and memories start with other contents: neither results nor cycles may show it.
TEST_P(Engine, DoesNotDependOnItsInitialState) {
  const Operands operands = random_operands(rig_.random_shape(random_, 2000));
  const GemmRun first = rig_.multiply(operands);
  for (const std::uint32_t seed : {2U, 3U, 1000U}) {
    Rig other(GetParam(), seed);
    const GemmRun run = other.multiply(operands);
    EXPECT_EQ(run.counters, first.counters);
    EXPECT_EQ(run.subtile_done, first.subtile_done);
  }
}

INSTANTIATE_TEST_SUITE_P(At, Engine, testing::ValuesIn(points().begin(), points().end()),
                         testing::PrintToStringParamName());

class FullAccumulators : public testing::TestWithParam<Point> {};

// The longest product a design accepts, of the values that make its sums largest.
TEST_P(FullAccumulators, DoNotOverflow) {
  Rig rig(GetParam());
  const harness::Engine& e = rig.engine();
  const int least_weight = -(1 << (e.weight_bits - 1)),
            least_input = -(1 << (e.activation_bits - 1));
  const auto size = static_cast<std::size_t>(e.max_k);
  for (const int activation : {least_input, -least_input - 1}) {
    Operands operands{{1, size}, {size, 1}, e.weight_bits};
    fill(operands.weights, [=](auto, auto) { return least_weight; });
    fill(operands.activations, [=](auto, auto) { return activation; });
    rig.multiply(operands);
  }
}

INSTANTIATE_TEST_SUITE_P(At, FullAccumulators, testing::Values(kBanked, kTiny, points()[11]),
                         testing::PrintToStringParamName());

TEST(EngineInIcarus, AnswersAsInVerilator) {
  Rig rig(kTiny);
  harness::Random random(73);
  const harness::Recording recording(rig.model(), 3000);
  rig.model().reset();
  while (recording.cycles() < 3000 && !testing::Test::HasFailure()) {
    GemmOptions options;
    options.stall = random.chance(0.5) ? 0.4 : 0;
    rig.multiply(
        harness::random_operands(rig.engine(), rig.random_shape(random, 150), random.next()),
        options);
  }
  const harness::IcarusResult result = harness::icarus_run(rig.source(), recording);
  EXPECT_EQ(result.mismatches, 0U) << result.first;
  EXPECT_GT(result.compared, 2900U);
}

}  // namespace
}  // namespace hasse::system
