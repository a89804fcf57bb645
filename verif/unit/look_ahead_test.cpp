// SPDX-License-Identifier: Apache-2.0
// One lane's window against a list of candidates.
#include <gtest/gtest.h>

#include <optional>

#include "generator/units/transrow.hpp"
#include "generator/units/units.hpp"
#include "golden/transitive/hasse_graph.hpp"
#include "verif/unit/bench.hpp"
#include "verif/unit/fifo_model.hpp"

namespace hasse::unit {
namespace {

/// A node as a read names it.
struct Place {
  int bank, half, address;
  bool operator==(const Place&) const = default;
};

struct Candidate {
  Place place;
  int tag;
};

/// A TransRow as the dispatch hands it over.
struct TransRow {
  transitive::Code code;
  unsigned tag;  ///< {half, last_k, first_k, first_row, last, first}
};

/// What the unit's registers hold.
struct WindowModel {
  explicit WindowModel(const units::Geometry& geometry)
      : g(geometry), queue(g.engine.code_queue_depth()) {}

  /// The place of the node that `row` needs.
  Place place_of(const TransRow& row) const {
    const auto place = g.lattice.place(transitive::mirror(row.code, g.design.tile_bits).node);
    const int banks = g.design.banks_per_lane;
    return {place.lane * banks + place.slot % banks, half_of_row(row), place.slot / banks};
  }
  static int half_of_row(const TransRow& row) {
    return static_cast<int>((row.tag >> units::kHalf) & 1U);
  }

  /// The oldest candidate whose bank is unclaimed, or claimed for the very same node.
  std::optional<std::size_t> choose(const std::vector<std::optional<Place>>& claims) const {
    for (std::size_t i = 0; i < window.size(); ++i) {
      const auto& claim = claims[static_cast<std::size_t>(window[i].place.bank)];
      if (!claim || *claim == window[i].place) return i;
    }
    return std::nullopt;
  }
  bool accepts(unsigned built, bool grant) const {
    return queue.valid() && ((built >> half_of_row(queue.front())) & 1U) != 0 &&
           used < g.reorder_depth &&
           (grant || static_cast<int>(window.size()) < g.design.look_ahead);
  }

  const units::Geometry& g;
  FifoModel<TransRow> queue;
  std::vector<Candidate> window;
  int used = 0;
  int next_tag = 0;
};

class LookAhead : public testing::TestWithParam<const char*> {
 protected:
  using Claims = std::vector<std::optional<Place>>;

  // Claims of the lanes before, often on a node that the window wants too.
  Claims random_claims() {
    Claims claims(static_cast<std::size_t>(g_.derived.banks));
    const double density = crowded_ ? 1 : random_.chance(0.5) ? 0.2 : 0.8;
    for (int bank = 0; bank < g_.derived.banks; ++bank) {
      if (!random_.chance(density)) continue;
      Place place{bank, below(random_, 2), below(random_, g_.bank_depth)};
      for (const Candidate& c : model_.window)
        if (c.place.bank == bank && random_.chance(crowded_ ? 0.02 : 0.5)) place = c.place;
      claims[static_cast<std::size_t>(bank)] = place;
    }
    return claims;
  }

  void set_claims(const Claims& claims) {
    for (int bank = 0; bank < g_.derived.banks; ++bank) {
      const auto& claim = claims[static_cast<std::size_t>(bank)];
      // Whatever stands beside "taken" must not matter when nothing is taken.
      const int unclaimed = below(random_, 1 << (g_.claim_bits - 1)) << 1;
      const int field = claim ? claim->address << 2 | claim->half << 1 | 1 : unclaimed;
      bench_.set_field("claims_i", bank, g_.claim_bits, field);
      before_[static_cast<std::size_t>(bank)] = static_cast<std::uint64_t>(field);
    }
  }

  void expect_claims(const Claims& claims) {
    for (int bank = 0; bank < g_.derived.banks; ++bank) {
      const auto& claim = claims[static_cast<std::size_t>(bank)];
      const std::uint64_t field = bench_.field("claims_o", bank, g_.claim_bits);
      ASSERT_EQ(field, claim
                           ? static_cast<std::uint64_t>(claim->address << 2 | claim->half << 1 | 1)
                           : before_[static_cast<std::size_t>(bank)])
          << "bank " << bank;
    }
  }

  void cycle(bool feed) {
    const TransRow row{static_cast<transitive::Code>(below(random_, 1 << g_.design.tile_bits)),
                       static_cast<unsigned>(below(random_, 1 << units::code_tag_bits(g_)))};
    const bool push = feed && model_.queue.ready() && random_.chance(0.8);
    const bool credit = model_.used > 0 && static_cast<int>(model_.window.size()) < model_.used &&
                        random_.chance(0.6);
    if (random_.chance(0.1)) built_ = static_cast<unsigned>(below(random_, 4));
    if (!feed) built_ = 3;
    Claims claims = random_claims();
    bench_.set("code_valid_i", push);
    bench_.set("code_i", row.code);
    bench_.set("tag_i", row.tag);
    bench_.set("built_i", built_);
    bench_.set("credit_i", credit);
    set_claims(claims);
    bench_.settle();
    const auto chosen = model_.choose(claims);
    const bool accept = model_.accepts(built_, chosen.has_value());
    check_alloc(accept);
    bench_.edge();
    advance(push ? &row : nullptr, accept, credit, chosen, claims);
    bench_.settle();
    check_pick(claims);
  }

  void check_alloc(bool accept) {
    ASSERT_EQ(bench_.is_set("alloc_o"), accept);
    if (!accept) return;
    ASSERT_EQ(bench_.get("alloc_tag_o"), static_cast<std::uint64_t>(model_.next_tag));
    const TransRow& row = model_.queue.front();
    const bool first = (row.tag >> units::kFirst) & 1U;
    const bool negate = transitive::mirror(row.code, g_.design.tile_bits).negate != first;
    ASSERT_EQ(bench_.get("alloc_flags_o"), (row.tag & 31U) | (negate ? 32U : 0U));
  }

  void advance(const TransRow* push, bool accept, bool credit, std::optional<std::size_t> chosen,
               Claims& claims) {
    picked_.reset();
    if (chosen) {
      picked_ = model_.window[*chosen];
      auto& claim = claims[static_cast<std::size_t>(picked_->place.bank)];
      shared_ += claim.has_value() ? 1 : 0;
      overtaken_ += *chosen > 0 ? 1 : 0;
      claim = picked_->place;
      model_.window.erase(model_.window.begin() + static_cast<std::ptrdiff_t>(*chosen));
      ++picks_;
    }
    if (accept) {
      model_.window.push_back({model_.place_of(model_.queue.front()), model_.next_tag});
      model_.next_tag = (model_.next_tag + 1) % g_.reorder_depth;
    }
    model_.used += (accept ? 1 : 0) - (credit ? 1 : 0);
    model_.queue.tick(push, accept);
    pushes_ += push != nullptr ? 1 : 0;
  }

  void check_pick(const Claims& claims) {
    expect_claims(claims);
    ASSERT_EQ(bench_.is_set("pick_valid_o"), picked_.has_value());
    if (!picked_) return;
    const std::uint64_t pick = bench_.get("pick_o");
    ASSERT_EQ(pick & ((1U << g_.bank_bits) - 1), static_cast<std::uint64_t>(picked_->place.bank));
    ASSERT_EQ(pick >> g_.bank_bits,
              static_cast<std::uint64_t>(picked_->tag << 1 | picked_->place.half));
  }

  void run(int cycles) {
    for (int i = 0; i < cycles && !HasFailure(); ++i) {
      crowded_ = i / 50 % 2 != 0;
      cycle(true);
    }
    crowded_ = false;
    for (int i = 0; i < 600 && !HasFailure(); ++i) cycle(false);
    EXPECT_EQ(picks_, pushes_) << "every TransRow is picked exactly once";
    EXPECT_GT(shared_, 0);
    if (g_.design.look_ahead > 1) {
      EXPECT_GT(overtaken_, 0);
    }
  }

  units::Geometry g_ = geometry(GetParam());
  hdl::Module lookup_ = units::node_lookup(g_);
  Bench bench_{{lookup_, units::look_ahead(g_, lookup_)}};
  harness::Random random_{17};
  WindowModel model_{g_};
  unsigned built_ = 3;
  std::optional<Candidate> picked_;
  std::vector<std::uint64_t> before_ =  ///< Claims that came, by bank.
      std::vector<std::uint64_t>(static_cast<std::size_t>(g_.derived.banks));
  bool crowded_ = false;  ///< Every bank is claimed; the window fills up.
  int pushes_ = 0, picks_ = 0, shared_ = 0, overtaken_ = 0;
};

TEST_P(LookAhead, PicksTheOldestThatMayRead) {
  run(6000);
}

TEST_P(LookAhead, IsEmptyAfterReset) {
  for (int i = 0; i < 50 && !HasFailure(); ++i) cycle(true);
  bench_.set("code_valid_i", 0);
  bench_.set("credit_i", 0);
  bench_.model().reset();
  model_.~WindowModel();
  new (&model_) WindowModel(g_);
  pushes_ = picks_ = 0;
  run(300);
}

TEST_P(LookAhead, IcarusAgrees) {
  const harness::Recording recording(bench_.model());
  bench_.model().reset();
  run(400);
  expect_icarus_agrees(bench_, recording);
}

INSTANTIATE_TEST_SUITE_P(
    Designs, LookAhead,
    testing::Values(
        R"({"tile_bits": 4, "lanes": 2, "look_ahead": 4, "rows": 32})",
        R"({"tile_bits": 5, "lanes": 1, "banks_per_lane": 1, "look_ahead": 1, "rows": 16})",
        R"({"tile_bits": 8, "lanes": 3, "banks_per_lane": 3, "look_ahead": 8, "rows": 64})"));

}  // namespace
}  // namespace hasse::unit
