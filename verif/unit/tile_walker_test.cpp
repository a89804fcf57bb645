// SPDX-License-Identifier: Apache-2.0
// The tile walkers against three nested loops.
#include <gtest/gtest.h>

#include <algorithm>

#include "generator/units/units.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

using units::Walk;

struct Shape {
  int n, k, m, tile_rows;
  int group = 0;  ///< Of a design that scales groups.
};

struct Tile {
  int rows, depth, columns;
  bool first_k, last_k, last;
};

std::vector<Tile> nested_loops(const design::Design& d, const Shape& shape, Walk walk) {
  std::vector<Tile> tiles;
  const bool scaled = d.scaling == "group", results = walk == Walk::results;
  const int group = scaled ? shape.group : shape.k, step = results ? group : d.tile_bits;
  const int k_end = results && !scaled ? 1 : shape.k;
  for (int m = 0; m < shape.m; m += d.columns)
    for (int n = 0; n < shape.n; n += shape.tile_rows)
      for (int k = 0; k < k_end; k += step)
        tiles.push_back({std::min(shape.tile_rows, shape.n - n), std::min(d.tile_bits, k_end - k),
                         std::min(d.columns, shape.m - m), results ? k == 0 : k % group == 0,
                         k + step >= k_end || (!results && (k + step) % group == 0),
                         n + shape.tile_rows >= shape.n &&
                             (walk == Walk::programs || m + d.columns >= shape.m) &&
                             (walk == Walk::weights || k + step >= k_end)});
  return tiles;
}

struct Case {
  Walk walk;
  const char* design;
};

// Fields of n, k and m wider than those of a tile, and narrower.
constexpr const char* kWide =
    R"({"tile_bits": 4, "lanes": 2, "columns": 6, "columns_per_adder": 2, "rows": 32,
        "max_n": 200, "max_k": 90, "max_m": 50})";
constexpr const char* kNarrow =
    R"({"tile_bits": 7, "lanes": 2, "columns": 3, "columns_per_adder": 1, "rows": 32,
        "max_n": 3, "max_k": 7, "max_m": 3})";

constexpr const char* kScaled =
    R"({"tile_bits": 4, "lanes": 2, "columns": 6, "columns_per_adder": 2, "rows": 32,
        "max_n": 100, "max_k": 90, "max_m": 20, "scaling": "group"})";

class TileWalker : public testing::TestWithParam<Case> {
 protected:
  void begin(const Shape& shape) {
    bench_.set("n_i", static_cast<std::uint64_t>(shape.n));
    if (bench_.model().has_port("k_i")) bench_.set("k_i", static_cast<std::uint64_t>(shape.k));
    if (bench_.model().has_port("group_i"))
      bench_.set("group_i", static_cast<std::uint64_t>(shape.group));
    bench_.set("m_i", static_cast<std::uint64_t>(shape.m));
    bench_.set("tile_rows_i", static_cast<std::uint64_t>(shape.tile_rows));
    bench_.set("begin_i", 1);
    bench_.settle();
    EXPECT_FALSE(bench_.is_set("active_o"));
    bench_.edge();
    bench_.set("begin_i", 0);
  }

  void expect_output(const std::string& port, int value) {
    if (!bench_.model().has_port(port)) return;
    EXPECT_EQ(bench_.get(port), static_cast<std::uint64_t>(value)) << port;
  }

  void expect_tile(const Tile& tile) {
    EXPECT_TRUE(bench_.is_set("active_o"));
    expect_output("rows_o", tile.rows);
    expect_output("depth_o", tile.depth);
    expect_output("columns_o", tile.columns);
    expect_output("first_k_o", tile.first_k);
    expect_output("last_k_o", tile.last_k);
    expect_output("last_o", tile.last);
  }

  void walk(const Shape& shape) {
    begin(shape);
    for (const Tile& tile : nested_loops(g_.design, shape, GetParam().walk)) {
      bool advance = false;
      while (!advance) {
        advance = random_.chance(0.7);
        bench_.set("advance_i", advance);
        bench_.settle();
        expect_tile(tile);
        bench_.edge();
      }
    }
    bench_.set("advance_i", 0);
    bench_.settle();
    EXPECT_FALSE(bench_.is_set("active_o"));
  }

  int random_group() {
    const int tile = g_.design.tile_bits;
    return tile * (1 + below(random_, g_.design.max_k / tile));
  }

  Shape random_shape() {
    const design::Design& d = g_.design;
    return {1 + below(random_, d.max_n), 1 + below(random_, d.max_k), 1 + below(random_, d.max_m),
            1 + below(random_, g_.engine.rows_per_tile(2)), random_group()};
  }

  units::Geometry g_ = geometry(GetParam().design);
  Bench bench_{{units::tile_walker(g_, GetParam().walk)}};
  harness::Random random_{7};
};

TEST_P(TileWalker, TakesTheTilesOfNestedLoops) {
  const design::Design& d = g_.design;
  const int rows = g_.engine.rows_per_tile(2);
  walk({1, 1, 1, 1, d.tile_bits});
  walk({1, 1, 1, rows, d.tile_bits});
  walk({d.max_n, d.max_k, d.max_m, rows, 3 * d.tile_bits});
  for (int i = 0; i < 60 && !HasFailure(); ++i) walk(random_shape());
}

TEST_P(TileWalker, StopsAtResetAndStartsAnew) {
  const design::Design& d = g_.design;
  begin({d.max_n, d.max_k, d.max_m, 2, d.tile_bits});
  bench_.model().reset();
  bench_.settle();
  EXPECT_FALSE(bench_.is_set("active_o"));
  walk({d.max_n, d.max_k, d.max_m, 2, d.tile_bits});
}

std::string case_name(const testing::TestParamInfo<Case>& info) {
  const std::string kinds[] = {"Weights", "Programs", "Activations", "Results"};
  return kinds[static_cast<int>(info.param.walk)] + (info.param.design == kWide ? "OfWideFields"
                                                     : info.param.design == kScaled
                                                         ? "OfGroups"
                                                         : "OfNarrowFields");
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, TileWalker,
    testing::Values(Case{Walk::weights, kWide}, Case{Walk::programs, kWide},
                    Case{Walk::programs, kNarrow}, Case{Walk::programs, kScaled},
                    Case{Walk::activations, kWide}, Case{Walk::results, kWide},
                    Case{Walk::weights, kNarrow}, Case{Walk::activations, kNarrow},
                    Case{Walk::results, kNarrow}, Case{Walk::weights, kScaled},
                    Case{Walk::activations, kScaled}, Case{Walk::results, kScaled}),
    case_name);

}  // namespace
}  // namespace hasse::unit
