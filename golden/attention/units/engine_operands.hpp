// SPDX-License-Identifier: Apache-2.0
// Real keys, values and queries as an attention engine takes them, and its outputs as real numbers:
// the host's part.
#pragma once

#include <cstddef>
#include <span>

#include "golden/attention/dense.hpp"
#include "golden/attention/units/attention_engine.hpp"
#include "golden/tensor/matrix.hpp"

namespace hasse::attention::units {

/// One KV head in an engine's memory. The largest element of all keys is 2^15 - 1, of the bounds
/// 127; the same of the values.
struct EngineMemory {
  KvMemory memory;
  double key_step = 0;    ///< What a key's element of 1 is worth.
  double value_step = 0;  ///< The same of a value.
};

/// The first `tokens` keys and values of a head, quantised to `kv_bits`, in pages in a row.
EngineMemory engine_memory(const HeadRows& keys, const HeadRows& values, std::size_t tokens,
                           int kv_bits, const EngineShape& shape);

/// The queries of a step, on one scale: the largest element is 127.
struct EngineQueries {
  tensor::Matrix<std::int8_t> queries;  ///< [columns x D]
  double step = 0;
};

EngineQueries engine_queries(const tensor::Matrix<float>& queries);

/// Sets key_shift, step, page_shift and value_shift of `task`, whose kv_bits are set, so that no
/// score of these queries saturates.
void set_scales(EngineTask& task, const EngineMemory& memory, const EngineQueries& queries);

/// The outputs [columns x D] of a step as real numbers.
tensor::Matrix<double> real_outputs(const EngineStep& step, const EngineTask& task,
                                    const EngineMemory& memory);

}  // namespace hasse::attention::units
