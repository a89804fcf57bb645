// SPDX-License-Identifier: Apache-2.0
// Prints the tables of docs/engine.md and docs/planner-interface.md: steady-state cycles per
// sub-tile by the cycle model, and what planners build.
#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <vector>

#include "golden/transitive/cycle_model.hpp"
#include "golden/transitive/orbit_forest.hpp"
#include "golden/transitive/tests/random_weights.hpp"
#include "golden/transitive/tile_planner.hpp"

namespace {

using hasse::transitive::EngineConfig;
using hasse::transitive::Planner;

/// A run long enough for its two ends not to matter.
constexpr int kSubTiles = 512;

struct Steady {
  double cycles;  ///< per sub-tile
  double bound;   ///< TransRows of a sub-tile over the lanes
  hasse::transitive::LaneCycles lanes;
};

/// Cycles of a sub-tile of uniform random codes in the middle of one N-tile with a long K.
Steady steady(const EngineConfig& engine, int weight_bits) {
  const hasse::transitive::Shape shape{engine.rows_per_tile(weight_bits),
                                       kSubTiles * engine.tile_bits, engine.columns, weight_bits};
  const auto weights = hasse::transitive::testing::random_weights(shape.n, shape.k, weight_bits);
  const auto count = hasse::transitive::count_cycles(
      engine, shape, hasse::transitive::WeightStream(engine, shape, weights));
  return {hasse::transitive::steady_state_cycles(engine, shape, count.subtile_done),
          static_cast<double>(engine.transrows_per_tile(weight_bits)) / engine.lanes, count.lanes};
}

void heading(const std::string& first, const std::vector<std::string>& columns) {
  std::string line = "| " + first + " |";
  std::string rule = "|---|";
  for (const std::string& column : columns) {
    line += " " + column + " |";
    rule += "---:|";
  }
  fmt::print("{}\n{}\n", line, rule);
}

void cell(const Steady& result) {
  fmt::print(" {:.1f} ({:.3f}) |", result.cycles, result.cycles / result.bound);
}

void table_of_banks() {
  fmt::print("\nBy rows R, banks per lane and look-ahead (T = 8, 8 lanes, 4-bit weights):\n\n");
  const std::vector<std::pair<int, int>> points = {{1, 4}, {1, 8}, {2, 1}, {2, 4},
                                                   {2, 8}, {4, 4}, {4, 8}};
  std::vector<std::string> names;
  for (const auto& [banks, depth] : points)
    names.push_back(fmt::format("{} bank{}, {} ahead", banks, banks == 1 ? "" : "s", depth));
  heading("R", names);
  for (const int rows : {64, 128, 192, 224, 256, 512, 1024}) {
    fmt::print("| {} |", rows);
    for (const auto& [banks, depth] : points)
      cell(steady({.banks_per_lane = banks, .look_ahead = depth, .rows = rows}, 4));
    fmt::print("\n");
  }
}

void table_of_weight_bits() {
  fmt::print("\nBy weight bits S and columns per adder (T = 8, 8 lanes, R = 256):\n\n");
  heading("S", {"1 column", "2 columns", "4 columns"});
  for (int bits = 2; bits <= 8; ++bits) {
    fmt::print("| {} |", bits);
    for (const int columns : {1, 2, 4}) cell(steady({.columns_per_adder = columns}, bits));
    fmt::print("\n");
  }
}

void table_of_heights() {
  fmt::print("\nBy tile bits T (8 lanes, R = 256 and 1024, 4-bit weights):\n\n");
  heading("T", {"build steps", "T + steps", "R = 256", "R = 1024"});
  for (int bits = 4; bits <= 10; ++bits) {
    const auto steps = static_cast<int>(hasse::transitive::Lattice(bits - 1).steps().size());
    fmt::print("| {} | {} | {} |", bits, steps, steps + bits);
    for (const int rows : {256, 1024}) cell(steady({.tile_bits = bits, .rows = rows}, 4));
    fmt::print("\n");
  }
}

void table_of_lane_cycles() {
  fmt::print("\nWhat the accumulate lanes do, in % of their cycles (T = 8, 4-bit weights):\n\n");
  heading("R", {"read", "bank conflict", "reorder buffer full", "nodes not built", "no code"});
  for (const int rows : {128, 256, 512}) {
    const auto lanes = steady({.rows = rows}, 4).lanes;
    const double all = static_cast<double>(lanes.reading + lanes.conflict + lanes.reorder +
                                           lanes.nodes + lanes.codes);
    fmt::print("| {} |", rows);
    for (const auto part : {lanes.reading, lanes.conflict, lanes.reorder, lanes.nodes, lanes.codes})
      fmt::print(" {:.1f} |", 100 * static_cast<double>(part) / all);
    fmt::print("\n");
  }
}

/// Means over random sub-tiles.
struct Plans {
  double present = 0, built = 0, busiest = 0, steps = 0;
};

/// `plan`: makes the plan of a sub-tile from its nodes.
template <class Plan>
Plans mean_plans(int dimension, int rows, const Plan& plan_of) {
  constexpr int kTiles = 400;
  std::mt19937 random(1);
  Plans mean;
  for (int tile = 0; tile < kTiles; ++tile) {
    std::vector<bool> present(std::size_t{1} << dimension);
    for (int row = 0; row < rows; ++row) present[random() % present.size()] = true;
    const hasse::transitive::BuildPlan plan = plan_of(present);
    std::vector<int> busy(static_cast<std::size_t>(dimension));
    for (const auto& node : plan.nodes) ++busy[static_cast<std::size_t>(node.lane)];
    mean.present += static_cast<double>(std::count(present.begin(), present.end(), true)) / kTiles;
    mean.built += static_cast<double>(plan.nodes.size()) / kTiles;
    mean.busiest += static_cast<double>(*std::max_element(busy.begin(), busy.end())) / kTiles;
    mean.steps += static_cast<double>(plan.steps) / kTiles;
  }
  return mean;
}

Plans mean_plans(Planner planner, int dimension, int rows) {
  using namespace hasse::transitive;
  const OrbitForest forest(dimension);
  return planner == Planner::orbit
             ? mean_plans(dimension, rows,
                          [&](const auto& present) { return forest.plan(present); })
             : mean_plans(dimension, rows, [&](const auto& present) {
                 return dynamic_plan(DynamicPlan(dimension, present));
               });
}

void table_of_plans(Planner planner, const char* name) {
  fmt::print(
      "\nWhat the {} planner builds of random sub-tiles, in how many steps, and the cycles\n"
      "per sub-tile (4-bit weights), with those of the lattice:\n\n",
      name);
  heading("T", {"R", "nodes asked for", "nodes built", "busiest lane", "steps", "lattice steps",
                "cycles", "lattice cycles"});
  for (int bits = 7; bits <= 10; ++bits)
    for (const int rows : {64, 128, 256, 512, 1024}) {
      const Plans mean = mean_plans(planner, bits - 1, rows);
      fmt::print("| {} | {} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {} |", bits, rows, mean.present,
                 mean.built, mean.busiest, mean.steps,
                 hasse::transitive::Lattice(bits - 1).steps().size());
      for (const auto shown : {planner, Planner::lattice})
        cell(steady({.tile_bits = bits, .rows = rows, .planner = shown}, 4));
      fmt::print("\n");
    }
}

}  // namespace

int main() {
  fmt::print("Cycles per sub-tile, and their ratio to R / lanes (whole groups of rows).\n");
  table_of_banks();
  table_of_weight_bits();
  table_of_heights();
  table_of_lane_cycles();
  table_of_plans(Planner::orbit, "orbit");
  table_of_plans(Planner::dynamic, "dynamic");
}
