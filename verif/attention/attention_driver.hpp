// SPDX-License-Identifier: Apache-2.0
// An attention engine and what is around it: queries, a memory of pages, outputs.
#pragma once

#include <cstdint>
#include <string>

#include "generator/units/attention_engine.hpp"
#include "golden/attention/units/attention_engine.hpp"
#include "verif/attention/page_memory.hpp"
#include "verif/harness/model.hpp"

namespace hasse::harness {

/// What a step did at the ports.
struct AttentionRun {
  tensor::Matrix<std::int32_t> out{};     ///< [columns x D]
  attention::Indices listed{};            ///< Pages whose keys were read, in that order.
  attention::Indices value_pages{};       ///< Pages whose values were read, in the first pass.
  attention::units::EngineBytes bytes{};  ///< Taken from the memory port.
  std::uint64_t cycles = 0;               ///< From start to done.
  bool refused = false;
};

/// Runs steps on a simulated engine.
class AttentionDriver {
 public:
  /// `model`, of an engine of `g`, must outlive the driver.
  AttentionDriver(Model& model, const units::AttentionGeometry& g) : model_(model), g_(g) {}

  /// A new sequence.
  void clear();
  /// A page of the streaming head begins.
  void advance_stream();

  /// One step of `task` for `queries` [columns x D], of a sequence of so many logical pages that
  /// lies in `store`. Throws ProtocolError when the engine does not end, or gives too little.
  AttentionRun run(const attention::units::EngineTask& task,
                   const tensor::Matrix<std::int8_t>& queries, std::size_t logical_pages,
                   const KvStore& store, const MemoryPace& pace = {}, std::uint64_t seed = 1);

 private:
  void pulse(const std::string& port);
  void set_task(const attention::units::EngineTask& task, std::size_t columns,
                std::size_t logical_pages);
  std::vector<std::uint32_t> query_beats(const tensor::Matrix<std::int8_t>& queries) const;

  Model& model_;
  units::AttentionGeometry g_;
};

}  // namespace hasse::harness
