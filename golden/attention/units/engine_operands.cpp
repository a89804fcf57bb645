// SPDX-License-Identifier: Apache-2.0
// Scales of keys, values, queries and scores.
#include "golden/attention/units/engine_operands.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>

#include "golden/attention/units/softmax_unit.hpp"

namespace hasse::attention::units {
namespace {

using tensor::Matrix;

constexpr int kElementMost = INT16_MAX;
constexpr int kQueryMost = INT8_MAX;

double largest(std::span<const float> values) {
  double most = 1e-9;
  for (const float value : values) most = std::max(most, std::fabs(static_cast<double>(value)));
  return most;
}

double largest(const HeadRows& rows, std::size_t tokens) {
  double most = 0;
  for (std::size_t t = 0; t < tokens; ++t) most = std::max(most, largest(rows[t]));
  return most;
}

template <class T>
std::vector<T> in_steps(std::span<const float> values, double step) {
  std::vector<T> whole(values.size());
  std::ranges::transform(values, whole.begin(),
                         [step](float value) { return static_cast<T>(std::lrint(value / step)); });
  return whole;
}

/// The largest magnitude of a score before its shift.
double largest_score(const EngineTask& task, const KvMemory& memory,
                     const Matrix<std::int8_t>& queries) {
  const double levels = (1 << task.kv_bits) - 1;
  double most = 1;
  for (const KvPage& page : memory.pages) {
    for (const KvWord& key : page.keys) {
      for (std::size_t c = 0; c < queries.rows(); ++c) {
        double score = 0;
        for (std::size_t d = 0; d < key.codes.size(); ++d) {
          score += queries(c, d) * (levels * key.low + double{1} * key.codes[d] * key.range);
        }
        most = std::max(most, std::fabs(score));
      }
    }
  }
  return most;
}

}  // namespace

EngineMemory engine_memory(const HeadRows& keys, const HeadRows& values, std::size_t tokens,
                           int kv_bits, const EngineShape& shape) {
  EngineMemory result;
  const double key_most = largest(keys, tokens);
  result.key_step = key_most / kElementMost;
  result.value_step = largest(values, tokens) / kElementMost;
  result.memory.bounds = PageStatsUnit(shape.logical_page(), shape.dim);
  for (std::size_t t = 0; t < tokens; ++t) {
    if (t % shape.page == 0) result.memory.pages.emplace_back();
    KvPage& page = result.memory.pages.back();
    page.keys.push_back(quantize_kv(in_steps<std::int16_t>(keys[t], result.key_step), kv_bits));
    page.values.push_back(
        quantize_kv(in_steps<std::int16_t>(values[t], result.value_step), kv_bits));
    result.memory.bounds.append(in_steps<std::int8_t>(keys[t], key_most / INT8_MAX));
  }
  return result;
}

EngineQueries engine_queries(const Matrix<float>& queries) {
  const double step = largest(queries.values()) / kQueryMost;
  return {{queries.rows(), queries.cols(), in_steps<std::int8_t>(queries.values(), step)}, step};
}

void set_scales(EngineTask& task, const EngineMemory& memory, const EngineQueries& queries) {
  const double most = largest_score(task, memory.memory, queries.queries);
  task.key_shift = std::max(1, static_cast<int>(std::ceil(std::log2(most / (INT8_MAX + 0.49)))));
  const double levels = (1 << task.kv_bits) - 1;
  const auto dim = static_cast<double>(queries.queries.cols());
  const double unit =
      std::ldexp(memory.key_step * queries.step, task.key_shift) / levels / std::sqrt(dim);
  task.step = softmax_step(unit);
  task.page_shift = std::max(0, score_bits(queries.queries.cols()) - SelectorShape{}.score_bits);
  std::uint32_t range = 1;
  for (const KvPage& page : memory.memory.pages) {
    for (const KvWord& value : page.values) range = std::max<std::uint32_t>(range, value.range);
  }
  task.value_shift = static_cast<int>(std::bit_width(range));
}

Matrix<double> real_outputs(const EngineStep& step, const EngineTask& task,
                            const EngineMemory& memory) {
  const double unit = memory.value_step / ((1 << task.kv_bits) - 1);
  Matrix<double> real(step.out.rows(), step.out.cols());
  std::transform(step.out.values().begin(), step.out.values().end(), real.data(),
                 [unit](std::int32_t value) { return value * unit; });
  return real;
}

}  // namespace hasse::attention::units
