// SPDX-License-Identifier: Apache-2.0
// What an attention engine asks of its array, and of its own sizes.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "generator/design/combinations.hpp"
#include "generator/design/engine_config.hpp"

namespace hasse::design {
namespace {

/// Fields of an array that have one value in every attention engine.
Design array_of_attention() {
  Design design;
  design.activations = "either";
  design.activation_bits = 16;
  design.weight_bits = 8;
  design.columns_per_adder = 1;
  return design;
}

template <auto Member>
std::string other_array(const Design& d) {
  static const Design wanted = array_of_attention();
  if (!d.attention || d.*Member == wanted.*Member) return "";
  return fmt::format("is not the array of an attention engine; expected {}",
                     nlohmann::json(wanted.*Member).dump());
}

/// Whether its weights are as many bits as a code of a key or value has.
bool takes_codes(const Design& d) {
  return !d.takes_pairs() && d.engine != "dot_product";
}

std::string other_engine(const Design& d) {
  if (!d.attention || takes_codes(d)) return "";
  return "takes no planes of 4-bit weights, which keys and values may be; expected one of banked, "
         "split, bit_serial, bitvert with attention";
}

std::string other_planner(const Design& d) {
  if (!d.attention || d.streams() || (d.planner != "compiled" && d.planner != "static")) return "";
  return "asks for more than weights; expected one of lattice, orbit, dynamic with attention";
}

/// Elements of a K-tile, and rows of an N-tile of 8- and 4-bit weights.
std::array<int, 3> tiles(const Design& d) {
  const transitive::EngineConfig engine = engine_config(d);
  return {engine.depth(), engine.rows_per_tile(8), engine.rows_per_tile(4)};
}

/// Whether tiles of `size` fill the logical pages whose bounds are read together, and so any page.
bool fills_pages(int size) {
  return size > 0 && Attention::kBoundsBlock % size == 0;
}

std::string uneven_depth(const Design& d) {
  if (!d.attention || !takes_codes(d) || fills_pages(tiles(d)[0])) return "";
  return fmt::format("makes K-tiles of {} elements; expected 2, 4, 8 or 16 with attention",
                     tiles(d)[0]);
}

std::string uneven_tiles(const Design& d) {
  if (!d.attention || !takes_codes(d)) return "";
  const auto [depth, eight, four] = tiles(d);
  if (eight == 0 || (fills_pages(eight) && fills_pages(four))) return "";
  return fmt::format(
      "makes N-tiles of {} weights of 8 bits and {} of 4; expected 1, 2, 4, 8 or 16 of either with "
      "attention",
      eight, four);
}

std::string uneven_dim(const Design& d) {
  if (!d.attention || !takes_codes(d)) return "";
  const auto [depth, eight, four] = tiles(d);
  if (!fills_pages(depth) || !fills_pages(eight) || !fills_pages(four)) return "";
  const int tile = std::lcm(depth, std::lcm(eight, four));
  if (d.attention->dim % tile == 0) return "";
  return fmt::format("does not fill the array's tiles; expected a multiple of {}", tile);
}

std::string uneven_beats(const Design& d) {
  if (!d.attention || !takes_codes(d)) return "";
  const int beat = weight_beat_bits(d), page = d.attention->page * Attention::kScaleBits;
  const bool whole = beat % Attention::kScaleBits == 0 && page % beat == 0;
  if (whole) return "";
  return fmt::format(
      "makes weight beats of {} bits, between which the scales of a page are not dealt out; "
      "expected {} times a power of two, up to {}, with attention",
      beat, Attention::kScaleBits, page);
}

std::string wide_accumulator(const Design& d) {
  if (!d.attention || d.accumulator_bits <= Attention::kSumBits) return "";
  return fmt::format("is more than an output is made of; expected at most {} with attention",
                     Attention::kSumBits);
}

std::string few_columns(const Design& d) {
  if (!d.attention || d.max_m >= d.columns) return "";
  return fmt::format("is less than columns = {}; expected at least as many with attention",
                     d.columns);
}

std::string long_keys(const Design& d) {
  if (!d.attention || (2 * d.attention->dim <= d.max_k && d.attention->dim <= d.max_n)) return "";
  return fmt::format(
      "makes products that are 2 * dim long and dim high; expected at most max_k / 2 = {} and "
      "max_n = {}",
      d.max_k / 2, d.max_n);
}

std::string many_bounds(const Design& d) {
  if (!d.attention) return "";
  const int logical = d.attention->logical_pages;
  const int most = d.max_n / Attention::kBoundsBlock * Attention::kBoundsBlock / logical;
  if (d.attention->max_pages <= most) return "";
  return fmt::format(
      "has more bounds than a product has rows, max_n = {}; expected at most {} pages of {} "
      "logical ones",
      d.max_n, most, logical);
}

std::string many_listed(const Design& d) {
  if (!d.attention || d.attention->max_listed <= d.attention->max_pages) return "";
  return fmt::format("exceeds max_pages = {}; expected at most as many", d.attention->max_pages);
}

std::string many_tokens(const Design& d) {
  if (!d.attention) return "";
  const int most = std::min(d.max_n, d.max_k) / d.attention->page;
  if (d.attention->max_listed <= most) return "";
  return fmt::format(
      "makes products of {} tokens, and max_n = {}, max_k = {}; expected at most {} pages of {} "
      "tokens",
      d.attention->max_listed * d.attention->page, d.max_n, d.max_k, most, d.attention->page);
}

std::string long_ring(const Design& d) {
  if (!d.attention) return "";
  const int most = std::min(d.attention->max_listed, d.attention->max_pages - 1);
  if (d.attention->sink + d.attention->ring <= most) return "";
  return fmt::format(
      "makes a streaming head of sink + ring = {} pages; expected at most {}, what a step reads "
      "and one less than a sequence has",
      d.attention->sink + d.attention->ring, most);
}

}  // namespace

std::vector<Combination> attention_combinations() {
  return {
      {{"engine", "attention"}, other_engine},
      {{"planner", "engine", "attention"}, other_planner},
      {{"units", "attention"}, other_array<&Design::units>},
      {{"bus", "attention"}, other_array<&Design::bus>},
      {{"scaling", "attention"}, other_array<&Design::scaling>},
      {{"activations", "attention"}, other_array<&Design::activations>},
      {{"activation_bits", "attention"}, other_array<&Design::activation_bits>},
      {{"weight_bits", "attention"}, other_array<&Design::weight_bits>},
      {{"columns_per_adder", "attention"}, other_array<&Design::columns_per_adder>},
      {{"turns", "attention"}, other_array<&Design::turns>},
      {{"tile_bits", "tables", "engine", "attention"}, uneven_depth},
      {{"rows", "lanes", "planes", "engine", "attention"}, uneven_tiles},
      {{"lanes", "tile_bits", "tables", "planes", "engine", "attention/page"}, uneven_beats},
      {{"accumulator_bits", "attention"}, wide_accumulator},
      {{"max_m", "columns", "attention"}, few_columns},
      {{"attention/dim", "tile_bits", "tables", "rows", "lanes", "planes", "engine"}, uneven_dim},
      {{"attention/dim", "max_n", "max_k"}, long_keys},
      {{"attention/max_pages", "attention/logical_pages", "max_n"}, many_bounds},
      {{"attention/max_listed", "attention/max_pages"}, many_listed},
      {{"attention/max_listed", "attention/page", "max_n", "max_k"}, many_tokens},
      {{"attention/ring", "attention/sink", "attention/max_listed", "attention/max_pages"},
       long_ring},
  };
}

}  // namespace hasse::design
