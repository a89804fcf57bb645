// SPDX-License-Identifier: Apache-2.0
// What the units' formats cost on the byte-level model: real selections against integer ones.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "golden/attention/dense.hpp"
#include "golden/attention/figures.hpp"
#include "golden/attention/pages.hpp"
#include "golden/attention/top_p.hpp"
#include "golden/attention/units/page_scorer.hpp"
#include "golden/attention/units/selector.hpp"
#include "golden/model/llama.hpp"
#include "golden/model/operators.hpp"
#include "golden/tensor/file.hpp"

namespace hasse::attention::units {

/// One query of a real head with the keys it may see.
struct RealRow {
  std::vector<float> q;
  std::vector<std::vector<float>> keys;

  std::vector<double> scores() const {
    std::vector<double> result;
    for (const auto& key : keys) {
      result.push_back(dot(q, key) / std::sqrt(static_cast<double>(q.size())));
    }
    return result;
  }
};

/// Rows of every layer and head of the embedded model's first window of `path`, at every
/// `stride`-th position from `from` on.
inline std::vector<RealRow> real_rows(const std::string& path, std::size_t from,
                                      std::size_t stride) {
  const auto model = model::Llama::load(HASSE_SOURCE_DIR "/golden/model/bytelm.safetensors");
  const std::size_t dim = model.config().head_dim;
  std::vector<RealRow> rows;
  const auto capture = [&](std::size_t, const tensor::Matrix<float>& q,
                           const tensor::Matrix<float>& k, const tensor::Matrix<float>& v) {
    for (std::size_t head = 0; head < q.cols() / dim; ++head) {
      const HeadRows queries(q, head, dim);
      const HeadRows keys(k, head * k.cols() / q.cols(), dim);
      for (std::size_t t = from; t < q.rows(); t += stride) {
        RealRow row{{queries[t].begin(), queries[t].end()}, {}};
        for (std::size_t j = 0; j <= t; ++j) row.keys.emplace_back(keys[j].begin(), keys[j].end());
        rows.push_back(std::move(row));
      }
    }
    return model::attend(q, k, v, dim);
  };
  const auto tokens =
      model::byte_tokens(tensor::read_file(path).substr(0, model.config().max_position_embeddings));
  model.forward(tokens, {}, capture);
  return rows;
}

/// `values` in steps of `scale`, eight bits.
inline std::vector<std::int8_t> to_bytes(std::span<const float> values, float scale) {
  std::vector<std::int8_t> bytes(values.size());
  std::ranges::transform(values, bytes.begin(), [scale](float value) {
    return static_cast<std::int8_t>(std::clamp(std::rint(value / scale), -127.0F, 127.0F));
  });
  return bytes;
}

inline float largest(std::span<const float> values) {
  float most = 1e-9F;
  for (const float value : values) most = std::max(most, std::fabs(value));
  return most;
}

/// Mean kept mass of four pages of 16, chosen by real scores, and by the selector on codes of
/// `bits` bits of integer scores: queries of eight bits per token, keys of eight bits per head, the
/// shift that never saturates.
struct PageChoice {
  double real_mass = 0;
  double integer_mass = 0;
  double same_pages = 0;  ///< Share of pages chosen by both.
};

inline std::vector<std::uint32_t> integer_scores(const RealRow& row, int bits) {
  float scale = 0;
  for (const auto& key : row.keys) scale = std::max(scale, largest(key) / 127);
  PageStatsUnit stats(16, row.q.size());
  for (const auto& key : row.keys) stats.append(to_bytes(key, scale));
  const auto q = to_bytes(row.q, largest(row.q) / 127);
  const int shift = std::max(0, score_bits(row.q.size()) - bits);
  std::vector<std::uint32_t> codes;
  for (std::size_t p = 0; p < stats.pages(); ++p) {
    codes.push_back(score_code(page_score(q, stats.max(p), stats.min(p)), shift, bits));
  }
  return codes;
}

inline PageChoice page_choice(const std::vector<RealRow>& rows, int bits) {
  constexpr std::size_t kPlaces = 4;
  PageChoice sum;
  for (const RealRow& row : rows) {
    PageStats stats(16, row.q.size());
    for (const auto& key : row.keys) stats.append(key);
    const Indices real = top_k(page_scores(row.q, stats), kPlaces, Ties::lowest);
    const auto codes = integer_scores(row, bits);
    const SelectorShape shape{.score_bits = bits};
    const Indices integer = select(shape, {.scores = codes, .target = kPlaces}).kept;
    const auto scores = row.scores();
    sum.real_mass += kept_mass(scores, tokens_of_pages(real, 16, row.keys.size()));
    sum.integer_mass += kept_mass(scores, tokens_of_pages(integer, 16, row.keys.size()));
    Indices both;
    std::ranges::set_intersection(real, integer, std::back_inserter(both));
    sum.same_pages += static_cast<double>(both.size()) / static_cast<double>(real.size());
  }
  const auto count = static_cast<double>(rows.size());
  return {sum.real_mass / count, sum.integer_mass / count, sum.same_pages / count};
}

/// Tokens that top-p keeps, and the least mass it keeps, with real weights and with weights of
/// `bits` bits, floor(weight * 2^bits), whose target is p of their own sum.
struct MassChoice {
  double real_tokens = 0;
  double integer_tokens = 0;
  double least_mass = 1;
};

inline MassChoice mass_choice(const std::vector<RealRow>& rows, int bits, double p) {
  MassChoice sum;
  for (const RealRow& row : rows) {
    const auto weights = softmax(row.scores(), first_tokens(row.keys.size()));
    std::vector<std::uint32_t> codes;
    std::uint64_t all = 0;
    for (const double weight : weights) {
      const double most = (1 << bits) - 1;
      codes.push_back(static_cast<std::uint32_t>(std::min(weight * (1 << bits), most)));
      all += codes.back();
    }
    const auto target = static_cast<std::uint64_t>(std::ceil(p * static_cast<double>(all)));
    const SelectorShape shape{.score_bits = bits};
    const Indices kept = select(shape, {.scores = codes, .by_mass = true, .target = target}).kept;
    double mass = 0;
    for (const std::size_t i : kept) mass += weights[i];
    sum.real_tokens += static_cast<double>(top_p(weights, {.p = p}).kept.size());
    sum.integer_tokens += static_cast<double>(kept.size());
    sum.least_mass = std::min(sum.least_mass, mass);
  }
  const auto count = static_cast<double>(rows.size());
  return {sum.real_tokens / count, sum.integer_tokens / count, sum.least_mass};
}

}  // namespace hasse::attention::units
