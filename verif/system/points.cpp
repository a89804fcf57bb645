// SPDX-License-Identifier: Apache-2.0
#include "verif/system/points.hpp"

namespace hasse::system {

const Point kSplit = {"SplitDefault", R"({"engine": "split"})"};
const Point kBanked = {"BankedDefault", R"({"engine": "banked"})"};
const Point kRows512 = {"Rows512", R"({"engine": "banked", "rows": 512, "columns": 4})"};
const Point kTiny = {"Tiny", R"({"engine": "banked", "tile_bits": 4, "lanes": 2, "columns": 4,
    "columns_per_adder": 2, "rows": 32, "weight_bits": 4, "accumulator_bits": 24, "max_n": 1024,
    "max_k": 4096, "max_m": 1024})"};

std::span<const Point> arrays() {
  static const Point all[] = {
      Point{"TwoOrbits", R"({"engine": "banked", "units": 2, "planner": "orbit", "tile_bits": 5,
          "lanes": 2, "columns": 4, "columns_per_adder": 2, "rows": 32, "weight_bits": 4,
          "accumulator_bits": 24, "max_n": 1024, "max_k": 4096, "max_m": 1024})"},
      Point{"TwoSharingActivations", R"({"engine": "banked", "units": 2, "tile_bits": 4, "lanes": 2,
          "columns": 4, "columns_per_adder": 2, "rows": 32, "weight_bits": 4,
          "accumulator_bits": 24, "max_n": 1024, "max_k": 4096, "max_m": 1024})"},
      Point{"TwoSharingWeights", R"({"engine": "banked", "units": 2, "share": "weights",
          "tile_bits": 4, "lanes": 2, "columns": 4, "columns_per_adder": 2, "rows": 32,
          "weight_bits": 4, "accumulator_bits": 24, "max_n": 1024, "max_k": 4096,
          "max_m": 1024})"},
      Point{"FiveSharingActivations", R"({"engine": "banked", "units": 5, "tile_bits": 5,
          "lanes": 3, "columns": 2, "columns_per_adder": 1, "rows": 27, "weight_bits": 5,
          "max_n": 777, "max_k": 300, "max_m": 3})"},
      // M never fills all units.
      Point{"ThreeSharingWeights", R"({"engine": "banked", "units": 3, "share": "weights",
          "tile_bits": 3, "lanes": 1, "columns": 8, "columns_per_adder": 4, "rows": 8,
          "weight_bits": 3, "max_n": 200, "max_k": 300, "max_m": 20})"},
      // Streams of whole bytes and of others, behind AXI.
      Point{"AxiOneUnit", R"({"engine": "banked", "bus": "axi", "tile_bits": 4, "lanes": 2,
          "columns": 4, "columns_per_adder": 2, "rows": 32, "weight_bits": 4,
          "accumulator_bits": 24, "max_n": 1024, "max_k": 4096, "max_m": 1024})"},
      Point{"AxiThreeSharingActivations", R"({"engine": "banked", "bus": "axi", "units": 3,
          "tile_bits": 5, "lanes": 2, "columns": 3, "columns_per_adder": 1, "rows": 30,
          "weight_bits": 5, "activation_bits": 4, "accumulator_bits": 19, "max_n": 500,
          "max_k": 300, "max_m": 40})"},
      Point{"AxiTwoSharingWeights", R"({"engine": "banked", "bus": "axi", "units": 2,
          "share": "weights", "activations": "either", "tile_bits": 4, "lanes": 2, "columns": 4,
          "columns_per_adder": 2, "rows": 32, "max_n": 1024, "max_k": 4096, "max_m": 1024})"},
      Point{"AxiTwoStatic", R"({"engine": "banked", "bus": "axi", "units": 2, "planner": "static",
          "tile_bits": 5, "lanes": 2, "columns": 4, "columns_per_adder": 2, "rows": 32,
          "weight_bits": 4, "accumulator_bits": 24, "max_n": 1024, "max_k": 4096, "max_m": 1024})"},
      Point{"ThreeStaticSharingWeights", R"({"engine": "banked", "units": 3, "share": "weights",
          "planner": "static", "tile_bits": 4, "lanes": 3, "columns": 2, "columns_per_adder": 1,
          "rows": 24, "weight_bits": 3, "max_n": 300, "max_k": 300, "max_m": 50})"},
      Point{"AxiThreeSplits", R"({"engine": "split", "bus": "axi", "units": 3, "results": "joined",
          "tile_bits": 3, "tables": 3, "lanes": 2, "columns": 4, "columns_per_adder": 2, "rows": 40,
          "max_n": 500, "max_k": 500, "max_m": 40, "operand_rows": 3})"},
      Point{"TwoDotProductsSharingWeights", R"({"engine": "dot_product", "units": 2,
          "share": "weights", "results": "joined", "tile_bits": 4, "tables": 2, "lanes": 3,
          "columns": 2, "columns_per_adder": 1, "rows": 64, "weight_bits": 4, "max_n": 500,
          "max_k": 300, "max_m": 40})"},
      Point{"AxiBitSerial", R"({"engine": "bit_serial", "bus": "axi", "tile_bits": 2, "tables": 2,
          "lanes": 3, "columns": 3, "columns_per_adder": 1, "rows": 24, "max_n": 500, "max_k": 300,
          "max_m": 40})"},
  };
  return all;
}

std::span<const Point> points() {
  static const Point all[] = {
      kBanked,
      kRows512,
      kTiny,
      // Few nodes, so that building is over before the lanes' read slots have gone round once.
      Point{"TwoBitTiles", R"({"engine": "banked", "tile_bits": 2, "lanes": 16, "banks_per_lane": 1,
          "columns": 4, "rows": 128, "activation_bits": 4})"},
      // More nodes than a sub-tile has TransRows: building is the bottleneck.
      Point{"TenBitTiles", R"({"engine": "banked", "tile_bits": 10, "lanes": 4, "banks_per_lane": 4,
          "look_ahead": 4, "columns": 2, "columns_per_adder": 1, "rows": 64})"},
      Point{"NineBitTiles", R"({"engine": "banked", "tile_bits": 9, "lanes": 6, "look_ahead": 3,
          "columns": 4, "rows": 96, "weight_bits": 3})"},
      Point{"OneLane", R"({"engine": "banked", "lanes": 1, "columns": 2, "columns_per_adder": 2,
          "rows": 8})"},
      Point{"OneBank", R"({"engine": "banked", "tile_bits": 5, "lanes": 4, "banks_per_lane": 1,
          "look_ahead": 2, "columns": 3, "columns_per_adder": 1, "rows": 48})"},
      Point{"FourBanks", R"({"engine": "banked", "tile_bits": 6, "lanes": 3, "banks_per_lane": 4,
          "look_ahead": 5, "columns": 4, "columns_per_adder": 2, "rows": 50})"},
      Point{"NoLookAhead", R"({"engine": "banked", "tile_bits": 7, "lanes": 8, "banks_per_lane": 3,
          "look_ahead": 1, "columns": 1, "columns_per_adder": 1, "rows": 64})"},
      Point{"WideActivations", R"({"engine": "banked", "lanes": 2, "columns": 2,
          "columns_per_adder": 2, "rows": 40, "activation_bits": 16, "accumulator_bits": 64})"},
      // Rows for a single group of weights.
      Point{"NarrowAccumulators", R"({"engine": "banked", "tile_bits": 3, "lanes": 7, "columns": 4,
          "rows": 14, "activation_bits": 4, "weight_bits": 2, "accumulator_bits": 16, "max_n": 100,
          "max_k": 2047, "max_m": 100})"},
      Point{"TwoBitWeights", R"({"engine": "banked", "tile_bits": 4, "lanes": 16, "columns": 4,
          "rows": 32, "weight_bits": 2})"},
      // Shapes that never fill a sub-tile.
      Point{"SmallShapes", R"({"engine": "banked", "tile_bits": 7, "lanes": 4, "look_ahead": 2,
          "columns": 1, "columns_per_adder": 1, "rows": 64, "max_n": 3, "max_k": 5, "max_m": 1})"},
      Point{"ThreeBitTiles", R"({"engine": "banked", "tile_bits": 3, "lanes": 7,
          "banks_per_lane": 2, "look_ahead": 6, "columns": 8, "columns_per_adder": 4, "rows": 4096,
          "weight_bits": 5})"},
      Point{"Orbit", R"({"engine": "banked", "planner": "orbit", "columns": 4})"},
      Point{"OrbitTenBits", R"({"engine": "banked", "planner": "orbit", "tile_bits": 10, "lanes": 4,
          "banks_per_lane": 4, "look_ahead": 4, "columns": 2, "columns_per_adder": 1,
          "rows": 64})"},
      Point{"OrbitPeriodic", R"({"engine": "banked", "planner": "orbit", "tile_bits": 7, "lanes": 5,
          "banks_per_lane": 3, "look_ahead": 2, "columns": 8, "rows": 80})"},
      // More turns of the wide adder than phases.
      Point{"OrbitPadded", R"({"engine": "banked", "planner": "orbit", "tile_bits": 4, "lanes": 3,
          "columns": 4, "rows": 24, "weight_bits": 4})"},
      Point{"OrbitOneLane", R"({"engine": "banked", "planner": "orbit", "tile_bits": 5, "lanes": 1,
          "banks_per_lane": 1, "columns": 2, "columns_per_adder": 2, "rows": 8})"},
      // A single phase; sub-tiles of a beat or two.
      Point{"OrbitTwoBits", R"({"engine": "banked", "planner": "orbit", "tile_bits": 2, "lanes": 16,
          "columns": 2, "columns_per_adder": 1, "rows": 32, "weight_bits": 2})"},
      Point{"OrbitManyRows", R"({"engine": "banked", "planner": "orbit", "tile_bits": 3, "lanes": 7,
          "look_ahead": 6, "columns": 8, "columns_per_adder": 4, "rows": 4096,
          "weight_bits": 5})"},
      Point{"Dynamic", R"({"engine": "banked", "planner": "dynamic", "columns": 4})"},
      Point{"DynamicManyBanks", R"({"engine": "banked", "planner": "dynamic", "tile_bits": 6,
          "lanes": 4, "banks_per_lane": 4, "look_ahead": 4, "columns": 2, "columns_per_adder": 1,
          "rows": 64})"},
      Point{"DynamicFewCodes", R"({"engine": "banked", "planner": "dynamic", "tile_bits": 7,
          "lanes": 5, "banks_per_lane": 1, "look_ahead": 2, "columns": 8, "rows": 40})"},
      // More turns of the wide adder than steps of some plans.
      Point{"DynamicPadded", R"({"engine": "banked", "planner": "dynamic", "tile_bits": 4,
          "lanes": 3, "columns": 4, "columns_per_adder": 4, "rows": 24, "weight_bits": 4})"},
      Point{"DynamicBenes", R"({"engine": "banked", "planner": "dynamic",
          "operand_network": "benes", "columns": 4})"},
      // An even number of ports.
      Point{"DynamicBenesEven", R"({"engine": "banked", "planner": "dynamic",
          "operand_network": "benes", "tile_bits": 5, "lanes": 3, "banks_per_lane": 1, "columns": 2,
          "columns_per_adder": 1, "rows": 48, "weight_bits": 4})"},
      Point{"DynamicOneLane", R"({"engine": "banked", "planner": "dynamic", "tile_bits": 5,
          "lanes": 1, "banks_per_lane": 4, "columns": 2, "columns_per_adder": 2, "rows": 8})"},
      Point{"Static", R"({"engine": "banked", "planner": "static", "tile_bits": 7, "lanes": 4,
          "columns": 4, "rows": 64})"},
      Point{"StaticTwoBits", R"({"engine": "banked", "planner": "static", "tile_bits": 2,
          "lanes": 3, "columns": 2, "columns_per_adder": 2, "rows": 24})"},
      Point{"StaticTenBits", R"({"engine": "banked", "planner": "static", "tile_bits": 10,
          "lanes": 2, "banks_per_lane": 4, "columns": 1, "columns_per_adder": 1, "rows": 16})"},
      Point{"Compiled", R"({"engine": "banked", "planner": "compiled", "columns": 4})"},
      Point{"CompiledTenBits", R"({"engine": "banked", "planner": "compiled", "tile_bits": 10,
          "lanes": 4, "banks_per_lane": 4, "columns": 2, "columns_per_adder": 1, "rows": 64})"},
      // Two banks for all lanes, adders that are taken for longer than a row takes.
      Point{"CompiledTwoBits", R"({"engine": "banked", "planner": "compiled", "tile_bits": 2,
          "lanes": 5, "columns": 4, "rows": 40, "weight_bits": 4})"},
      Point{"CompiledOneLane", R"({"engine": "banked", "planner": "compiled", "tile_bits": 5,
          "lanes": 1, "banks_per_lane": 1, "columns": 2, "columns_per_adder": 2, "rows": 8})"},
      Point{"CompiledManyRows", R"({"engine": "banked", "planner": "compiled", "tile_bits": 4,
          "lanes": 7, "banks_per_lane": 3, "columns": 8, "columns_per_adder": 4, "rows": 1024,
          "weight_bits": 5, "activations": "either"})"},
      Point{"Split", R"({"engine": "split", "tile_bits": 3, "tables": 5, "planes": 1,
          "operand_rows": 1, "tree_stages": 0, "lanes": 6, "columns": 4, "columns_per_adder": 2,
          "rows": 240})"},
      // One row per lane and sub-tile: operands are the bottleneck.
      Point{"SplitTwoBits", R"({"engine": "split", "tile_bits": 2, "tables": 3, "planes": 1,
          "operand_rows": 1, "tree_stages": 0, "lanes": 1, "columns": 4, "columns_per_adder": 4,
          "rows": 8, "activation_bits": 4, "accumulator_bits": 30})"},
      Point{"SplitSixBits", R"({"engine": "split", "tile_bits": 6, "tables": 1, "planes": 1,
          "operand_rows": 6, "tree_stages": 0, "lanes": 3, "columns": 1, "columns_per_adder": 1,
          "rows": 96, "activation_bits": 16, "accumulator_bits": 48, "weight_bits": 3})"},
      Point{"BitSerial", R"({"engine": "bit_serial", "tile_bits": 4, "tables": 3, "planes": 2,
          "operand_rows": 3, "tree_stages": 1, "lanes": 5, "columns": 4, "columns_per_adder": 4,
          "rows": 160})"},
      Point{"BitSerialTwo", R"({"engine": "bit_serial", "tile_bits": 2, "tables": 1, "planes": 1,
          "operand_rows": 2, "tree_stages": 0, "lanes": 2, "columns": 3, "columns_per_adder": 1,
          "rows": 16, "activation_bits": 16, "accumulator_bits": 48, "weight_bits": 2})"},
      Point{"DotProduct", R"({"engine": "dot_product", "tile_bits": 4, "tables": 2,
          "operand_rows": 4, "tree_stages": 1, "lanes": 4, "columns": 2, "columns_per_adder": 1,
          "rows": 128, "weight_bits": 4})"},
      Point{"DotProductOdd", R"({"engine": "dot_product", "tile_bits": 5, "tables": 1,
          "operand_rows": 1, "tree_stages": 0, "lanes": 3, "columns": 1, "columns_per_adder": 1,
          "rows": 24, "activation_bits": 4})"},
      Point{"Olive", R"({"engine": "olive", "lanes": 4, "columns": 6, "columns_per_adder": 2,
          "weight_bits": 4, "activation_bits": 4, "weight_pairs": "int4",
          "activation_pairs": "uflint4", "accumulator_bits": 34})"},
      // A tile's results take longer to leave than short products to come.
      Point{"OliveNarrow", R"({"engine": "olive", "lanes": 7, "columns": 4, "columns_per_adder": 4,
          "weight_bits": 4, "activation_bits": 4, "weight_pairs": "flint4",
          "activation_pairs": "uint4"})"},
      Point{"OliveOne", R"({"engine": "olive", "lanes": 1, "columns": 1, "columns_per_adder": 1,
          "weight_pairs": "int8", "activation_pairs": "int8", "accumulator_bits": 48})"},
      Point{"OliveEight", R"({"engine": "olive", "lanes": 3, "columns": 5, "columns_per_adder": 1,
          "weight_pairs": "int8_e2m5", "activation_pairs": "int8", "accumulator_bits": 48})"},
      // Activations of either sign.
      Point{"EitherLattice", R"({"engine": "banked", "activations": "either", "tile_bits": 5,
          "lanes": 4, "columns": 4, "columns_per_adder": 2, "rows": 48, "weight_bits": 4,
          "max_k": 4096})"},
      Point{"EitherDynamic", R"({"engine": "banked", "activations": "either", "activation_bits": 16,
          "accumulator_bits": 48, "planner": "dynamic", "tile_bits": 5, "lanes": 3, "columns": 2,
          "columns_per_adder": 1, "rows": 48})"},
      Point{"EitherSplit", R"({"engine": "split", "activations": "either", "tile_bits": 4,
          "tables": 3, "lanes": 3, "columns": 4, "columns_per_adder": 2, "rows": 96,
          "max_k": 8192})"},
      Point{"EitherBitSerial", R"({"engine": "bit_serial", "activations": "either",
          "activation_bits": 4, "tile_bits": 4, "tables": 2, "lanes": 3, "columns": 4,
          "columns_per_adder": 1, "rows": 48})"},
      Point{"EitherDotProduct", R"({"engine": "dot_product", "activations": "either",
          "tile_bits": 3, "tables": 3, "lanes": 2, "columns": 2, "columns_per_adder": 1, "rows": 48,
          "weight_bits": 5, "operand_rows": 3})"},
      Point{"EitherSplitWide", R"({"engine": "split", "activations": "either",
          "activation_bits": 16, "accumulator_bits": 48, "tile_bits": 3, "tables": 2, "lanes": 2,
          "columns": 2, "columns_per_adder": 2, "rows": 48, "weight_bits": 3, "operand_rows": 3,
          "planes": 2})"},
      // Weights that do not fill their last beat; a register in the trees.
      Point{"SplitFourPlanes", R"({"engine": "split", "tile_bits": 2, "tables": 4, "planes": 4,
          "operand_rows": 4, "tree_stages": 1, "lanes": 3, "columns": 4, "columns_per_adder": 1,
          "rows": 96})"},
      Point{"SplitTwoPlanes", R"({"engine": "split", "tile_bits": 4, "tables": 2, "planes": 2,
          "operand_rows": 2, "tree_stages": 0, "lanes": 2, "columns": 4, "columns_per_adder": 4,
          "rows": 64, "weight_bits": 5})"},
      kSplit,
  };
  return all;
}

std::span<const Point> scaled_points() {
  static const Point all[] = {
      Point{"Scaled", R"({"engine": "banked", "lanes": 4, "columns": 8, "rows": 64,
          "scaling": "group"})"},
      Point{"ScaledTiny", R"({"engine": "banked", "tile_bits": 4, "lanes": 2, "columns": 4,
          "columns_per_adder": 2, "rows": 32, "weight_bits": 4, "max_n": 200, "max_k": 1024,
          "max_m": 50, "scaling": "group"})"},
      Point{"ScaledOrbit", R"({"engine": "banked", "planner": "orbit", "tile_bits": 4, "lanes": 3,
          "columns": 4, "columns_per_adder": 2, "rows": 48, "weight_bits": 4, "max_n": 200,
          "max_k": 1024, "max_m": 50, "scaling": "group"})"},
      // A single row and column group per sub-tile: outer sums follow each other at once.
      Point{"ScaledNarrow", R"({"engine": "banked", "tile_bits": 2, "lanes": 1, "columns": 1,
          "columns_per_adder": 1, "rows": 8, "max_n": 9, "max_k": 400, "scaling": "group"})"},
      Point{"ScaledAxi", R"({"engine": "banked", "bus": "axi", "tile_bits": 4, "lanes": 2,
          "columns": 4, "columns_per_adder": 2, "rows": 32, "weight_bits": 4, "max_n": 200,
          "max_k": 1024, "max_m": 50, "scaling": "group"})"},
      Point{"ScaledThreeSharingActivations", R"({"engine": "banked", "units": 3, "tile_bits": 4,
          "lanes": 2, "columns": 4, "columns_per_adder": 2, "rows": 32, "weight_bits": 5,
          "max_n": 200, "max_k": 1024, "max_m": 50, "scaling": "group", "activations": "either"})"},
      Point{"ScaledAxiTwoSharingWeights", R"({"engine": "banked", "bus": "axi", "units": 2,
          "share": "weights", "planner": "orbit", "tile_bits": 4, "lanes": 2, "columns": 4,
          "columns_per_adder": 2, "rows": 32, "weight_bits": 4, "max_n": 200, "max_k": 1024,
          "max_m": 50, "scaling": "group"})"},
      // Streaming engines; a K-tile is a group, and rows are finished with every one.
      Point{"ScaledSplit", R"({"engine": "split", "tile_bits": 2, "tables": 4, "planes": 4,
          "operand_rows": 2, "tree_stages": 1, "lanes": 3, "columns": 4, "columns_per_adder": 1,
          "rows": 96, "max_n": 200, "max_k": 1024, "max_m": 50, "scaling": "group"})"},
      Point{"ScaledSplitTurns", R"({"engine": "split", "tile_bits": 4, "tables": 2, "planes": 2,
          "operand_rows": 2, "tree_stages": 0, "lanes": 2, "columns": 4, "columns_per_adder": 2,
          "rows": 64, "weight_bits": 5, "activations": "either", "max_n": 200, "max_k": 1024,
          "max_m": 50, "scaling": "group"})"},
      Point{"ScaledAxiTwoSplits", R"({"engine": "split", "bus": "axi", "units": 2,
          "tile_bits": 2, "tables": 2, "planes": 2, "operand_rows": 2, "lanes": 2, "columns": 2,
          "rows": 32, "weight_bits": 4, "max_n": 200, "max_k": 1024, "max_m": 50,
          "scaling": "group"})"},
      Point{"ScaledBitSerial", R"({"engine": "bit_serial", "tile_bits": 2, "tables": 4,
          "planes": 2, "operand_rows": 2, "lanes": 2, "columns": 4, "columns_per_adder": 1,
          "rows": 32, "weight_bits": 4, "max_n": 200, "max_k": 1024, "max_m": 50,
          "scaling": "group"})"},
      Point{"ScaledDotProduct", R"({"engine": "dot_product", "tile_bits": 4, "tables": 2,
          "lanes": 3, "columns": 2, "rows": 64, "weight_bits": 4, "max_n": 200, "max_k": 1024,
          "max_m": 50, "scaling": "group"})"},
  };
  return all;
}

design::Design design_of(const Point& point) {
  return design::parse(point.json, point.name);
}

std::ostream& operator<<(std::ostream& stream, const Point& point) {
  return stream << point.name;
}

}  // namespace hasse::system
