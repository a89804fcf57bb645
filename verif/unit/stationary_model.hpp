// SPDX-License-Identifier: Apache-2.0
// What stands in the registers of a streaming engine for one K-tile of one column.
#pragma once

#include <algorithm>
#include <vector>

#include "verif/unit/bench.hpp"

namespace hasse::unit {

/// By definition, from the operands: every sum is spelt out, nothing is built from anything else.
struct StationaryModel {
  std::vector<std::int64_t> words;   ///< As the lanes read them.
  std::vector<int> widths;           ///< Of each of them.
  std::vector<std::int64_t> totals;  ///< One per group, bitvert engine only.
  std::int64_t start = 0, correction = 0;

  StationaryModel(const units::Geometry& g, const std::vector<std::int64_t>& operands) {
    std::int64_t sum = 0;
    for (const std::int64_t x : operands) sum += x;
    const auto depth = static_cast<std::int64_t>(operands.size());
    const int a = g.design.activation_bits, s = g.design.weight_bits;
    if (g.design.folds()) {
      fold(g, operands);
      return;
    }
    if (g.design.engine == "split") {
      tables(g, operands);
      correction = std::int64_t{g.design.tables} << (g.derived.node_bits - 1);
      return;
    }
    const bool dot = g.design.engine == "dot_product", booth = g.design.recoding == "booth";
    for (const std::int64_t x : operands) {
      words.push_back(x), widths.push_back(a);
      if (g.design.recoding == "radix4") words.push_back(~(3 * x)), widths.push_back(a + 2);
    }
    if (g.design.engine == "bitvert") sum_groups(operands, g.design.tile_bits, a);
    start = dot ? 0 : -(depth << a) - sum;
    if (!dot) correction = depth << (a - 1);
    // Where trees have terms, and how many bits these have.
    const int step = g.design.recodes() ? 2 : 1, bits = a + (booth ? 1 : 2 * (step - 1));
    for (int place = 0; dot && place < s; place += step) correction -= depth << (place + bits - 1);
    if (dot && !booth) correction -= sum * (1 << (s - 1));
  }

 private:
  /// Magnitudes, multiples or nodes of them, and their signs: of every table, or every operand.
  void fold(const units::Geometry& g, const std::vector<std::int64_t>& operands) {
    std::vector<std::int64_t> magnitudes;
    for (const std::int64_t x : operands) {
      const std::int64_t m = x < 0 ? -x : x;
      magnitudes.push_back(m);
      if (x < 0) correction += m;
      if (g.design.engine == "split") continue;
      correction -= m << (g.design.weight_bits - 1);
      words.push_back(m), widths.push_back(g.node_bits(1));
      if (g.design.recodes())
        words.push_back(~(3 * m)), widths.push_back(g.design.digit_product_bits());
      words.push_back(x < 0 ? 1 : 0), widths.push_back(1);
    }
    if (g.design.engine == "split") tables(g, magnitudes, operands);
  }

  /// Operands are offset to be unsigned, and half as many more are there in advance.
  void sum_groups(const std::vector<std::int64_t>& x, int group, int bits) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (i % static_cast<std::size_t>(group) == 0)
        totals.push_back((std::int64_t{group} / 2) << (bits - 1));
      totals.back() += x[i] + (std::int64_t{1} << (bits - 1));
    }
  }

  /// The last node of a table stands inverted.
  void tables(const units::Geometry& g, const std::vector<std::int64_t>& x,
              const std::vector<std::int64_t>& signs = {}) {
    const int t = g.design.tile_bits, last = (1 << t) - 1;
    for (std::size_t first = 0; first < x.size(); first += static_cast<std::size_t>(t)) {
      for (int code = 1; code <= last; ++code) {
        std::int64_t node = 0;
        for (int b = 0; b < t; ++b)
          node += ((code >> b) & 1) * x[first + static_cast<std::size_t>(b)];
        words.push_back(code == last ? ~node : node);
        widths.push_back(g.node_bits(code));
      }
      for (std::size_t i = first; i < first + static_cast<std::size_t>(t) && !signs.empty(); ++i)
        words.push_back(signs[i] < 0 ? 1 : 0), widths.push_back(1);
    }
  }
};

/// One of each streaming engine, and the corners of the split one.
inline constexpr const char* kStreamedDesigns[] = {
    R"({"engine": "split", "tile_bits": 3, "tables": 5, "planes": 1, "operand_rows": 1,
        "tree_stages": 0, "lanes": 2, "columns": 4, "columns_per_adder": 4, "rows": 64})",
    R"({"engine": "split", "tile_bits": 2, "tables": 1, "operand_rows": 1, "lanes": 2, "columns": 3,
        "columns_per_adder": 1, "rows": 64, "activation_bits": 4})",
    R"({"engine": "split", "tile_bits": 6, "tables": 2, "planes": 2, "tree_stages": 0, "lanes": 1,
        "columns": 2, "columns_per_adder": 2, "rows": 64, "activation_bits": 16,
        "accumulator_bits": 48})",
    R"({"engine": "split", "tile_bits": 2, "tables": 6, "planes": 4, "operand_rows": 4,
        "tree_stages": 1, "lanes": 2, "columns": 2, "columns_per_adder": 1, "rows": 64})",
    R"({"engine": "split", "tile_bits": 4, "tables": 3, "planes": 2, "operand_rows": 2,
        "lanes": 1, "columns": 2, "columns_per_adder": 2, "rows": 64, "weight_bits": 5})",
    R"({"engine": "split", "tile_bits": 2, "tables": 5, "planes": 2, "turns": 2, "operand_rows": 2,
        "tree_stages": 1, "lanes": 2, "columns": 2, "columns_per_adder": 1, "rows": 64})",
    R"({"engine": "split", "tile_bits": 3, "tables": 2, "planes": 4, "turns": 2, "operand_rows": 3,
        "tree_stages": 0, "lanes": 1, "columns": 2, "columns_per_adder": 2, "rows": 64})",
    R"({"engine": "split", "tile_bits": 2, "tables": 3, "planes": 1, "turns": 2, "operand_rows": 1,
        "tree_stages": 1, "lanes": 1, "columns": 1, "columns_per_adder": 1, "rows": 64,
        "weight_bits": 5})",
    R"({"engine": "bit_serial", "tile_bits": 3, "tables": 3, "planes": 1, "operand_rows": 1,
        "tree_stages": 0, "lanes": 2, "columns": 4, "columns_per_adder": 2, "rows": 64})",
    R"({"engine": "bit_serial", "tile_bits": 3, "tables": 4, "planes": 2, "operand_rows": 3,
        "tree_stages": 1, "lanes": 2, "columns": 2, "columns_per_adder": 1, "rows": 64,
        "weight_bits": 7})",
    R"({"engine": "bitvert", "tile_bits": 8, "tables": 2, "planes": 1, "operand_rows": 2,
        "tree_stages": 1, "lanes": 2, "columns": 2, "columns_per_adder": 2, "rows": 64})",
    R"({"engine": "bitvert", "tile_bits": 6, "tables": 3, "planes": 2, "operand_rows": 3,
        "tree_stages": 0, "lanes": 1, "columns": 2, "columns_per_adder": 1, "rows": 64,
        "weight_bits": 5})",
    R"({"engine": "bitvert", "tile_bits": 2, "tables": 1, "planes": 1, "operand_rows": 1,
        "tree_stages": 1, "lanes": 2, "columns": 1, "columns_per_adder": 1, "rows": 64,
        "activation_bits": 4})",
    R"({"engine": "dot_product", "tile_bits": 4, "tables": 3, "lanes": 2, "columns": 2,
        "columns_per_adder": 1, "rows": 64, "weight_bits": 5})",
    R"({"engine": "dot_product", "tile_bits": 2, "tables": 4, "operand_rows": 4,
        "tree_stages": 1, "lanes": 1, "columns": 2, "columns_per_adder": 1, "rows": 64,
        "weight_bits": 4})",
    R"({"engine": "dot_product", "recoding": "booth", "tile_bits": 4, "tables": 2, "lanes": 2,
        "operand_rows": 2, "columns": 2, "tree_stages": 1, "rows": 64, "weight_bits": 4})",
    R"({"engine": "dot_product", "recoding": "booth", "tile_bits": 3, "tables": 1, "lanes": 1,
        "operand_rows": 1, "columns": 2, "tree_stages": 0, "rows": 64, "weight_bits": 7,
        "activation_bits": 4})",
    R"({"engine": "dot_product", "recoding": "radix4", "tile_bits": 4, "tables": 2, "lanes": 2,
        "operand_rows": 2, "columns": 2, "tree_stages": 1, "rows": 64, "weight_bits": 4})",
    R"({"engine": "dot_product", "recoding": "radix4", "tile_bits": 3, "tables": 1, "lanes": 1,
        "operand_rows": 1, "columns": 2, "tree_stages": 0, "rows": 64, "weight_bits": 5})",
    R"({"engine": "dot_product", "recoding": "booth", "tile_bits": 2, "tables": 1, "lanes": 1,
        "operand_rows": 1, "columns": 1, "tree_stages": 1, "rows": 64, "weight_bits": 2})",
    R"({"engine": "split", "operands": "magnitude", "tile_bits": 2, "tables": 5, "planes": 2,
        "turns": 2, "operand_rows": 2, "tree_stages": 1, "lanes": 2, "columns": 2,
        "columns_per_adder": 1, "rows": 64, "weight_bits": 5})",
    R"({"engine": "split", "operands": "symmetric", "tile_bits": 3, "tables": 4, "planes": 1,
        "operand_rows": 1, "tree_stages": 0, "lanes": 1, "columns": 3, "columns_per_adder": 1,
        "rows": 64, "activation_bits": 4})",
    R"({"engine": "dot_product", "operands": "magnitude", "tile_bits": 3, "tables": 2, "lanes": 2,
        "operand_rows": 1, "columns": 2, "tree_stages": 0, "rows": 64, "weight_bits": 3})",
    R"({"engine": "dot_product", "operands": "magnitude", "recoding": "radix4", "tile_bits": 4,
        "tables": 2, "lanes": 1, "operand_rows": 2, "columns": 2, "tree_stages": 1, "rows": 64,
        "weight_bits": 4})",
    R"({"engine": "dot_product", "operands": "symmetric", "recoding": "radix4", "tile_bits": 3,
        "tables": 1, "lanes": 1, "operand_rows": 1, "columns": 1, "tree_stages": 0, "rows": 64,
        "weight_bits": 5})"};

/// The lowest operand that `g` may be given.
inline std::int64_t lowest_operand(const units::Geometry& g) {
  const std::int64_t limit = std::int64_t{1} << (g.design.activation_bits - 1);
  return g.design.operands == "symmetric" ? 1 - limit : -limit;
}

/// A random operand that `g` may be given.
inline std::int64_t random_operand(const units::Geometry& g, harness::Random& random) {
  return std::max(random_number(random, g.design.activation_bits), lowest_operand(g));
}

}  // namespace hasse::unit
