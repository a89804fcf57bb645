// SPDX-License-Identifier: Apache-2.0
// The weight stream taken apart, against the golden weight stream.
#include <gtest/gtest.h>

#include "generator/units/transrow.hpp"
#include "generator/units/units.hpp"
#include "golden/transitive/weight_stream.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

class WeightDispatch : public testing::TestWithParam<const char*> {
 protected:
  struct Expected {
    transitive::WeightBeat beat;
    std::vector<transitive::Code> codes;
    bool first_row, first_k, last_k;
    unsigned half;
  };

  // Everything that the lanes are to receive, M-tile after M-tile.
  std::vector<Expected> expected_beats(const transitive::Shape& shape) {
    tensor::Matrix<std::int8_t> weights(static_cast<std::size_t>(shape.n),
                                        static_cast<std::size_t>(shape.k));
    for (std::size_t n = 0; n < weights.rows(); ++n)
      for (auto& w : weights.row(n))
        w = random_.chance(0.3)
                ? std::int8_t{0}
                : static_cast<std::int8_t>(random_number(random_, shape.weight_bits));
    const transitive::WeightStream stream(g_.engine, shape, weights);
    std::vector<Expected> result;
    for (int m = 0; m < shape.m; m += g_.design.columns) append_pass(stream, shape, result);
    return result;
  }

  void append_pass(const transitive::WeightStream& stream, const transitive::Shape& shape,
                   std::vector<Expected>& result) {
    const int tiles_k = (shape.k + g_.design.tile_bits - 1) / g_.design.tile_bits;
    const int tile_rows = g_.engine.rows_per_tile(shape.weight_bits);
    int tile = 0;
    for (std::size_t i = 0; i < stream.beats().size(); ++i) {
      const transitive::WeightBeat& beat = stream.beats()[i];
      std::vector<transitive::Code> codes;
      for (int lane = 0; lane < g_.design.lanes; ++lane) codes.push_back(stream.code(i, lane));
      const int k = tile % tiles_k;
      result.push_back(
          {beat, codes, beat.first_row % tile_rows == 0, k == 0, k == tiles_k - 1, half_});
      if (!beat.end_of_tile) continue;
      half_ ^= 1U;
      ++tile;
    }
  }

  void begin(const transitive::Shape& shape) {
    const auto set = [&](const char* port, int value) {
      bench_.set(port, static_cast<std::uint64_t>(value));
    };
    set("n_i", shape.n);
    set("k_i", shape.k);
    set("m_i", shape.m);
    set("weight_bits_i", shape.weight_bits);
    set("tile_rows_i", g_.engine.rows_per_tile(shape.weight_bits));
    set("begin_i", 1);
    bench_.model().tick();
    set("begin_i", 0);
    given_ = received_ = 0;
  }

  void cycle(const std::vector<Expected>& beats, int weight_bits) {
    const bool open = random_.chance(0.8);
    const bool valid = given_ < beats.size() && random_.chance(0.8);
    bench_.set("open_i", open);
    bench_.set("weight_valid_i", valid);
    for (int lane = 0; lane < g_.design.lanes; ++lane) drive_code(beats, lane, valid);
    bench_.settle();
    if (!open || given_ == beats.size()) {
      ASSERT_FALSE(bench_.is_set("weight_ready_o"));
    }
    const bool taken = valid && bench_.is_set("weight_ready_o");
    ASSERT_EQ(bench_.is_set("tile_end_o"), taken && beats[given_].beat.end_of_tile);
    receive(beats, weight_bits);
    given_ += taken ? 1 : 0;
    bench_.edge();
  }

  // Lanes without a row get noise, as the contract with the host allows.
  void drive_code(const std::vector<Expected>& beats, int lane, bool valid) {
    const bool code = valid && lane < beats[given_].beat.lanes;
    bench_.set_field("weight_data_i", lane, g_.design.tile_bits,
                     code ? beats[given_].codes[static_cast<std::size_t>(lane)]
                          : below(random_, 1 << g_.design.tile_bits));
  }

  void receive(const std::vector<Expected>& beats, int weight_bits) {
    const std::uint64_t lanes = bench_.get("code_valid_o");
    if (lanes == 0) {
      ASSERT_FALSE(bench_.is_set("tile_complete_o"));
      return;
    }
    ASSERT_LT(received_, beats.size()) << "a beat that was not given";
    const Expected& want = beats[received_++];
    ASSERT_EQ(lanes, (std::uint64_t{1} << want.beat.lanes) - 1);
    ASSERT_EQ(bench_.is_set("tile_complete_o"), want.beat.end_of_tile);
    const unsigned tag = (want.beat.plane == weight_bits - 1 ? 1U << units::kFirst : 0U) |
                         (want.beat.plane == 0 ? 1U << units::kLast : 0U) |
                         (want.first_row ? 1U << units::kFirstRow : 0U) |
                         (want.first_k ? 1U << units::kFirstK : 0U) |
                         (want.last_k ? 1U << units::kLastK : 0U) | want.half << units::kHalf;
    ASSERT_EQ(bench_.get("tag_o"), tag);
    for (int lane = 0; lane < want.beat.lanes; ++lane) {
      const transitive::Code code = want.codes[static_cast<std::size_t>(lane)];
      ASSERT_EQ(bench_.field("code_o", lane, g_.design.tile_bits), code) << "lane " << lane;
      ASSERT_EQ(bench_.field("code_zero_o", lane, 1), code == 0 ? 1U : 0U) << "lane " << lane;
    }
  }

  void run(const transitive::Shape& shape) {
    const std::vector<Expected> beats = expected_beats(shape);
    begin(shape);
    for (std::size_t i = 0; i < 20 + 4 * beats.size() && !HasFatalFailure(); ++i)
      cycle(beats, shape.weight_bits);
    ASSERT_EQ(received_, beats.size()) << shape.n << " x " << shape.k << " x " << shape.m;
  }

  transitive::Shape random_shape() {
    return {1 + below(random_, 40), 1 + below(random_, 30), 1 + below(random_, 10),
            2 + below(random_, g_.design.weight_bits - 1)};
  }

  units::Geometry g_ = geometry(GetParam());
  hdl::Module walker_ = units::tile_walker(g_, units::Walk::weights);
  Bench bench_{{walker_, units::weight_dispatch(g_, walker_)}};
  harness::Random random_{43};
  std::size_t given_ = 0, received_ = 0;
  unsigned half_ = 0;  ///< Alternates from sub-tile to sub-tile, across products too.
};

TEST_P(WeightDispatch, HandsOutEveryCodeWithItsTag) {
  run({1, 1, 1, 2});
  for (int i = 0; i < 40 && !HasFatalFailure(); ++i) run(random_shape());
}

TEST_P(WeightDispatch, BeginsAnewAfterReset) {
  const transitive::Shape shape{40, 30, 5, 2};
  const std::vector<Expected> beats = expected_beats(shape);
  begin(shape);
  for (int i = 0; i < 25; ++i) cycle(beats, 2);
  bench_.set("weight_valid_i", 0);
  bench_.model().reset();
  half_ = 0;
  run(random_shape());
}

INSTANTIATE_TEST_SUITE_P(
    Designs, WeightDispatch,
    testing::Values(
        R"({"tile_bits": 4, "lanes": 3, "columns": 4, "rows": 36})",
        R"({"tile_bits": 2, "lanes": 1, "columns": 4, "rows": 8, "weight_bits": 2})",
        R"({"tile_bits": 10, "lanes": 16, "columns": 4, "rows": 128, "max_n": 40, "max_k": 30})"));

}  // namespace
}  // namespace hasse::unit
