// SPDX-License-Identifier: Apache-2.0
// Prints the tables of docs/planner-study.md: what planners build and how busy lanes are, by tile
// bits, rows, banks, look-ahead and the order of rows. Argument: the model with the real weights.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <random>
#include <span>

#include "golden/model/llama.hpp"
#include "golden/quant/quantize.hpp"
#include "golden/transitive/cycle_model.hpp"
#include "golden/transitive/fast_model.hpp"
#include "golden/transitive/program.hpp"
#include "golden/transitive/tests/random_weights.hpp"

namespace {

using namespace hasse::transitive;
using Weights = hasse::tensor::Matrix<std::int8_t>;

constexpr int kWeightBits = 4;
constexpr int kSubTiles = 512;    ///< Of random weights.
constexpr std::size_t kHead = 8;  ///< Sub-tiles at the start that do not count.

/// Rows of one weight matrix after the other: those of all projections of the hidden state.
Weights real_weights(const std::string& file) {
  const auto llama = hasse::model::Llama::load(file);
  const std::size_t columns = llama.config().hidden_size;
  std::vector<std::int8_t> codes;
  for (const std::string& name : llama.linear_names()) {
    if (llama.weight(name).cols() != columns) continue;
    const auto quantised = hasse::quant::quantize_weights(llama.weight(name), kWeightBits);
    codes.insert(codes.end(), quantised.values.values().begin(), quantised.values.values().end());
  }
  const std::size_t rows = codes.size() / columns;
  return {rows, columns, std::move(codes)};
}

/// The rows of `weights` in the order of `rows`.
Weights reorder(const Weights& weights, const std::vector<std::size_t>& rows) {
  Weights result(weights.rows(), weights.cols());
  for (std::size_t row = 0; row < rows.size(); ++row)
    std::ranges::copy(weights.row(rows[row]), result.row(row).begin());
  return result;
}

std::vector<std::size_t> row_numbers(const Weights& weights) {
  std::vector<std::size_t> rows(weights.rows());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

Weights shuffled(const Weights& weights) {
  std::vector<std::size_t> rows = row_numbers(weights);
  std::mt19937 random(1);
  std::ranges::shuffle(rows, random);
  return reorder(weights, rows);
}

/// By the first weight, rows with the same first by the second, and so on.
Weights sorted(const Weights& weights) {
  std::vector<std::size_t> rows = row_numbers(weights);
  std::ranges::sort(rows, [&](std::size_t a, std::size_t b) {
    return std::ranges::lexicographical_compare(weights.row(a), weights.row(b));
  });
  return reorder(weights, rows);
}

/// Means over sub-tiles in the steady state.
struct Result {
  double nodes = 0;      ///< Built.
  double cycles = 0;     ///< Per sub-tile.
  double transrows = 0;  ///< Per sub-tile.
  double steps = 0;      ///< Of building, per sub-tile.
  double conflicts = 0;  ///< Share of the lanes' cycles in which every candidate's bank was taken;
                         ///< of a program, words more than beats, over words.
};

Result follow(const EngineConfig& config, const Weights& weights) {
  const int n = static_cast<int>(weights.rows()), k = static_cast<int>(weights.cols());
  FastModel model(config);
  NodeSlicer slicer(config, kWeightBits, k);
  const int rows = config.rows_per_tile(kWeightBits);
  for (int row = 0; row + rows <= n; row += rows) {
    slicer.slice(weights, row, rows);
    for (int tile = 0; tile < slicer.tiles(); ++tile) model.push(slicer.tile(tile));
  }
  model.finish();
  const PaceCount& count = model.count();
  const auto subtiles = static_cast<double>(count.subtiles);
  const auto& done = model.subtile_done();
  return {static_cast<double>(count.nodes_built) / subtiles,
          static_cast<double>(done.back() - done[kHead - 1]) / (subtiles - kHead),
          static_cast<double>(count.transrows) / subtiles,
          static_cast<double>(count.build_steps) / subtiles,
          static_cast<double>(count.conflicts) / (static_cast<double>(done.back()) * config.lanes)};
}

/// Compiles whole N-tiles of `weights` and follows the program.
Result compiled(EngineConfig config, const Weights& weights) {
  config.planner = Planner::compiled;
  const int rows = config.rows_per_tile(kWeightBits);
  const int n = static_cast<int>(weights.rows()) / rows * rows;
  const Shape shape{n, static_cast<int>(weights.cols()), config.columns, kWeightBits};
  const auto size = static_cast<std::size_t>(n) * weights.cols();
  const Weights full(static_cast<std::size_t>(n), weights.cols(),
                     std::vector<std::int8_t>(weights.data(), weights.data() + size));
  CompileCounts counts;
  const Program program = compile(config, shape, WeightStream(config, shape, full), &counts);
  const std::vector<std::uint64_t> done = count_program_cycles(config, shape, program).subtile_done;
  const auto tiles = static_cast<double>(counts.tiles);
  return {static_cast<double>(counts.nodes) / tiles,
          static_cast<double>(done.back() - done[kHead - 1]) / (tiles - kHead),
          static_cast<double>(counts.transrows) / tiles, static_cast<double>(counts.steps) / tiles,
          static_cast<double>(counts.reads - counts.beats) / static_cast<double>(counts.reads)};
}

struct Point {
  EngineConfig config;
  std::array<Result, 8> results;  ///< lattice, orbit, dynamic, compiled; random, then real weights.
};

constexpr std::array kPlanners = {Planner::lattice, Planner::orbit, Planner::dynamic};
constexpr std::array kNames = {"lattice", "orbit", "dynamic"};

Point point_of(int tile_bits, int rows, const Weights& real) {
  Point point{{.tile_bits = tile_bits, .rows = rows}, {}};
  const Weights random = testing::random_weights(point.config.rows_per_tile(kWeightBits),
                                                 kSubTiles * tile_bits, kWeightBits);
  std::size_t at = 0;
  for (const Weights* weights : {&random, &real}) {
    for (const Planner planner : kPlanners) {
      EngineConfig config = point.config;
      config.planner = planner;
      point.results[at++] = follow(config, *weights);
    }
    point.results[at++] = compiled(point.config, *weights);
  }
  return point;
}

/// One table over all points; `cell` makes the text of a result.
template <class Cell>
void table(const std::string& title, std::span<const Point> points, Cell cell) {
  fmt::print("\n{}\n\n", title);
  fmt::print(
      "| T | R | lattice | orbit | dynamic | compiled | lattice, real | orbit, real | "
      "dynamic, real | compiled, real |\n|---:|---:|");
  for (int i = 0; i < 8; ++i) fmt::print("---:|");
  for (const Point& point : points) {
    fmt::print("\n| {} | {} |", point.config.tile_bits, point.config.rows);
    for (const Result& result : point.results) fmt::print(" {} |", cell(point.config, result));
  }
  fmt::print("\n");
}

void tables_of_planners(const Weights& real) {
  std::vector<Point> points;
  for (int tile_bits = 4; tile_bits <= 10; ++tile_bits)
    for (const int rows : {64, 128, 256, 512, 1024})
      points.push_back(point_of(tile_bits, rows, real));
  table("Nodes built per sub-tile", points, [](const EngineConfig&, const Result& result) {
    return fmt::format("{:.1f}", result.nodes);
  });
  table("Total density, %", points, [](const EngineConfig& config, const Result& result) {
    return fmt::format(
        "{:.1f}", 100 * (result.transrows + result.nodes) / (result.transrows * config.tile_bits));
  });
  table("Accumulate utilisation, %", points, [](const EngineConfig& config, const Result& result) {
    return fmt::format("{:.1f}", 100 * result.transrows / (config.lanes * result.cycles));
  });
  table("Prefix utilisation, %", points, [](const EngineConfig& config, const Result& result) {
    return fmt::format("{:.1f}", 100 * result.nodes / (config.dimension() * result.cycles));
  });
  table("Cycles per sub-tile over the bound", points,
        [](const EngineConfig& config, const Result& result) {
          return fmt::format("{:.3f}", result.cycles / bound_cycles(config, kWeightBits));
        });
}

void print_conflicts(const EngineConfig& config, const Result& result) {
  fmt::print(" {:.3f} ({:.1f}) |", result.cycles / bound_cycles(config, kWeightBits),
             100 * result.conflicts);
}

void table_of_banks(const Weights& real) {
  const EngineConfig base{};
  const Weights random =
      testing::random_weights(base.rows_per_tile(kWeightBits), kSubTiles * 8, kWeightBits);
  const std::array orders = {random, real, shuffled(real), sorted(real)};
  fmt::print(
      "\nCycles per sub-tile over the bound (bank conflicts, % of the lanes' cycles), T = 8, "
      "R = 256\n\n| planner | banks | look-ahead | random | real, as they are | real, "
      "shuffled | real, sorted |\n|---|---:|---:|---:|---:|---:|---:|\n");
  for (std::size_t planner = 0; planner < kPlanners.size(); ++planner)
    for (const int banks : {1, 2, 4})
      for (const int look_ahead : {1, 4, 8}) {
        EngineConfig config = base;
        config.planner = kPlanners[planner];
        config.banks_per_lane = banks;
        config.look_ahead = look_ahead;
        fmt::print("| {} | {} | {} |", kNames[planner], banks, look_ahead);
        for (const Weights& weights : orders) print_conflicts(config, follow(config, weights));
        fmt::print("\n");
      }
  for (const int banks : {1, 2, 4}) {
    EngineConfig config = base;
    config.banks_per_lane = banks;
    fmt::print("| compiled | {} | |", banks);
    for (const Weights& weights : orders) print_conflicts(config, compiled(config, weights));
    fmt::print("\n");
  }
}

/// What it costs a dynamic planner that every operand goes to one lane.
void table_of_networks(const Weights& real) {
  fmt::print(
      "\nOperands to the lanes of a dynamic planner by selectors and by a Benes network, R = 256: "
      "nodes, steps,\nand accumulate utilisation in %\n\n| T | banks | network | nodes | steps | "
      "random | real |\n|---:|---:|---|---:|---:|---:|---:|\n");
  for (const int tile_bits : {6, 7, 8, 9})
    for (const int banks : {2, 4})
      for (const bool benes : {false, true}) {
        EngineConfig config{.tile_bits = tile_bits, .banks_per_lane = banks};
        config.planner = Planner::dynamic;
        if (benes) config.operand_network = OperandNetwork::benes;
        const Result random =
            follow(config, testing::random_weights(config.rows_per_tile(kWeightBits),
                                                   kSubTiles * tile_bits, kWeightBits));
        const Result trained = follow(config, real);
        fmt::print("| {} | {} | {} | {:.1f} | {:.1f} | {:.1f} | {:.1f} |\n", tile_bits, banks,
                   benes ? "benes" : "select", random.nodes, random.steps,
                   100 * random.transrows / (config.lanes * random.cycles),
                   100 * trained.transrows / (config.lanes * trained.cycles));
      }
}

}  // namespace

int main(int argc, char** argv) {
  const Weights real = real_weights(argc > 1 ? argv[1] : "golden/model/bytelm.safetensors");
  fmt::print(
      "8 lanes, 2 banks per prefix lane, look-ahead 8, 4-bit weights. Random: {} sub-tiles "
      "of uniform ones; real: {} rows of {}.\n",
      kSubTiles, real.rows(), real.cols());
  tables_of_planners(real);
  table_of_banks(real);
  table_of_networks(real);
}
