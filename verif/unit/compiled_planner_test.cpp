// SPDX-License-Identifier: Apache-2.0
// Steps are made in order, once their sub-tile is checked, its operands are loaded and its half of
// the banks is free.
#include <gtest/gtest.h>

#include <deque>
#include <optional>

#include "generator/units/program.hpp"
#include "generator/units/units.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

/// A random step, field by field and lane by lane.
struct Step {
  std::vector<transitive::LaneStep> lanes;
  bool last = false;
};

class CompiledPlanner : public testing::TestWithParam<const char*> {
 protected:
  Step random_step(bool last) {
    Step step;
    const auto bits = [&](int count) {
      return static_cast<std::uint32_t>(random_.next() >> (64 - count));
    };
    for (int lane = 0; lane < layout_.prefix_lanes; ++lane)
      step.lanes.push_back({bits(layout_.banks_per_lane), bits(layout_.address_bits),
                            static_cast<std::uint32_t>(below(random_, layout_.prefix_lanes + 1)),
                            bits(layout_.banks_per_lane), bits(layout_.address_bits)});
    step.last = last;
    return step;
  }

  void offer(const Step& step) {
    int at = 0;
    const auto put = [&](int bits, std::uint32_t value) {
      bench_.model().set_bits("step_i", static_cast<std::size_t>(at), static_cast<unsigned>(bits),
                              value);
      at += bits;
    };
    for (const transitive::LaneStep& lane : step.lanes) {
      put(layout_.banks_per_lane, lane.write);
      put(layout_.address_bits, lane.write_address);
      put(layout_.operand_bits, lane.operand);
      put(layout_.banks_per_lane, lane.parent_read);
      put(layout_.address_bits, lane.parent_address);
    }
    put(1, step.last ? 1 : 0);
  }

  void begin(int tiles) {
    const auto& d = g_.design;
    bench_.set("n_i", static_cast<std::uint64_t>(d.lanes));
    bench_.set("k_i", static_cast<std::uint64_t>(tiles * d.tile_bits - 1));
    bench_.set("m_i", 1);
    bench_.set("tile_rows_i", static_cast<std::uint64_t>(d.lanes));
    bench_.set("begin_i", 1);
    bench_.settle();
    bench_.edge();
    bench_.set("begin_i", 0);
  }

  // Offers a step now and then; tells when the last of a sub-tile is right, some cycles later.
  void feed() {
    const bool more = made_tiles_ + static_cast<int>(unchecked_ + checked_) < tiles_;
    if (!next_ && more) next_ = random_step(random_.chance(0.2));
    const bool valid = next_ && random_.chance(0.7) && !complete_;
    if (next_) offer(*next_);
    bench_.set("step_valid_i", valid);
    const bool checked = complete_ && random_.chance(0.3);
    bench_.set("checked_i", checked);
    bench_.settle();
    if (checked) {
      complete_ = false;
      --unchecked_;
      ++checked_now_;
    }
    if (!valid || !bench_.is_set("steps_ready_o")) return;
    queue_.push_back(*next_);
    if (next_->last) {
      complete_ = true;
      ++unchecked_;
    }
    next_.reset();
  }

  void cycle() {
    bench_.set("activation_valid_i", random_.chance(0.8));
    const bool full = random_.chance(0.3);
    bench_.set("correction_full_i", full);
    const bool release = occupied_[oldest_] && random_.chance(0.05);
    bench_.set("release_i", release);
    bench_.set("release_half_i", oldest_);
    feed();
    check_step(full);
    check_load();
    bench_.edge();
    bench_.settle();
    check_write();
    checked_ += static_cast<std::size_t>(checked_now_);
    checked_now_ = 0;
    if (!release) return;
    occupied_[oldest_] = false;
    oldest_ ^= 1U;
  }

  // Rows of activations, then, beyond K, one of zeros.
  void check_load() {
    const int depth = g_.design.tile_bits;
    const bool beyond = made_tiles_ + 1 == tiles_ && loaded_ + 1 == depth;
    const bool load = bench_.is_set("load_o");
    const bool taken = bench_.is_set("activation_ready_o") && bench_.is_set("activation_valid_i");
    EXPECT_EQ(load, taken || beyond);
    if (!load) return;
    EXPECT_LT(made_tiles_, tiles_) << "all are loaded";
    EXPECT_EQ(bench_.is_set("load_first_o"), loaded_ == 0);
    EXPECT_EQ(bench_.is_set("load_ring_o"), loaded_ + 1 < depth);
    EXPECT_EQ(bench_.is_set("load_zero_o"), beyond);
    ++loaded_;
  }

  // What the planner does in this cycle.
  void check_step(bool full) {
    const bool begins = bench_.is_set("tile_begin_o");
    if (begins) {
      EXPECT_FALSE(begun_);
      begun_ = true;
      EXPECT_EQ(loaded_, g_.design.tile_bits) << "operands are missing";
      EXPECT_GT(checked_, 0U) << "not checked";
      EXPECT_FALSE(occupied_[half_]) << "not free";
      EXPECT_FALSE(full && made_tiles_ + 1 == tiles_) << "no room for the correction";
      EXPECT_EQ(bench_.get("tile_half_o"), half_);
      EXPECT_EQ(bench_.is_set("first_k_o"), made_tiles_ == 0);
      EXPECT_EQ(bench_.is_set("last_k_o"), made_tiles_ + 1 == tiles_);
    }
    making_.reset();
    if (!begun_) {
      EXPECT_FALSE(bench_.is_set("tile_built_o"));
      return;
    }
    making_ = queue_.front();
    queue_.pop_front();
    for (int lane = 0; lane < layout_.prefix_lanes; ++lane) {
      const auto& step = making_->lanes[static_cast<std::size_t>(lane)];
      EXPECT_EQ(bench_.field("parent_read_o", lane, layout_.banks_per_lane), step.parent_read);
      if (step.parent_read == 0) continue;
      EXPECT_EQ(bench_.field("parent_address_o", lane, layout_.address_bits), step.parent_address);
    }
    EXPECT_EQ(bench_.is_set("tile_built_o"), making_->last);
    if (making_->last) finish();
  }

  void finish() {
    begun_ = false;
    occupied_[half_] = true;
    half_ ^= 1U;
    loaded_ = 0;
    --checked_;
    ++made_tiles_;
  }

  // The step of the cycle before reaches lanes and banks.
  void check_write() {
    std::uint64_t nodes = 0;
    for (int lane = 0; lane < layout_.prefix_lanes; ++lane) {
      const transitive::LaneStep step =
          making_ ? making_->lanes[static_cast<std::size_t>(lane)] : transitive::LaneStep{};
      EXPECT_EQ(bench_.field("write_o", lane, layout_.banks_per_lane), step.write);
      nodes += step.write != 0 ? 1 : 0;
      if (!making_) continue;
      EXPECT_EQ(bench_.field("write_address_o", lane, layout_.address_bits), step.write_address);
      EXPECT_EQ(bench_.field("from_root_o", lane, 1), step.parent_read == 0 ? 1U : 0U);
      const auto none = static_cast<std::uint32_t>(layout_.prefix_lanes);
      EXPECT_EQ(bench_.field("operand_select_o", lane, layout_.prefix_lanes),
                step.operand == none ? 0U : 1U << step.operand);
    }
    EXPECT_EQ(bench_.get("nodes_built_o"), nodes);
  }

  units::Geometry g_ = geometry(GetParam());
  transitive::ProgramLayout layout_ = g_.program;
  Bench bench_{{hdl_walker(), units::compiled_planner(g_, hdl_walker())}};
  harness::Random random_{101};
  std::deque<Step> queue_;
  std::optional<Step> next_, making_;
  std::size_t unchecked_ = 0, checked_ = 0;
  int checked_now_ = 0, made_tiles_ = 0, tiles_ = 0, loaded_ = 0;
  bool complete_ = false, begun_ = false;
  std::size_t half_ = 0, oldest_ = 0;
  bool occupied_[2] = {false, false};

 private:
  hdl::Module hdl_walker() const { return units::tile_walker(g_, units::Walk::activations); }
};

TEST_P(CompiledPlanner, MakesCheckedStepsInOrder) {
  tiles_ = 60;
  begin(tiles_);
  for (int i = 0; i < 20000 && made_tiles_ < tiles_ && !HasFailure(); ++i) cycle();
  EXPECT_EQ(made_tiles_, tiles_);
  for (int i = 0; i < 100 && !HasFailure(); ++i) cycle();
}

INSTANTIATE_TEST_SUITE_P(
    At, CompiledPlanner,
    testing::Values(R"({"planner": "compiled", "columns": 4, "columns_per_adder": 2})",
                    R"({"planner": "compiled", "tile_bits": 3, "lanes": 2, "columns": 1,
                        "banks_per_lane": 1, "columns_per_adder": 1, "rows": 16})"));

}  // namespace
}  // namespace hasse::unit
