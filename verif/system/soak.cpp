// SPDX-License-Identifier: Apache-2.0
// Random designs, random shapes, random stalls, for as long as one likes. Whatever fails is
// repeated by the command that is printed. Started by flows/soak.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "verif/harness/workload.hpp"
#include "verif/system/random_designs.hpp"
#include "verif/system/rig.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::system {
namespace {

using Clock = std::chrono::steady_clock;

/// Small enough that a simulation is built in seconds.
constexpr DesignLimits kLimits{8, 8, 3, 200, 4000};
constexpr int kWork = 100000;                 ///< TransRows of a product, about.
constexpr std::uint64_t kEnough = 2'000'000;  ///< Cycles, after which the next design is due.

struct Options {
  std::uint64_t seed = 1, seeds = 1;
  double seconds = 60;
  int products = 3000;
};

harness::Operands random_product(const Rig& rig, harness::Random& random) {
  const transitive::Shape shape = rig.random_shape(random, kWork);
  harness::Operands operands = harness::random_operands(rig.engine(), shape, random.next());
  const int depth = rig.engine().config.depth();
  const int tiles = std::min(4, rig.engine().max_k / depth);  // That a group may have.
  if (rig.engine().config.scaling && random.chance(0.7))
    operands.scales =
        harness::random_scales(shape, depth * (1 + unit::below(random, tiles)), random.next());
  return operands;
}

/// Multiplies on the design of `seed`, no longer than `until`; the cycles that were simulated.
std::uint64_t soak(std::uint64_t seed, const Options& options, Clock::time_point until) {
  const std::string json = RandomDesigns(seed, kLimits).next();
  harness::Random random(seed);
  Rig rig({"Random", json.c_str()}, static_cast<std::uint32_t>(random.next() | 1));
  int products = 0;
  const auto goes_on = [&] {
    return products < options.products && rig.model().cycles() < kEnough && Clock::now() < until &&
           !testing::Test::HasFailure();
  };
  for (; goes_on(); ++products) {
    harness::GemmOptions gemm;
    gemm.seed = random.next();
    gemm.stall = random.chance(0.4) ? 0 : 0.1 * unit::below(random, 9);
    rig.multiply(random_product(rig, random), gemm);
  }
  const std::uint64_t cycles = rig.model().cycles();
  fmt::print("seed {}: {} products, {} cycles on {}\n", seed, products, cycles, json);
  std::fflush(stdout);
  return cycles;
}

Options options;

TEST(Soak, EveryProductIsExact) {
  const auto until = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                        std::chrono::duration<double>(options.seconds));
  // A given number of designs is run to the end, or a failure could not be repeated.
  const Clock::time_point stop = options.seeds > 0 ? Clock::time_point::max() : until;
  std::uint64_t cycles = 0, seed = options.seed;
  for (; Clock::now() < stop && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("repeat with: flows/soak --seed {} --once", seed));
    cycles += soak(seed, options, stop);
    if (options.seeds > 0 && seed + 1 == options.seed + options.seeds) {
      ++seed;
      break;
    }
  }
  fmt::print("total: seeds {}..{}, {} cycles\n", options.seed, seed - 1, cycles);
}

}  // namespace
}  // namespace hasse::system

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  CLI::App app("Multiplies random matrices on random engines, and compares with the exact product");
  hasse::system::Options& options = hasse::system::options;
  app.add_option("--seed", options.seed, "Of the first design")->capture_default_str();
  app.add_option("--seeds", options.seeds, "Designs, 0: until the time is up")
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "Without a number of designs: when to stop")
      ->capture_default_str();
  app.add_option("--products", options.products, "Of a design, at most")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return RUN_ALL_TESTS();
}
