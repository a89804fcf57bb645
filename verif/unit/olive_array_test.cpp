// SPDX-License-Identifier: Apache-2.0
// The array alone: when sums leave, and that decoders cost no cycle.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "generator/units/olive.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

constexpr int kRows = 3, kColumns = 2;

/// An array of 3 x 2 elements.
class OliveArray : public testing::TestWithParam<const char*> {
 protected:
  std::vector<hdl::Module> modules() const {
    const units::PairDatapath path(g_);
    const hdl::Module value = units::olive_value(format_);
    const hdl::Module decoder = units::olive_decoder(format_, value);
    const hdl::Module weights = units::olive_border(g_, units::Border::weights, decoder);
    const hdl::Module activations = units::olive_border(g_, units::Border::activations, decoder);
    const hdl::Module product = units::olive_product(path);
    const hdl::Module pe = units::olive_pe(path, product);
    const hdl::Module column = units::olive_column(g_);
    return {value,   decoder, weights, activations,
            product, pe,      column,  units::olive_array(g_, weights, activations, pe, column)};
  }

  void cycle(bool take, bool send, bool second, bool wave) {
    bench_.set("take_i", take ? 1 : 0);
    bench_.set("send_i", send ? 1 : 0);
    bench_.set("second_i", second ? 1 : 0);
    bench_.set("wave_i", wave ? 1 : 0);
    bench_.settle();
    bench_.edge();
  }

  static constexpr const char* kDesign = R"({"engine": "olive", "lanes": 3, "columns": 2,
      "columns_per_adder": 1, "accumulator_bits": 48, )";
  units::Geometry g_ = geometry(std::string(kDesign) + GetParam());
  const quant::OliveFormat& format_ = quant::olive_format(g_.design.weight_pairs);
  Bench bench_{modules()};
};

// A pair of (1, 1) at every border. Plain registers in the place of the decoders would make the sum
// of row r and column c leave as late: a cycle from the pair to the border's register, and one for
// every row and column on the way.
TEST_P(OliveArray, SumsLeaveAWaveAfterTheyAreComplete) {
  const int ones = 1 | 1 << format_.bits;
  for (int r = 0; r < kRows; ++r) bench_.set_field("weight_pairs_i", r, 2 * format_.bits, ones);
  for (int c = 0; c < kColumns; ++c)
    bench_.set_field("activation_pairs_i", c, 2 * format_.bits, ones);
  const auto pass = [&] {  // What an earlier wave drives out is gone after that.
    for (int i = 0; i < kRows + kColumns; ++i) cycle(false, false, false, false);
  };
  pass();
  cycle(true, false, false, false);
  cycle(false, true, false, true);  // Left elements, the first of their tile.
  cycle(false, true, true, false);  // Right elements.
  pass();
  cycle(false, false, false, true);  // A wave behind them.
  for (int t = 0; t < kRows + kColumns - 1; ++t) {
    bench_.set("wave_i", 0);
    bench_.settle();
    for (int c = 0; c < kColumns; ++c) {
      const bool leaves = t >= c && t < c + kRows;
      EXPECT_EQ(bench_.number("column_sums_o", c, g_.design.accumulator_bits), leaves ? 2 : 0)
          << "cycle " << t << ", column " << c;
    }
    bench_.edge();
  }
}

// Random pairs at every border; row r and column c add up what they exchange, and nothing else.
TEST_P(OliveArray, SumsAreThoseOfRandomPairs) {
  harness::Random random(43);
  const auto codes = [&] { return static_cast<unsigned>(random.next() >> 16); };
  for (int tile = 0; tile < 60 && !HasFailure(); ++tile) {
    std::int64_t sums[kRows][kColumns] = {};
    for (int pair = 0; pair < 4; ++pair) {
      std::array<std::array<std::int64_t, 2>, kRows> weights;
      std::array<std::array<std::int64_t, 2>, kColumns> activations;
      const auto draw = [&](const char* port, int line) {
        const unsigned mask = (1U << format_.bits) - 1, left = codes() & mask,
                       right = codes() & mask;
        bench_.set_field(port, line, 2 * format_.bits, left | right << format_.bits);
        const auto values = quant::decode_pair(
            format_, {static_cast<std::uint8_t>(left), static_cast<std::uint8_t>(right)});
        return std::array<std::int64_t, 2>{values[0].value(), values[1].value()};
      };
      for (int r = 0; r < kRows; ++r)
        weights[static_cast<std::size_t>(r)] = draw("weight_pairs_i", r);
      for (int c = 0; c < kColumns; ++c)
        activations[static_cast<std::size_t>(c)] = draw("activation_pairs_i", c);
      for (int r = 0; r < kRows; ++r)
        for (int c = 0; c < kColumns; ++c)
          for (std::size_t i = 0; i < 2; ++i)
            sums[r][c] += weights[static_cast<std::size_t>(r)][i] *
                          activations[static_cast<std::size_t>(c)][i];
      cycle(true, false, false, false);
      cycle(false, true, false, pair == 0);
      cycle(false, true, true, false);
    }
    for (int i = 0; i < kRows + kColumns; ++i) cycle(false, false, false, false);
    cycle(false, false, false, true);
    for (int t = 0; t < kRows + kColumns - 1; ++t, cycle(false, false, false, false)) {
      bench_.settle();
      for (int c = std::max(0, t - kRows + 1); c <= std::min(t, kColumns - 1); ++c)
        EXPECT_EQ(bench_.number("column_sums_o", c, g_.design.accumulator_bits), sums[t - c][c])
            << "row " << t - c << ", column " << c;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, OliveArray,
                         testing::Values(R"("weight_bits": 4, "activation_bits": 4,
                                            "weight_pairs": "int4", "activation_pairs": "int4"})",
                                         R"("weight_pairs": "int8", "activation_pairs": "int8"})"));

}  // namespace
}  // namespace hasse::unit
