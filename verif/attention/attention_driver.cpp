// SPDX-License-Identifier: Apache-2.0
#include "verif/attention/attention_driver.hpp"

#include <array>

#include "verif/harness/errors.hpp"
#include "verif/harness/port.hpp"

namespace hasse::harness {

using attention::units::EngineTask;
using tensor::Matrix;

void AttentionDriver::pulse(const std::string& port) {
  model_.set(port, 1);
  model_.settle();
  model_.edge();
  model_.set(port, 0);
}

void AttentionDriver::clear() {
  pulse("clear_i");
  pulse("stream_clear_i");
}

void AttentionDriver::advance_stream() {
  pulse("stream_advance_i");
}

void AttentionDriver::set_task(const EngineTask& task, std::size_t columns,
                               std::size_t logical_pages) {
  const auto page = static_cast<std::size_t>(g_.page);
  model_.set("source_i", static_cast<std::uint64_t>(task.source));
  model_.set("pages_i", (task.tokens + page - 1) / page);
  model_.set("active_i", (std::uint64_t{1} << columns) - 1);
  for (std::size_t c = 0; c < columns; ++c)
    model_.set_bits("visible_i", c * static_cast<std::size_t>(g_.token_bits()),
                    static_cast<unsigned>(g_.token_bits()), task.visible[c]);
  model_.set("sink_i", task.sink);
  model_.set("local_i", task.local);
  model_.set("logical_i", logical_pages);
  model_.set("places_i", task.places);
  model_.set("force_last_i", task.force_last ? 1 : 0);
  model_.set("page_shift_i", static_cast<std::uint64_t>(task.page_shift));
  model_.set("prune_i", task.mass ? 1 : 0);
  model_.set("mass_i", task.mass.value_or(0));
  model_.set("unite_i", task.unite ? 1 : 0);
  model_.set("short_i", task.kv_bits == 4 ? 1 : 0);
  model_.set("key_shift_i", static_cast<std::uint64_t>(task.key_shift));
  model_.set("step_i", task.step);
  model_.set("value_shift_i", static_cast<std::uint64_t>(task.value_shift));
}

/// Some elements of every column in a beat, column after column.
std::vector<std::uint32_t> AttentionDriver::query_beats(const Matrix<std::int8_t>& queries) const {
  const auto rows = static_cast<std::size_t>(g_.operand_rows());
  const std::size_t beat = (static_cast<std::size_t>(g_.columns()) * rows * 8 + 31) / 32;
  std::vector<std::uint32_t> words(queries.cols() / rows * beat);
  for (std::size_t c = 0; c < queries.rows(); ++c)
    for (std::size_t d = 0; d < queries.cols(); ++d)
      put_bits(words, d / rows * beat * 32 + (c * rows + d % rows) * 8, 8,
               static_cast<std::uint8_t>(queries(c, d)));
  return words;
}

AttentionRun AttentionDriver::run(const EngineTask& task, const Matrix<std::int8_t>& queries,
                                  std::size_t logical_pages, const KvStore& store,
                                  const MemoryPace& pace, std::uint64_t seed) {
  set_task(task, queries.rows(), logical_pages);
  const std::vector<std::uint32_t> beats = query_beats(queries);
  const std::size_t words = model_.port("query_data_i").word_count();
  BeatList query_source(beats, words);
  StreamDriver query(model_, "query", query_source, pace.stall, seed);
  PageMemory memory(model_, g_, store, pace, seed + 1);
  StreamDriver data(model_, "memory", memory, pace.stall, seed + 2);
  AttentionRun run;
  run.out = Matrix<std::int32_t>(queries.rows(), static_cast<std::size_t>(g_.dim));
  std::size_t channel = 0;
  const auto take = [&](std::span<const std::uint32_t> beat) {
    for (std::size_t c = 0; c < queries.rows(); ++c)
      run.out(c, channel) = static_cast<std::int32_t>(beat[c]);
    ++channel;
  };
  StreamMonitor output(model_, "out", take, pace.stall, seed + 3);
  const std::array<Agent*, 4> agents = {&query, &memory, &data, &output};
  model_.set("start_i", 1);
  // Several times what the slowest array and the longest pauses of the tests take.
  const auto most = 20'000 + 500 * static_cast<std::uint64_t>(g_.max_pages * g_.page);
  for (bool done = false; !done; ++run.cycles) {
    if (run.cycles > most)
      throw ProtocolError("the engine does not end: " + std::to_string(channel));
    for (Agent* agent : agents) agent->drive();
    model_.settle();
    for (Agent* agent : agents) agent->sample();
    done = model_.get("done_o") != 0;
    run.refused = model_.get("error_o") != 0;
    model_.edge();
    model_.set("start_i", 0);
  }
  run.listed = memory.key_pages();
  run.value_pages = memory.value_pages();
  run.bytes = memory.bytes();
  if (run.refused) return run;
  if (!memory.idle() || data.offering()) throw ProtocolError("words were left over");
  if (channel != run.out.cols()) throw ProtocolError("outputs are missing");
  return run;
}

}  // namespace hasse::harness
