// SPDX-License-Identifier: Apache-2.0
// Every valid design can be generated: the checks that modules make at construction, over many
// random designs with as many values as possible at their limits.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>

#include "generator/design/error.hpp"
#include "generator/emit/bundle.hpp"
#include "generator/units/engine.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::system {
namespace {

class RandomDesigns {
 public:
  explicit RandomDesigns(std::uint64_t seed) : random_(seed) {}

  /// A design that `hasse generate` accepts; it refuses about two of three candidates.
  design::Design next() {
    while (true) {
      const std::string json = candidate();
      try {
        return design::parse(json, "random");
      } catch (const design::DesignError&) {
        continue;
      }
    }
  }

 private:
  int between(int least, int most) { return least + unit::below(random_, most - least + 1); }
  /// Often at a limit, or small, where fields of the RTL are a bit wide.
  int edgy(int least, int most) {
    const int choice = between(0, 4);
    if (choice == 0) return least;
    if (choice == 1) return most;
    return choice == 2 ? between(least, std::min(most, least + 15)) : between(least, most);
  }

  std::string candidate() {
    const char* engine = std::array{"banked", "split", "dot_product", "bit_serial",
                                    "bitvert"}[static_cast<std::size_t>(between(0, 4))];
    const bool streams = engine != std::string("banked");
    const int per_adder = 1 << between(0, 2), lanes = edgy(1, streams ? 64 : 16),
              weight_bits = edgy(2, 8);
    return nlohmann::json{
        {"engine", engine},
        {"tables", streams ? edgy(1, 12) : 8},
        {"tile_bits", edgy(2, streams ? 6 : 10)},
        {"lanes", lanes},
        {"banks_per_lane", streams ? 2 : edgy(1, 4)},
        {"look_ahead", streams ? 8 : edgy(1, 8)},
        {"columns", per_adder * edgy(1, 16)},
        {"columns_per_adder", per_adder},
        {"rows", std::max(8, lanes * weight_bits + between(0, 1) * between(0, 300))},
        {"activation_bits", 4 << between(0, 2)},
        {"weight_bits", weight_bits},
        {"accumulator_bits", edgy(16, 64)},
        {"max_n", edgy(1, 65535)},
        {"max_k", edgy(1, 65535)},
        {"max_m", edgy(1, 65535)},
        {"units", between(0, 1) == 0 ? 1 : between(2, 16)},
        {"share", between(0, 1) == 0 ? "activations" : "weights"},
        {"bus", between(0, 1) == 0 ? "native" : "axi"}}
        .dump();
  }

  harness::Random random_;
};

TEST(Generation, AcceptsEveryValidDesign) {
  RandomDesigns designs(79);
  for (int i = 0; i < 400; ++i) {
    const design::Design design = designs.next();
    try {
      EXPECT_FALSE(emit::bundle(design, units::build(design)).files.empty());
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what() << "\n" << design::to_json(design).dump();
    }
  }
}

}  // namespace
}  // namespace hasse::system
