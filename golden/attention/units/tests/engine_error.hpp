// SPDX-License-Identifier: Apache-2.0
// What an attention engine's outputs may be off by, and are: docs/attention.md, "Error of the
// engine".
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "golden/attention/dense.hpp"
#include "golden/attention/units/attention_engine.hpp"
#include "golden/attention/units/engine_operands.hpp"
#include "golden/attention/units/softmax_unit.hpp"
#include "golden/model/llama.hpp"
#include "golden/model/operators.hpp"
#include "golden/tensor/file.hpp"

namespace hasse::attention::units {

/// One KV head: queries [columns x D], keys and values [tokens x D].
struct HeadOperands {
  tensor::Matrix<float> q, k, v;

  HeadRows keys() const { return {k, 0, k.cols()}; }
  HeadRows values() const { return {v, 0, v.cols()}; }
};

/// The operands of a step as an engine is given them.
struct EngineCase {
  HeadOperands real;
  EngineMemory memory;
  EngineQueries queries;
  EngineTask task;

  double levels() const { return (1 << task.kv_bits) - 1; }
};

inline constexpr EngineShape kErrorShape{.dim = 32};

/// A decode step over all tokens of `real`.
inline EngineCase engine_case(const HeadOperands& real, int kv_bits,
                              const EngineShape& shape = kErrorShape) {
  EngineCase c{real,
               engine_memory(real.keys(), real.values(), real.k.rows(), kv_bits, shape),
               engine_queries(real.q),
               {}};
  c.task.kv_bits = kv_bits;
  c.task.tokens = real.k.rows();
  c.task.visible.assign(real.q.rows(), (real.k.rows() - 1) % shape.page + 1);
  set_scales(c.task, c.memory, c.queries);
  return c;
}

/// Normal numbers; every query favours some key.
inline HeadOperands random_operands(std::mt19937& random, std::size_t columns, std::size_t tokens,
                                    std::size_t dim = kErrorShape.dim) {
  std::normal_distribution<float> number(0, 1);
  const auto matrix = [&](std::size_t rows) {
    tensor::Matrix<float> m(rows, dim);
    for (std::size_t r = 0; r < rows; ++r) {
      for (float& x : m.row(r)) x = number(random);
    }
    return m;
  };
  HeadOperands operands{matrix(columns), matrix(tokens), matrix(tokens)};
  for (std::size_t c = 0; c < columns; ++c) {
    const std::size_t near = random() % tokens;
    for (std::size_t d = 0; d < dim; ++d) operands.q(c, d) += 2 * operands.k(near, d);
  }
  return operands;
}

/// All KV heads of the embedded model over the first window of `path`, as they are at every
/// `stride`-th position from `from` on.
inline std::vector<HeadOperands> real_operands(const std::string& path, std::size_t from,
                                               std::size_t stride) {
  using Matrix = tensor::Matrix<float>;
  const auto model = model::Llama::load(HASSE_SOURCE_DIR "/golden/model/bytelm.safetensors");
  const std::size_t dim = model.config().head_dim;
  std::vector<HeadOperands> all;
  const auto rows_of = [dim](const Matrix& m, std::size_t head, std::size_t count) {
    Matrix rows(count, dim);
    for (std::size_t t = 0; t < count; ++t)
      std::ranges::copy(HeadRows(m, head, dim)[t], rows.row(t).begin());
    return rows;
  };
  const auto capture = [&](std::size_t, const Matrix& q, const Matrix& k, const Matrix& v) {
    const std::size_t group = q.cols() / k.cols();
    for (std::size_t head = 0; head < k.cols() / dim; ++head) {
      for (std::size_t t = from; t < q.rows(); t += stride) {
        Matrix queries(group, dim);
        for (std::size_t h = 0; h < group; ++h)
          std::ranges::copy(HeadRows(q, head * group + h, dim)[t], queries.row(h).begin());
        all.push_back({queries, rows_of(k, head, t + 1), rows_of(v, head, t + 1)});
      }
    }
    return model::attend(q, k, v, dim);
  };
  model.forward(
      model::byte_tokens(tensor::read_file(path).substr(0, model.config().max_position_embeddings)),
      {}, capture);
  return all;
}

/// The operands as the engine has them: queries of eight bits, codes of keys and values.
inline HeadOperands stored_operands(const EngineCase& c) {
  HeadOperands stored = c.real;
  for (std::size_t r = 0; r < stored.q.rows(); ++r) {
    for (std::size_t d = 0; d < stored.q.cols(); ++d)
      stored.q(r, d) = static_cast<float>(c.queries.queries(r, d) * c.queries.step);
  }
  const auto decode = [&c](const KvWord& word, double step, std::span<float> row) {
    std::ranges::transform(word.codes, row.begin(), [&](std::uint8_t code) {
      return static_cast<float>(step * (word.low + code * (word.range / c.levels())));
    });
  };
  std::size_t t = 0;
  for (const KvPage& page : c.memory.memory.pages) {
    for (std::size_t i = 0; i < page.keys.size(); ++i, ++t) {
      decode(page.keys[i], c.memory.key_step, stored.k.row(t));
      decode(page.values[i], c.memory.value_step, stored.v.row(t));
    }
  }
  return stored;
}

/// Real attention of one column over `tokens`.
inline std::vector<double> exact_output(const HeadOperands& operands, std::size_t column,
                                        const Indices& tokens) {
  const auto scores = scaled_scores(operands.q.row(column), operands.keys(), operands.k.rows());
  return weighted_values(softmax(scores, tokens), tokens, operands.values());
}

/// What an output may be off by, part by part.
struct ErrorBound {
  double scores = 0;         ///< Eight bits, and the softmax's step.
  double probabilities = 0;  ///< The softmax, U0.16.
  double weights = 0;        ///< Sixteen bits.
  double values = 0;         ///< Codes, when operands are the real ones; rounding of the output.

  double all() const { return scores + probabilities + weights + values; }
};

/// Relative error of a probability before it is rounded to U0.16: two exponents, the mantissas'
/// table, sum and reciprocal.
inline constexpr double kSoftmaxError = 7.2e-4;
/// Half of the last bit of a probability.
inline constexpr double kProbabilityHalf = 1.0 / (1 << 17);

/// What a score, in natural logarithms, may be off by. Half a step, and the rounding of the step;
/// when the operands are the real ones, half a step of every query's element, and of every key's
/// 16-bit element and code.
inline double score_error(const EngineCase& c, std::size_t column, const Indices& tokens,
                          bool is_stored) {
  const double root = std::sqrt(static_cast<double>(c.real.q.cols()));
  const double unit =
      std::ldexp(c.memory.key_step * c.queries.step, c.task.key_shift) / c.levels() / root;
  const double rounded = unit / 2 + 128 * kProbabilityHalf * std::numbers::ln2;
  if (is_stored) return rounded;
  double query_sum = 0, worst = 0;
  for (const std::int8_t q : c.queries.queries.row(column)) query_sum += std::abs(q);
  for (const std::size_t t : tokens) {
    const KvWord& key = c.memory.memory.pages[t / kErrorShape.page].keys[t % kErrorShape.page];
    double key_sum = 0;
    for (const float k : c.real.k.row(t)) key_sum += std::fabs(k);
    const double of_keys = query_sum * c.memory.key_step * (1 + key.range / c.levels()) / 2;
    worst = std::max(worst, c.queries.step * (of_keys + key_sum / 2) / root);
  }
  return rounded + worst;
}

/// The bound on any channel of `column`, attending to `tokens`, relative to real operands or to the
/// stored ones.
inline ErrorBound error_bound(const EngineCase& c, const HeadOperands& operands, std::size_t column,
                              const Indices& tokens, bool is_stored) {
  double spread = 0, most = 0, code = 0;
  for (std::size_t d = 0; d < operands.v.cols(); ++d) {
    float low = operands.v(tokens.front(), d), high = low;
    for (const std::size_t t : tokens) {
      low = std::min(low, operands.v(t, d));
      high = std::max(high, operands.v(t, d));
    }
    spread = std::max(spread, static_cast<double>(high) - low);
    most = std::max({most, std::fabs(double{low}), std::fabs(double{high})});
  }
  for (const std::size_t t : tokens) {
    const auto& page = c.memory.memory.pages[t / kErrorShape.page];
    const double step = page.values[t % kErrorShape.page].range / c.levels();
    code = std::max(code, c.memory.value_step * (1 + step) / 2);
  }
  const auto count = static_cast<double>(tokens.size());
  const double probabilities = kSoftmaxError + count * kProbabilityHalf;
  const double half_unit = c.memory.value_step / c.levels() / 2;
  return {.scores = std::tanh(score_error(c, column, tokens, is_stored) / 2) * spread,
          .probabilities = probabilities * (most + (is_stored ? 0 : code)),
          .weights = count * std::ldexp(c.memory.value_step, c.task.value_shift - 17),
          .values = half_unit + (is_stored ? 0 : code)};
}

/// Errors over many steps, in units of the largest value of each.
struct Measured {
  double mean = 0;
  double worst = 0;
  ErrorBound bound;  ///< Mean of the bounds.
};

/// Against real attention to the stored operands, and to the real ones.
struct EngineErrors {
  Measured stored, real;
};

/// Adds the outputs `out` of dense attention to `sum`.
inline void add_errors(const EngineCase& c, const HeadOperands& operands,
                       const tensor::Matrix<double>& out, bool is_stored, Measured& sum) {
  const Indices tokens = first_tokens(operands.k.rows());
  double most = 0;
  for (const float v : operands.v.values()) most = std::max(most, std::fabs(double{v}));
  for (std::size_t column = 0; column < out.rows(); ++column) {
    const auto exact = exact_output(operands, column, tokens);
    for (std::size_t d = 0; d < exact.size(); ++d) {
      const double error = std::fabs(out(column, d) - exact[d]) / most;
      sum.mean += error / static_cast<double>(exact.size());
      sum.worst = std::max(sum.worst, error);
    }
    const ErrorBound bound = error_bound(c, operands, column, tokens, is_stored);
    sum.bound.scores += bound.scores / most;
    sum.bound.probabilities += bound.probabilities / most;
    sum.bound.weights += bound.weights / most;
    sum.bound.values += bound.values / most;
  }
}

/// Dense decode steps of `all` with codes of `kv_bits` bits.
inline EngineErrors engine_errors(const std::vector<HeadOperands>& all, int kv_bits) {
  EngineErrors errors;
  double columns = 0;
  for (const HeadOperands& operands : all) {
    const EngineCase c = engine_case(operands, kv_bits);
    const EngineStep step =
        AttentionEngine(kErrorShape).run(c.task, c.queries.queries, c.memory.memory);
    const auto out = real_outputs(step, c.task, c.memory);
    add_errors(c, stored_operands(c), out, true, errors.stored);
    add_errors(c, operands, out, false, errors.real);
    columns += static_cast<double>(out.rows());
  }
  for (Measured* sum : {&errors.stored, &errors.real})
    for (double* part : {&sum->mean, &sum->bound.scores, &sum->bound.probabilities,
                         &sum->bound.weights, &sum->bound.values})
      *part /= columns;
  return errors;
}

}  // namespace hasse::attention::units
