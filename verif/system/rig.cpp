// SPDX-License-Identifier: Apache-2.0
#include "verif/system/rig.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "generator/emit/bundle.hpp"
#include "generator/emit/directory.hpp"
#include "generator/units/engine.hpp"
#include "golden/tensor/gemm.hpp"
#include "golden/transitive/array_model.hpp"
#include "golden/transitive/tile_planner.hpp"
#include "verif/harness/generated.hpp"
#include "verif/harness/workload.hpp"
#include "verif/unit/bench.hpp"
#include "verif/unit/coverage.hpp"

namespace hasse::system {
namespace {

std::string describe(const transitive::Shape& shape) {
  return fmt::format("{} x {} x {}, {} bits", shape.n, shape.k, shape.m, shape.weight_bits);
}

/// TransRows of one pass over the weights, and those of them that are zero.
std::pair<std::uint64_t, std::uint64_t> count_codes(const transitive::WeightStream& stream) {
  std::uint64_t all = 0, zero = 0;
  for (std::size_t beat = 0; beat < stream.beats().size(); ++beat)
    for (int lane = 0; lane < stream.beats()[beat].lanes; ++lane) {
      ++all;
      zero += stream.code(beat, lane) == 0 ? 1 : 0;
    }
  return {all, zero};
}

void expect_streamed_counters(const harness::Engine& engine, const transitive::Shape& product,
                              const harness::GemmRun& run) {
  const transitive::EngineConfig& config = engine.config;
  const transitive::Shape shape = engine.array().unit_shape(product);
  const auto units = static_cast<std::uint64_t>(engine.units);
  const auto tiles = [](int size, int tile) {
    return static_cast<std::uint64_t>((size + tile - 1) / tile);
  };
  const std::uint64_t passes = tiles(shape.m, config.columns) * tiles(shape.k, config.depth());
  const std::uint64_t subtiles = passes * tiles(shape.n, config.tile_rows(shape));
  const auto row_beats =
      static_cast<std::uint64_t>(shape.n * config.beats_per_row(shape.weight_bits));
  EXPECT_EQ(run.counters.transrows, units * passes * row_beats) << describe(shape);
  EXPECT_EQ(run.counters.zero_transrows, 0U) << describe(shape);
  EXPECT_EQ(run.counters.nodes_built,
            units * subtiles * static_cast<std::uint64_t>(config.stationary_words()))
      << describe(shape);
  EXPECT_EQ(run.subtile_done.size(), subtiles) << describe(shape);
}

void expect_counters(const harness::Engine& engine, const harness::Operands& operands,
                     const harness::GemmRun& run) {
  const transitive::Shape shape = operands.shape();
  if (engine.config.streams()) return expect_streamed_counters(engine, shape, run);
  const transitive::ArrayConfig array = engine.array();
  const transitive::Shape own = array.unit_shape(shape);
  const auto passes =
      static_cast<std::uint64_t>((own.m + engine.config.columns - 1) / engine.config.columns);
  std::uint64_t codes = 0, zero_codes = 0, tiles = 0, nodes = 0, misses = 0;
  for (int unit = 0; unit < engine.units; ++unit) {
    const transitive::WeightStream stream = array.unit_stream(shape, operands.weights, unit);
    const auto [all, zero] = count_codes(stream);
    codes += all;
    zero_codes += zero;
    tiles += static_cast<std::uint64_t>(stream.tiles());
    if (engine.takes_programs()) {
      transitive::CompileCounts counts;
      transitive::compile(engine.config, own, stream, &counts);
      nodes += counts.nodes;
      continue;
    }
    const transitive::TilePlanner planner(engine.config, stream);
    nodes += planner.nodes_in_pass();
    misses += planner.misses_in_pass();
  }
  EXPECT_EQ(run.counters.transrows, passes * codes) << describe(shape);
  EXPECT_EQ(run.counters.zero_transrows, passes * zero_codes) << describe(shape);
  EXPECT_EQ(run.counters.nodes_built, passes * nodes) << describe(shape);
  EXPECT_EQ(run.counters.si_misses, passes * misses) << describe(shape);
  EXPECT_EQ(run.subtiles, passes * tiles) << describe(shape);
}

void expect_cycles(const harness::Engine& engine, const harness::Operands& operands,
                   const harness::GemmRun& run,
                   const std::optional<transitive::MemoryConfig>& memory) {
  const transitive::Shape shape = operands.shape();
  const transitive::ArrayCount predicted =
      transitive::count_array_cycles(engine.array(), shape, operands.weights, {}, memory);
  EXPECT_EQ(run.counters.cycles, predicted.cycles) << describe(shape);
  EXPECT_EQ(run.subtile_done, predicted.subtile_done()) << describe(shape);
  if (!memory) {
    EXPECT_EQ(run.counters.stall_cycles, 0U) << describe(shape);
  }
}

}  // namespace

std::string first_difference(const tensor::Matrix<std::int64_t>& y,
                             const tensor::Matrix<std::int64_t>& exact) {
  for (std::size_t r = 0; r < exact.rows(); ++r)
    for (std::size_t c = 0; c < exact.cols(); ++c)
      if (y(r, c) != exact(r, c))
        return fmt::format("row {}, column {} is {}, not {}", r, c, y(r, c), exact(r, c));
  return "";
}

Emitted::Emitted(const Point& point)
    : parent_(testing::TempDir()), dir_(parent_.path() / "generated") {
  const design::Design design = design_of(point);
  emit::write(emit::bundle(design, units::build(design)), dir_);
}

harness::RtlSource Emitted::source() const {
  return harness::generated_source(dir_);
}

Rig::Rig(const Point& point, std::uint32_t seed)
    : emitted_(point),
      source_(emitted_.source()),
      engine_(harness::generated_engine(emitted_.dir())),
      model_(unit::build_once(source_), seed),
      driver_(model_, engine_) {
  model_.reset();
}

Rig::~Rig() {
  unit::collect_coverage(model_, source_);
}

harness::GemmRun Rig::multiply(const harness::Operands& operands,
                               const harness::GemmOptions& options) {
  harness::GemmRun run = driver_.run(operands, options);
  EXPECT_FALSE(run.refused) << describe(operands.shape());
  EXPECT_EQ(first_difference(run.y, harness::exact_results(engine_, operands)), "")
      << describe(operands.shape());
  expect_counters(engine_, operands, run);
  if (options.stall == 0) expect_cycles(engine_, operands, run, options.memory);
  return run;
}

void Rig::expect_memory_bound(harness::Random& random) {
  std::uint64_t waits = 0;
  for (const double share : {0.05, 0.3, 1.1})
    for (const int latency : {0, 9, 150}) {
      const transitive::MemoryConfig beat = engine_.memory(0, 0);
      harness::GemmOptions options;
      options.memory = engine_.memory(
          share * (beat.weight_bytes + beat.activation_bytes + beat.result_bytes), latency);
      const harness::Operands operands =
          harness::random_operands(engine_, random_shape(random, 800), random.next());
      waits += multiply(operands, options).counters.stall_cycles;
    }
  EXPECT_GT(waits, 0U);
}

transitive::Shape Rig::random_shape(harness::Random& random, int work) const {
  const int least = engine_.least_weight_bits();
  const int bits = least + unit::below(random, engine_.weight_bits - least + 1);
  const auto side = [&](int tile, int most) {
    const int around = tile * (1 + unit::below(random, 3)) + unit::below(random, 3) - 1;
    const int size = random.chance(0.4) ? around : 1 + unit::below(random, 3 * tile);
    return std::clamp(size, 1, most);
  };
  const transitive::EngineConfig config = engine_.streams();
  transitive::Shape shape{side(config.rows_per_tile(bits), engine_.max_n),
                          side(config.depth(), engine_.max_k), side(config.columns, engine_.max_m),
                          bits};
  shape.unsigned_activations = engine_.takes_unsigned && random.chance(0.6);
  const auto transrows = [&] { return shape.n * shape.k / config.depth() * bits; };
  while (transrows() > work && shape.n > 1) shape.n = (shape.n + 1) / 2;
  return shape;
}

}  // namespace hasse::system
