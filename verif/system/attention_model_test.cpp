// SPDX-License-Identifier: Apache-2.0
// A layer of the byte-level model on the attention engine: a decode step and a prompt's block.
#include <gtest/gtest.h>

#include <cmath>

#include "golden/attention/units/engine_operands.hpp"
#include "verif/attention/layer_operands.hpp"
#include "verif/system/attention_random.hpp"

namespace hasse::system {
namespace {

using attention::HeadRows;
using attention::units::engine_memory;
using attention::units::engine_queries;
using attention::units::EngineMemory;
using attention::units::EngineQueries;
using attention::units::EngineStep;
using attention::units::EngineTask;
using attention::units::PageSource;
using harness::layer_operands;
using harness::LayerOperands;
using tensor::Matrix;

class AttentionOfTheModel : public testing::TestWithParam<int> {
 protected:
  static units::AttentionGeometry geometry() {
    units::AttentionGeometry g = attention_geometry(split_array(4));
    g.dim = 32;
    g.max_pages = g.max_listed = 32;
    return g;
  }

  /// The engine's outputs, equal to its model's, as real numbers.
  Matrix<double> attend(EngineTask task, const EngineMemory& memory, const EngineQueries& queries) {
    set_scales(task, memory, queries);
    attention::units::AttentionEngine golden(harness::shape_of(rig_.geometry()));
    rig_.clear();
    step_ = golden.run(task, queries.queries, memory.memory);
    const harness::KvStore store(rig_.geometry(), memory.memory, task.kv_bits, 1);
    const harness::MemoryPace pace{.bytes_per_cycle = 16, .latency = 40};
    run_ = rig_.run(task, queries.queries, memory.memory.bounds.pages(), store, pace);
    EXPECT_EQ(run_.out, step_.out);
    EXPECT_EQ(run_.listed, step_.listed);
    EXPECT_EQ(run_.bytes, step_.bytes);
    return real_outputs(step_, task, memory);
  }

  EngineMemory memory_of(std::size_t head, std::size_t tokens) const {
    return engine_memory({layer_.k, head, layer_.dim}, {layer_.v, head, layer_.dim}, tokens,
                         GetParam(), harness::shape_of(rig_.geometry()));
  }

  /// Outputs are those of dense attention to the real operands, in units of the largest value but
  /// for what scores of eight bits and codes of `GetParam()` bits cost: measured 0.020 and 0.165.
  void expect_near(const LayerOperands& layer, std::size_t kv_head, std::size_t first,
                   const Matrix<double>& outputs) const {
    const HeadRows keys(layer.k, kv_head, layer.dim), values(layer.v, kv_head, layer.dim);
    double most = 0;
    for (const float value : layer.v.values()) most = std::max(most, std::fabs(double{value}));
    for (std::size_t c = 0; c < outputs.rows(); ++c) {
      const std::size_t token = first + c / layer.group();
      const HeadRows queries(layer.q, kv_head * layer.group() + c % layer.group(), layer.dim);
      const auto seen = attention::first_tokens(token + 1);
      const auto exact = attention::weighted_values(
          attention::softmax(attention::scaled_scores(queries[token], keys, token + 1), seen), seen,
          values);
      for (std::size_t d = 0; d < layer.dim; ++d)
        ASSERT_NEAR(outputs(c, d), exact[d], most * (GetParam() == 8 ? 0.03 : 0.2));
    }
  }

  AttentionRig rig_{geometry()};
  LayerOperands layer_ = layer_operands(2);
  EngineStep step_;
  harness::AttentionRun run_;
};

// Dense, then Quest's pages, then Twilight's top-p of them: every time less is read.
TEST_P(AttentionOfTheModel, DecodesTheLastToken) {
  const std::size_t tokens = layer_.k.rows();
  for (std::size_t head = 0; head < layer_.kv_heads(); ++head) {
    EngineTask task;
    task.kv_bits = GetParam();
    task.tokens = tokens;
    task.visible.assign(layer_.group(), (tokens - 1) % 16 + 1);
    const EngineMemory memory = memory_of(head, tokens);
    const EngineQueries queries = engine_queries(layer_.queries(head, tokens - 1, 1));
    expect_near(layer_, head, tokens - 1, attend(task, memory, queries));
    const std::size_t dense = run_.bytes.all();
    task.source = PageSource::scores;
    task.places = 8;
    attend(task, memory, queries);
    const std::size_t quest = run_.bytes.all(), values = run_.bytes.value_codes;
    EXPECT_LT(quest, dense);
    task.mass = 55706;  // 0.85
    attend(task, memory, queries);
    EXPECT_LT(run_.bytes.value_codes, values);
    EXPECT_EQ(run_.bytes.key_codes, values);
  }
}

// Two tokens of a block at a time, each with its query heads: dense, then as a streaming head does.
TEST_P(AttentionOfTheModel, TakesAPromptsBlock) {
  constexpr std::size_t kBlock = 12, kPage = 16, kTokens = (kBlock + 1) * kPage;
  for (std::size_t head = 0; head < layer_.kv_heads(); ++head) {
    const EngineMemory memory = memory_of(head, kTokens);
    for (std::size_t t = 0; t < kPage; t += 2) {
      EngineTask task;
      task.kv_bits = GetParam();
      task.tokens = kTokens;
      task.visible = {t + 1, t + 1, t + 2, t + 2};
      const std::size_t first = kBlock * kPage + t;
      const EngineQueries queries = engine_queries(layer_.queries(head, first, 2));
      expect_near(layer_, head, first, attend(task, memory, queries));
      task.sink = 1;
      task.local = 4;
      attend(task, memory, queries);
      EXPECT_EQ(run_.listed, (attention::Indices{0, 9, 10, 11, 12}));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Codes, AttentionOfTheModel, testing::Values(8, 4),
                         [](const auto& bits) { return "kv" + std::to_string(bits.param); });

}  // namespace
}  // namespace hasse::system
