// SPDX-License-Identifier: Apache-2.0
// Random sequences, queries and tasks for attention engines.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "generator/design/design.hpp"
#include "golden/attention/units/softmax_unit.hpp"
#include "verif/attention/attention_driver.hpp"
#include "verif/attention/decode_sequence.hpp"
#include "verif/unit/bench.hpp"
#include "verif/unit/split_array.hpp"

namespace hasse::system {

using unit::split_array;

/// The geometry of an engine on the array that the design `json` describes.
inline units::AttentionGeometry attention_geometry(const std::string& json) {
  return units::AttentionGeometry(design::parse(json, "the test's design"));
}

/// An engine on the bench.
class AttentionRig : public harness::AttentionDriver {
 public:
  explicit AttentionRig(const units::AttentionGeometry& g) : AttentionRig(g, bench_of(g)) {}

  const units::AttentionGeometry& geometry() const { return g_; }

 private:
  static std::unique_ptr<unit::Bench> bench_of(const units::AttentionGeometry& g) {
    return std::make_unique<unit::Bench>(units::attention_engine(g));
  }
  AttentionRig(const units::AttentionGeometry& g, std::unique_ptr<unit::Bench> bench)
      : AttentionDriver(bench->model(), g), g_(g), bench_(std::move(bench)) {}

  units::AttentionGeometry g_;
  std::unique_ptr<unit::Bench> bench_;
};

/// Random operands of an engine, from one seed.
class RandomAttention {
 public:
  RandomAttention(const units::AttentionGeometry& g, std::uint64_t seed) : g_(g), random_(seed) {}

  harness::Random& random() { return random_; }

  std::vector<std::int16_t> vector(int bits) {
    std::vector<std::int16_t> v(static_cast<std::size_t>(g_.dim));
    for (std::int16_t& x : v) x = static_cast<std::int16_t>(unit::random_number(random_, bits));
    return v;
  }

  /// `tokens` tokens of `bits`-bit elements, quantised to `kv_bits`, their pages in a row.
  attention::units::KvMemory sequence(std::size_t tokens, int kv_bits, int bits = 16) {
    const auto page = static_cast<std::size_t>(g_.page), dim = static_cast<std::size_t>(g_.dim);
    attention::units::KvMemory memory;
    memory.bounds = attention::units::PageStatsUnit(harness::shape_of(g_).logical_page(), dim);
    for (std::size_t t = 0; t < tokens; ++t) {
      if (t % page == 0) memory.pages.emplace_back();
      const std::vector<std::int16_t> key = vector(bits);
      std::vector<std::int8_t> coarse(dim);
      std::ranges::transform(key, coarse.begin(), [&](std::int16_t x) {
        return static_cast<std::int8_t>(x >> std::max(0, bits - 8));
      });
      memory.bounds.append(coarse);
      memory.pages.back().keys.push_back(attention::units::quantize_kv(key, kv_bits));
      memory.pages.back().values.push_back(attention::units::quantize_kv(vector(bits), kv_bits));
    }
    return memory;
  }

  tensor::Matrix<std::int8_t> queries(std::size_t columns) {
    tensor::Matrix<std::int8_t> q(columns, static_cast<std::size_t>(g_.dim));
    for (std::size_t c = 0; c < columns; ++c)
      for (std::int8_t& x : q.row(c)) x = static_cast<std::int8_t>(unit::random_number(random_, 8));
    return q;
  }

  /// A decode step over all pages, its scores spread over eight bits.
  attention::units::EngineTask decode(std::size_t tokens, int kv_bits, std::size_t columns,
                                      int bits = 16) {
    attention::units::EngineTask task;
    task.tokens = tokens;
    task.visible.assign(columns, (tokens - 1) % static_cast<std::size_t>(g_.page) + 1);
    task.kv_bits = kv_bits;
    task.key_shift = bits + kv_bits + 2 + unit::below(random_, 3);
    task.step = attention::units::softmax_step(0.02 + 0.01 * unit::below(random_, 6));
    task.value_shift = bits;
    task.page_shift = g_.bound_score_bits() - units::AttentionGeometry::kCodeBits;
    return task;
  }

 private:
  const units::AttentionGeometry& g_;
  harness::Random random_;
};

}  // namespace hasse::system
