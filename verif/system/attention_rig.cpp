// SPDX-License-Identifier: Apache-2.0
#include "verif/system/attention_rig.hpp"

#include <array>
#include <stdexcept>

#include "generator/design/design.hpp"
#include "verif/harness/port.hpp"

namespace hasse::system {

using attention::units::EngineTask;
using tensor::Matrix;

units::AttentionGeometry attention_geometry(const std::string& json) {
  return units::AttentionGeometry(design::parse(json, "the test's design"));
}

attention::units::EngineShape shape_of(const units::AttentionGeometry& g) {
  attention::units::EngineShape shape;
  shape.dim = static_cast<std::size_t>(g.dim);
  shape.page = static_cast<std::size_t>(g.page);
  shape.logical_pages = static_cast<std::size_t>(g.logical_pages);
  shape.bounds_block = static_cast<std::size_t>(g.kBoundsBlock);
  shape.interval = static_cast<std::size_t>(g.interval);
  return shape;
}

AttentionRig::AttentionRig(const units::AttentionGeometry& g)
    : g_(g), bench_(units::attention_engine(g)) {}

void AttentionRig::pulse(const std::string& port) {
  bench_.set(port, 1);
  bench_.settle();
  bench_.edge();
  bench_.set(port, 0);
}

void AttentionRig::clear() {
  pulse("clear_i");
  pulse("stream_clear_i");
}

void AttentionRig::advance_stream() {
  pulse("stream_advance_i");
}

void AttentionRig::set_task(const EngineTask& task, std::size_t columns,
                            std::size_t logical_pages) {
  const auto page = static_cast<std::size_t>(g_.page);
  bench_.set("source_i", static_cast<std::uint64_t>(task.source));
  bench_.set("pages_i", (task.tokens + page - 1) / page);
  bench_.set("active_i", (std::uint64_t{1} << columns) - 1);
  for (std::size_t c = 0; c < columns; ++c)
    bench_.set_field("visible_i", static_cast<int>(c), g_.token_bits(),
                     static_cast<std::int64_t>(task.visible[c]));
  bench_.set("sink_i", task.sink);
  bench_.set("local_i", task.local);
  bench_.set("logical_i", logical_pages);
  bench_.set("places_i", task.places);
  bench_.set("force_last_i", task.force_last ? 1 : 0);
  bench_.set("page_shift_i", static_cast<std::uint64_t>(task.page_shift));
  bench_.set("prune_i", task.mass ? 1 : 0);
  bench_.set("mass_i", task.mass.value_or(0));
  bench_.set("unite_i", task.unite ? 1 : 0);
  bench_.set("short_i", task.kv_bits == 4 ? 1 : 0);
  bench_.set("key_shift_i", static_cast<std::uint64_t>(task.key_shift));
  bench_.set("step_i", task.step);
  bench_.set("value_shift_i", static_cast<std::uint64_t>(task.value_shift));
}

/// Some elements of every column in a beat, column after column.
std::vector<std::uint32_t> AttentionRig::query_beats(const Matrix<std::int8_t>& queries) const {
  const auto rows = static_cast<std::size_t>(g_.operand_rows());
  const std::size_t beat = (static_cast<std::size_t>(g_.columns()) * rows * 8 + 31) / 32;
  std::vector<std::uint32_t> words(queries.cols() / rows * beat);
  for (std::size_t c = 0; c < queries.rows(); ++c)
    for (std::size_t d = 0; d < queries.cols(); ++d)
      harness::put_bits(words, d / rows * beat * 32 + (c * rows + d % rows) * 8, 8,
                        static_cast<std::uint8_t>(queries(c, d)));
  return words;
}

AttentionRun AttentionRig::run(const EngineTask& task, const Matrix<std::int8_t>& queries,
                               std::size_t logical_pages, const KvStore& store,
                               const MemoryPace& pace, std::uint64_t seed) {
  harness::Model& model = bench_.model();
  set_task(task, queries.rows(), logical_pages);
  const std::vector<std::uint32_t> beats = query_beats(queries);
  const std::size_t words = model.port("query_data_i").word_count();
  harness::BeatList query_source(beats, words);
  harness::StreamDriver query(model, "query", query_source, pace.stall, seed);
  PageMemory memory(model, g_, store, pace, seed + 1);
  harness::StreamDriver data(model, "memory", memory, pace.stall, seed + 2);
  AttentionRun run;
  run.out = Matrix<std::int32_t>(queries.rows(), static_cast<std::size_t>(g_.dim));
  std::size_t channel = 0;
  const auto take = [&](std::span<const std::uint32_t> beat) {
    for (std::size_t c = 0; c < queries.rows(); ++c)
      run.out(c, channel) = static_cast<std::int32_t>(beat[c]);
    ++channel;
  };
  harness::StreamMonitor output(model, "out", take, pace.stall, seed + 3);
  const std::array<harness::Agent*, 4> agents = {&query, &memory, &data, &output};
  bench_.set("start_i", 1);
  for (bool done = false; !done; ++run.cycles) {
    if (run.cycles > 2'000'000)
      throw std::runtime_error("the engine does not end: " + std::to_string(channel));
    for (harness::Agent* agent : agents) agent->drive();
    bench_.settle();
    for (harness::Agent* agent : agents) agent->sample();
    done = bench_.is_set("done_o");
    run.refused = bench_.is_set("error_o");
    bench_.edge();
    bench_.set("start_i", 0);
  }
  run.listed = memory.key_pages();
  run.value_pages = memory.value_pages();
  run.bytes = memory.bytes();
  if (run.refused) return run;
  if (!memory.idle() || data.offering()) throw std::runtime_error("words were left over");
  if (channel != run.out.cols()) throw std::runtime_error("outputs are missing");
  return run;
}

}  // namespace hasse::system
