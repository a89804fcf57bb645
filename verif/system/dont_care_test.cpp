// SPDX-License-Identifier: Apache-2.0
// A host that sends noise wherever the streams say "don't care".
#include <gtest/gtest.h>

#include <algorithm>

#include "golden/tensor/gemm.hpp"
#include "verif/harness/workload.hpp"
#include "verif/system/rig.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::system {
namespace {

using harness::Operands;
using transitive::Shape;

class NoisyHost {
 public:
  NoisyHost(Rig& rig, const Operands& operands, harness::Random& random)
      : rig_(rig), operands_(operands), shape_(operands.shape()), random_(random) {}

  /// The product that the engine sends back.
  tensor::Matrix<std::int64_t> multiply() {
    const auto words = [&](const char* port) { return rig_.model().port(port).word_count(); };
    harness::BeatList weights(weight_beats(), words("weight_data_i"));
    harness::BeatList activations(activation_beats(), words("activation_data_i"));
    harness::StreamDriver weight_driver(rig_.model(), "weight", weights);
    harness::StreamDriver activation_driver(rig_.model(), "activation", activations);
    harness::StreamMonitor monitor(rig_.model(), "result", [this](auto beat) { take(beat); });
    harness::Agent* agents[] = {&weight_driver, &activation_driver, &monitor};
    start();
    for (int i = 0; i < 20000 && !walk_.done(); ++i) harness::cycle(rig_.model(), agents);
    for (int i = 0; i < 10; ++i) harness::cycle(rig_.model(), agents);
    EXPECT_EQ(rig_.model().get("busy_o"), 0U);
    return y_;
  }

 private:
  const harness::Engine& engine() const { return rig_.engine(); }
  int tile_rows() const { return engine().config.rows_per_tile(shape_.weight_bits); }

  void start() {
    const auto set = [&](const char* port, int value) {
      rig_.model().set(port, static_cast<std::uint64_t>(value));
    };
    set("n_i", shape_.n);
    set("k_i", shape_.k);
    set("m_i", shape_.m);
    set("weight_bits_i", shape_.weight_bits);
    set("start_i", 1);
    rig_.model().tick();
    set("start_i", 0);
  }

  void add_noise(std::span<std::uint32_t> beat, int from, int to) {
    for (int bit = from; bit < to; ++bit)
      harness::put_bits(beat, static_cast<std::size_t>(bit), 1, random_.next() >> 63);
  }

  // Lanes without a weight row, and operands beyond K.
  std::vector<std::uint32_t> weight_beats() {
    const int t = engine().config.tile_bits;
    const transitive::WeightStream stream(engine().config, shape_, operands_.weights);
    const harness::PackedBeats packed = harness::pack_weights(engine(), stream);
    std::vector<std::uint32_t> beats;
    for (int m = 0; m < shape_.m; m += engine().config.columns) {
      int k = 0;
      for (std::size_t i = 0; i < packed.count(); ++i) {
        std::vector<std::uint32_t> beat(packed.beat(i), packed.beat(i) + packed.words_per_beat);
        for (int lane = 0; lane < engine().config.lanes; ++lane) {
          const int used = lane < stream.beats()[i].lanes ? std::min(t, shape_.k - k) : 0;
          add_noise(beat, lane * t + used, (lane + 1) * t);
        }
        beats.insert(beats.end(), beat.begin(), beat.end());
        if (stream.beats()[i].end_of_tile) k = k + t < shape_.k ? k + t : 0;
      }
    }
    return beats;
  }

  // Columns beyond M.
  std::vector<std::uint32_t> activation_beats() {
    const int columns = engine().config.columns, bits = engine().activation_bits;
    const harness::PackedBeats packed = harness::pack_activations(engine(), operands_.activations);
    std::vector<std::uint32_t> beats;
    for (int m = 0; m < shape_.m; m += columns)
      for (int n = 0; n < shape_.n; n += tile_rows())
        for (int k = 0; k < shape_.k; ++k) {
          const auto* first = packed.beat(static_cast<std::size_t>(m / columns * shape_.k + k));
          std::vector<std::uint32_t> beat(first, first + packed.words_per_beat);
          add_noise(beat, std::min(columns, shape_.m - m) * bits, columns * bits);
          beats.insert(beats.end(), beat.begin(), beat.end());
        }
    return beats;
  }

  void take(std::span<const std::uint32_t> beat) {
    const auto bits = static_cast<unsigned>(engine().accumulator_bits);
    const harness::ResultPlace place = walk_.next().front();
    for (int i = 0; i < place.count; ++i)
      y_(static_cast<std::size_t>(place.row), static_cast<std::size_t>(place.column + i)) =
          harness::sign_extend(harness::take_bits(beat, static_cast<std::size_t>(i) * bits, bits),
                               bits);
  }

  Rig& rig_;
  const Operands& operands_;
  Shape shape_;
  harness::Random& random_;
  harness::ResultWalk walk_{rig_.engine(), shape_};
  tensor::Matrix<std::int64_t> y_{static_cast<std::size_t>(shape_.n),
                                  static_cast<std::size_t>(shape_.m)};
};

class DontCare : public testing::TestWithParam<Point> {};

TEST_P(DontCare, IsNotCaredFor) {
  Rig rig(GetParam());
  harness::Random random(83);
  for (int i = 0; i < 20 && !HasFailure(); ++i) {
    const Operands operands =
        harness::random_operands(rig.engine(), rig.random_shape(random, 500), random.next());
    EXPECT_EQ(first_difference(NoisyHost(rig, operands, random).multiply(),
                               tensor::gemm<std::int64_t>(operands.weights, operands.activations)),
              "");
  }
}

INSTANTIATE_TEST_SUITE_P(At, DontCare, testing::Values(kBanked, kTiny, points()[3], points()[4]),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace hasse::system
