// SPDX-License-Identifier: Apache-2.0
// An attention engine on the bench, with a memory of pages behind its read port.
#pragma once

#include <cstdint>
#include <string>

#include "generator/units/attention_engine.hpp"
#include "golden/attention/units/attention_engine.hpp"
#include "verif/system/attention_memory.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::system {

/// What a step did at the ports.
struct AttentionRun {
  tensor::Matrix<std::int32_t> out{};     ///< [columns x D]
  attention::Indices listed{};            ///< Pages whose keys were read, in that order.
  attention::Indices value_pages{};       ///< Pages whose values were read, in the first pass.
  attention::units::EngineBytes bytes{};  ///< Taken from the memory port.
  std::uint64_t cycles = 0;               ///< From start to done.
  bool refused = false;
};

/// The geometry of an engine on the array that the design `json` describes.
units::AttentionGeometry attention_geometry(const std::string& json);

/// The model's shape of the engine.
attention::units::EngineShape shape_of(const units::AttentionGeometry& g);

class AttentionRig {
 public:
  explicit AttentionRig(const units::AttentionGeometry& g);

  const units::AttentionGeometry& geometry() const { return g_; }
  unit::Bench& bench() { return bench_; }
  /// A new sequence.
  void clear();
  /// A page of the streaming head begins.
  void advance_stream();

  /// One step of `task` for `queries` [columns x D], of a sequence whose pages lie in `store`.
  AttentionRun run(const attention::units::EngineTask& task,
                   const tensor::Matrix<std::int8_t>& queries, std::size_t logical_pages,
                   const KvStore& store, const MemoryPace& pace = {}, std::uint64_t seed = 1);

 private:
  void pulse(const std::string& port);
  void set_task(const attention::units::EngineTask& task, std::size_t columns,
                std::size_t logical_pages);
  std::vector<std::uint32_t> query_beats(const tensor::Matrix<std::int8_t>& queries) const;

  units::AttentionGeometry g_;
  unit::Bench bench_;
};

}  // namespace hasse::system
