// SPDX-License-Identifier: Apache-2.0
// Engines that scale groups: exact results, golden's cycles, whatever the host does.
#include <gtest/gtest.h>

#include <algorithm>

#include "golden/quant/group_scales.hpp"
#include "golden/tensor/npy.hpp"
#include "verif/harness/errors.hpp"
#include "verif/harness/icarus.hpp"
#include "verif/harness/workload.hpp"
#include "verif/system/rig.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::system {
namespace {

using harness::GemmOptions;
using harness::Operands;
using transitive::Shape;

class Scaling : public testing::TestWithParam<Point> {
 protected:
  /// Scales and zero points over their whole range, as far as results fit the accumulators.
  quant::GroupScales random_scales(const Shape& shape, int group) {
    const auto rows = static_cast<std::size_t>(shape.n);
    const auto groups = static_cast<std::size_t>((shape.k + group - 1) / group);
    quant::GroupScales scales{group, {rows, groups}, {rows, groups}};
    const int most = std::min(255, 1 << (11 - shape.weight_bits));
    for (std::size_t n = 0; n < rows; ++n)
      for (std::size_t g = 0; g < groups; ++g) {
        scales.scales(n, g) = static_cast<std::uint8_t>(unit::below(random_, most + 1));
        scales.zeros(n, g) =
            static_cast<std::int8_t>(unit::random_number(random_, shape.weight_bits));
      }
    return scales;
  }

  std::vector<quant::Rescale> random_rescales(int rows) {
    std::vector<quant::Rescale> rescales;
    for (int n = 0; n < rows; ++n)
      rescales.push_back(
          {static_cast<std::uint16_t>(random_.next() >> 13),
           static_cast<std::uint8_t>(random_.chance(0.1) ? 1 + unit::below(random_, 63)
                                                         : 20 + unit::below(random_, 14))});
    return rescales;
  }

  int random_group() {
    const int t = rig_.engine().config.depth();
    constexpr int kGroups[] = {32, 64, 128};
    return random_.chance(0.5) ? t * (1 + unit::below(random_, 5))
                               : kGroups[unit::below(random_, 3)];
  }

  Operands random_operands(int work) {
    const Shape shape = rig_.random_shape(random_, work);
    Operands operands = harness::random_operands(rig_.engine(), shape, random_.next());
    if (random_.chance(0.85)) operands.scales = random_scales(shape, random_group());
    if (random_.chance(0.5)) operands.rescales = random_rescales(shape.n);
    return operands;
  }

  Rig rig_{GetParam()};
  harness::Random random_{83};
};

TEST_P(Scaling, MultipliesProductAfterProduct) {
  for (int i = 0; i < 60 && !HasFailure(); ++i) rig_.multiply(random_operands(3000));
}

TEST_P(Scaling, LongProductsOfEveryGroup) {
  const int k = std::min(400, rig_.engine().max_k);
  const int rows = std::min(2 * rig_.engine().config.rows_per_tile(4) + 1, rig_.engine().max_n);
  for (const int group : {8, 32, 64, 128, 400}) {
    const Shape shape{rows, k, 3, std::min(4, rig_.engine().weight_bits)};
    for (const bool requantise : {false, true}) {
      Operands operands = harness::random_operands(rig_.engine(), shape, random_.next());
      operands.scales = random_scales(shape, group);
      if (requantise) operands.rescales = random_rescales(shape.n);
      rig_.multiply(operands);
    }
  }
}

TEST_P(Scaling, MultipliesWhileStreamsStall) {
  std::uint64_t stalls = 0;
  for (const double stall : {0.05, 0.3, 0.7, 0.9})
    for (int i = 0; i < 6 && !HasFailure(); ++i) {
      GemmOptions options;
      options.stall = stall;
      options.seed = random_.next() >> 40;
      stalls += rig_.multiply(random_operands(500), options).counters.stall_cycles;
    }
  EXPECT_GT(stalls, 0U);
}

TEST_P(Scaling, MultipliesAfterAResetAtAnyTime) {
  for (int i = 0; i < 12 && !HasFailure(); ++i) {
    const auto cycles = static_cast<std::uint64_t>(1 + unit::below(random_, i % 2 == 0 ? 60 : 400));
    rig_.driver().run_partly(random_operands(2000), cycles, {});
    rig_.model().reset(1);
    rig_.multiply(random_operands(500));
  }
}

TEST_P(Scaling, RefusesGroupsThatEndWithinATile) {
  const int t = rig_.engine().config.depth();
  for (const int group : {1, t + 1, 3 * t - 1, 129}) {
    EXPECT_TRUE(rig_.driver().refuses({2, 7, 1, 2, group, false})) << group;
    EXPECT_TRUE(rig_.driver().refuses({2, 7, 1, 2, group, true})) << group;
  }
  rig_.multiply(random_operands(500));
}

TEST_P(Scaling, QuantisedLayersOfTheModelAreExact) {
  harness::WorkloadOptions options;
  options.tokens = 3;
  options.tensor = "model.layers.0.self_attn.k_proj.weight";
  options.group = 32;
  if (rig_.engine().max_n < 64) return;
  for (const harness::Scheme scheme : {harness::Scheme::symmetric, harness::Scheme::qserve})
    for (const bool requantise : {false, true}) {
      options.scheme = scheme;
      options.requantise = requantise;
      rig_.multiply(harness::make_workload(rig_.engine(), options).operands);
    }
}

TEST_P(Scaling, ScalesComeFromFiles) {
  const harness::Workspace folder(testing::TempDir());
  const harness::Engine& engine = rig_.engine();
  const Shape shape{5, 40, 3, 3};
  const Operands operands = harness::random_operands(engine, shape, 3);
  const quant::GroupScales scales = random_scales(shape, 16);
  tensor::Matrix<std::int16_t> wide(scales.scales.rows(), scales.scales.cols());
  std::copy(scales.scales.values().begin(), scales.scales.values().end(), wide.data());
  harness::WorkloadOptions options;
  const auto write = [&](const char* name, const auto& matrix) {
    tensor::write_npy(folder.path() / name, matrix);
    return folder.path() / name;
  };
  options.weights = write("w.npy", operands.weights);
  options.activations = write("x.npy", operands.activations);
  options.scales = write("s.npy", wide);
  EXPECT_THROW(harness::make_workload(engine, options), harness::HarnessError) << "no group";
  options.group = 32;
  EXPECT_THROW(harness::make_workload(engine, options), harness::HarnessError) << "three groups";
  options.group = 16;
  options.zeros = write("z.npy", scales.zeros);
  const Operands read = harness::make_workload(engine, options).operands;
  ASSERT_TRUE(read.scales);
  EXPECT_EQ(read.scales->scales, scales.scales);
  EXPECT_EQ(read.scales->zeros, scales.zeros);
  rig_.multiply(read);
}

TEST_P(Scaling, AnswersInIcarusAsInVerilator) {
  const harness::Recording recording(rig_.model(), 1500);
  rig_.model().reset();
  while (recording.cycles() < 1500 && !HasFailure()) rig_.multiply(random_operands(150));
  const harness::IcarusResult result = harness::icarus_run(rig_.source(), recording);
  EXPECT_EQ(result.mismatches, 0U) << result.first;
  EXPECT_GT(result.compared, 1400U);
}

INSTANTIATE_TEST_SUITE_P(At, Scaling,
                         testing::ValuesIn(scaled_points().begin(), scaled_points().end()),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace hasse::system
