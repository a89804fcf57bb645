// SPDX-License-Identifier: Apache-2.0
// Bit-true model of attention_engine: one KV head with its query heads, a decode step or a
// prompt's block at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "golden/attention/dense.hpp"
#include "golden/attention/units/block_walker.hpp"
#include "golden/attention/units/kv_quantizer.hpp"
#include "golden/attention/units/page_scorer.hpp"
#include "golden/attention/units/selector.hpp"
#include "golden/tensor/matrix.hpp"

namespace hasse::attention::units {

/// What an engine is built for.
struct EngineShape {
  std::size_t dim = 64;           ///< D: channels of a key and of a value.
  std::size_t page = 16;          ///< Tokens of a page, a multiple of the selector's lanes.
  std::size_t logical_pages = 1;  ///< Logical pages of a page, each with bounds of its own.
  std::size_t bounds_block = 16;  ///< Logical pages whose bounds are read together.
  std::size_t interval = 1;       ///< Steps for which a list of scored pages is kept.
  SelectorShape selector{};

  std::size_t logical_page() const { return page / logical_pages; }
};

/// Where a step's list of pages comes from: all or the first and last of a sequence, the slots of a
/// streaming head, or the pages' scores.
enum class PageSource { window, stream, scores };

/// What an engine is asked for. Columns are pairs of a token and a query head.
struct EngineTask {
  PageSource source = PageSource::window;
  std::size_t tokens = 1;               ///< In the sequence; those of the list's last page follow.
  std::vector<std::size_t> visible{};   ///< Per column, tokens of the last page that it sees.
  std::size_t sink = 0;                 ///< `window`: first pages of the list.
  std::size_t local = 0;                ///< `window`: last pages of it; 0: all pages.
  std::size_t places = 1;               ///< `scores`: pages of a column, the forced one included.
  bool force_last = true;               ///< `scores`: the last page is one of them.
  int page_shift = 0;                   ///< `scores`: see score_code.
  std::optional<std::uint32_t> mass{};  ///< Top-p: what has to be kept, U1.16; 0 as if it were 1.
  bool unite = false;                   ///< All columns read what any of them keeps.
  int kv_bits = 8;                      ///< Of a code, 4 or 8.
  int key_shift = 1;                    ///< See key_score.
  std::uint32_t step = 0;               ///< What a score of 1 is worth; see softmax_step.
  int value_shift = 16;                 ///< See ValueScaler.
};

/// A page in memory, a word a token; the last one may be partly filled.
struct KvPage {
  std::vector<KvWord> keys{};
  std::vector<KvWord> values{};
};

/// A KV head's memory: pages by their place, and bounds of the keys before they were quantised.
struct KvMemory {
  std::vector<KvPage> pages{};
  PageStatsUnit bounds{16, 64};
};

/// Bytes that a step reads.
struct EngineBytes {
  std::size_t bounds = 0;
  std::size_t key_scales = 0;
  std::size_t key_codes = 0;
  std::size_t value_scales = 0;
  std::size_t value_codes = 0;

  std::size_t all() const { return bounds + key_scales + key_codes + value_scales + value_codes; }
  bool operator==(const EngineBytes&) const = default;
};

/// What a step gives.
struct EngineStep {
  tensor::Matrix<std::int32_t> out{};  ///< [columns x D], elements in units of 1 / (2^bits - 1).
  Indices listed{};                    ///< Pages whose keys are read, in that order.
  Indices value_pages{};               ///< Pages whose values are read.
  std::vector<std::size_t> kept{};     ///< Per column, tokens that it attends to.
  EngineBytes bytes{};
};

/// An engine, step after step. What it keeps between steps is the last list of scored pages.
class AttentionEngine {
 public:
  explicit AttentionEngine(const EngineShape& shape) : shape_(shape), reuse_(1, shape.interval) {}

  /// A new sequence.
  void clear();

  /// One step of `task` for `queries` [columns x D], of eight bits. `slots`: of a streaming head,
  /// in the order of their tokens.
  EngineStep run(const EngineTask& task, const tensor::Matrix<std::int8_t>& queries,
                 const KvMemory& memory, const Indices& slots = {});

 private:
  /// A page of the list, and which columns read it.
  struct Entry {
    std::size_t page = 0;
    bool last = false;  ///< The one that `visible` is about.
    std::vector<bool> own{};
  };
  using Masks = std::vector<std::vector<bool>>;  ///< [column][token of the list]

  std::vector<Entry> list(const EngineTask& task, const tensor::Matrix<std::int8_t>& queries,
                          const KvMemory& memory, const Indices& slots, EngineBytes& bytes);
  std::vector<Entry> scored(const EngineTask& task, const tensor::Matrix<std::int8_t>& queries,
                            const KvMemory& memory, EngineBytes& bytes) const;
  Indices choose(const EngineTask& task, std::span<const std::int8_t> query,
                 const KvMemory& memory) const;
  tensor::Matrix<std::int8_t> scores(const EngineTask& task, const std::vector<Entry>& entries,
                                     const tensor::Matrix<std::int8_t>& queries,
                                     const KvMemory& memory) const;
  Masks masks(const EngineTask& task, const std::vector<Entry>& entries) const;
  Masks pruned(const EngineTask& task, const tensor::Matrix<std::int8_t>& scores,
               const Masks& masks) const;
  void weigh(const EngineTask& task, const std::vector<Entry>& entries,
             const tensor::Matrix<std::int8_t>& scores, const Masks& masks, const KvMemory& memory,
             EngineStep& step) const;

  EngineShape shape_;
  ReuseCache reuse_;
  std::size_t position_ = 0;
  std::vector<Entry> kept_{};  ///< The last list, if it was of scored pages.
};

}  // namespace hasse::attention::units
