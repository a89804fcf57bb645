// SPDX-License-Identifier: Apache-2.0
// Streams one product through a simulated transitive_gemm.
#include "verif/harness/gemm_driver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <deque>
#include <optional>

#include "verif/harness/errors.hpp"
#include "verif/harness/stream.hpp"

namespace hasse::harness {
namespace {

constexpr std::uint64_t kProgressInterval = 8192;

// Blocks of consecutive beats, each sent several times before the next.
class RepeatedBlocks : public BeatSource {
 public:
  RepeatedBlocks(PackedBeats beats, std::size_t block, std::size_t repeats)
      : beats_(std::move(beats)), block_(block), repeats_(repeats) {}

  const std::uint32_t* next() override {
    if (first_ >= beats_.count()) return nullptr;
    const std::uint32_t* beat = beats_.beat(first_ + within_);
    if (++within_ == block_) advance_block();
    return beat;
  }
  std::uint64_t total() const { return std::uint64_t{beats_.count()} * repeats_; }

 private:
  void advance_block() {
    within_ = 0;
    if (++repeat_ < repeats_) return;
    repeat_ = 0;
    first_ += block_;
  }

  PackedBeats beats_;
  std::size_t block_;
  std::size_t repeats_;
  std::size_t first_ = 0;
  std::size_t within_ = 0;
  std::size_t repeat_ = 0;
};

std::size_t tiles(int size, int tile) {
  return static_cast<std::size_t>((size + tile - 1) / tile);
}

// One pass over `beats` for every M-tile.
RepeatedBlocks per_m_tile(const Engine& engine, const Operands& operands, PackedBeats beats) {
  const std::size_t block = beats.count();
  return {std::move(beats), block, tiles(operands.shape().m, engine.streams().columns)};
}

RepeatedBlocks weight_source(const Engine& engine, const Operands& operands) {
  const transitive::Shape shape = operands.shape();
  if (engine.takes_programs()) return per_m_tile(engine, operands, pack_program(engine, operands));
  return per_m_tile(engine, operands,
                    engine.config.streams()
                        ? pack_streamed_weights(engine, operands)
                        : pack_weights(engine, {engine.streams(), shape, operands.weights}));
}

RepeatedBlocks activation_source(const Engine& engine, const Operands& operands) {
  const transitive::Shape shape = operands.shape();
  const int rows = engine.streams().tile_rows(shape);
  return {pack_activations(engine, operands.activations),
          static_cast<std::size_t>(engine.config.activation_beats(shape.k)), tiles(shape.n, rows)};
}

// Collects the result beats into Y, and checks that the last one says so.
class ResultCollector {
 public:
  ResultCollector(const Engine& engine, const transitive::Shape& shape, unsigned data_words)
      : walk_(engine, shape),
        bits_(static_cast<unsigned>(engine.accumulator_bits)),
        place_bits_(static_cast<std::size_t>(engine.result_columns()) * bits_),
        data_words_(data_words),
        y_(static_cast<std::size_t>(shape.n), static_cast<std::size_t>(shape.m)) {}

  void take(std::span<const std::uint32_t> words) {
    if (walk_.done())
      throw ProtocolError(fmt::format("a result beat after all {} were taken", walk_.count()));
    const std::vector<ResultPlace> places = walk_.next();
    for (std::size_t unit = 0; unit < places.size(); ++unit) {
      const ResultPlace& place = places[unit];
      for (int i = 0; i < place.count; ++i)
        y_(static_cast<std::size_t>(place.row), static_cast<std::size_t>(place.column + i)) =
            sign_extend(
                take_bits(words, unit * place_bits_ + static_cast<std::size_t>(i) * bits_, bits_),
                bits_);
    }
    if ((words[data_words_] != 0) != walk_.done()) {
      throw ProtocolError(fmt::format(
          "result_last_o is {} with row {}, column {}, which is {}the last beat",
          words[data_words_], places[0].row, places[0].column, walk_.done() ? "" : "not "));
    }
  }
  bool done() const { return walk_.done(); }
  std::uint64_t total() const { return walk_.count(); }
  tensor::Matrix<std::int64_t>& y() { return y_; }

 private:
  ResultWalk walk_;
  unsigned bits_;
  std::size_t place_bits_;
  unsigned data_words_;
  tensor::Matrix<std::int64_t> y_;
};

// One product on its way.
class Session {
 public:
  Session(Model& model, const Engine& engine, EngineControl& control, const Operands& operands,
          const GemmOptions& options)
      : model_(model),
        engine_(engine),
        control_(control),
        ports_{stream_ports(engine, "weight"), stream_ports(engine, "activation"),
               stream_ports(engine, "result")},
        options_(options),
        collector_(engine, operands.shape(),
                   static_cast<unsigned>(model.port(ports_[2].data).word_count())),
        weights_(weight_source(engine, operands)),
        activations_(activation_source(engine, operands)),
        weight_driver_(model, ports_[0], weights_, options.stall, options.seed * 3 + 1),
        activation_driver_(model, ports_[1], activations_, options.stall, options.seed * 3 + 2),
        result_monitor_(model, ports_[2], [this](auto words) { collector_.take(words); },
                        options.stall, options.seed * 3,
                        {engine.is_axi() ? "m_axis_result_tlast_o" : "result_last_o"}),
        subtile_done_(model.port("subtile_done_o")),
        start_(model.cycles()) {
    if (operands.scales)
      add_stream("scale", per_m_tile(engine, operands, pack_scales(engine, operands)));
    if (!operands.rescales.empty())
      add_stream("rescale", per_m_tile(engine, operands, pack_rescales(engine, operands)));
    if (engine.config.planner == transitive::Planner::listed && !engine.config.streams()) {
      PackedBeats table = pack_table(engine, operands);
      const std::size_t words = table.count();
      add_stream("table", {std::move(table), words, 1});
    }
    if (options.memory) attach_memory(input_beats(engine, operands));
    for (Agent* agent : control.agents()) agents_.push_back(agent);
    control.set_stall(options.stall, options.seed * 3 + 4);
  }

  void start(const transitive::Shape& shape) {
    control_.start(shape);
    start_ = model_.cycles() - 1;
  }

  // One clock cycle; true when the engine said it is done.
  bool step() {
    for (Agent* agent : agents_) agent->drive();
    model_.settle();
    for (Agent* agent : agents_) agent->sample();
    const std::optional<bool> ended = control_.ended();
    note_subtiles();
    if (memory_) tick_memory();
    if (ended) {
      run_.cycles = elapsed();
      run_.refused = *ended;
    }
    model_.edge();
    watch();
    return ended.has_value();
  }

  // After the last step.
  void finish();

  void idle() {
    model_.port(ports_[0].valid).set(0);
    model_.port(ports_[1].valid).set(0);
    for (const Extra& extra : extras_) model_.port(extra.ports.valid).set(0);
  }

  GemmRun& run() { return run_; }

 private:
  // A stream that only some products have.
  struct Extra {
    StreamPorts ports;
    RepeatedBlocks source;
    std::optional<StreamDriver> driver;
  };

  void add_stream(const std::string& name, RepeatedBlocks source) {
    Extra& extra = extras_.emplace_back(Extra{stream_ports(engine_, name), std::move(source), {}});
    extra.driver.emplace(model_, extra.ports, extra.source, options_.stall,
                         options_.seed * 3 + 2 + extras_.size());
    agents_.push_back(&*extra.driver);
  }
  void attach_memory(const transitive::InputBeats& beats) {
    memory_.emplace(*options_.memory, beats);
    weight_driver_.set_gate([this] { return memory_->offers().weight; });
    activation_driver_.set_gate([this] { return memory_->offers().activation; });
    result_monitor_.set_gate([this] { return memory_->offers().result; });
  }
  // After the agents' sample().
  void tick_memory() {
    const std::array<std::uint64_t, 3> now = {weight_driver_.taken(), activation_driver_.taken(),
                                              result_monitor_.taken()};
    memory_->tick({now[0] != taken_[0], now[1] != taken_[1], now[2] != taken_[2]});
    taken_ = now;
  }
  std::uint64_t elapsed() const { return model_.cycles() - start_; }
  std::uint64_t moved() const {
    return weight_driver_.taken() + activation_driver_.taken() + result_monitor_.taken() +
           run_.subtiles;
  }
  void note_subtiles();
  void watch();
  std::string standing() const;

  Model& model_;
  const Engine& engine_;
  EngineControl& control_;
  std::array<StreamPorts, 3> ports_;  ///< Weights, activations, results.
  const GemmOptions& options_;
  ResultCollector collector_;
  RepeatedBlocks weights_;
  RepeatedBlocks activations_;
  StreamDriver weight_driver_;
  StreamDriver activation_driver_;
  StreamMonitor result_monitor_;
  std::optional<transitive::HostMemory> memory_;
  std::array<std::uint64_t, 3> taken_{};  ///< Beats of the streams behind the memory.
  std::deque<Extra> extras_;
  std::vector<Agent*> agents_ = {&weight_driver_, &activation_driver_, &result_monitor_};
  Port subtile_done_;
  std::uint64_t start_;
  std::uint64_t last_moved_ = 0;
  std::uint64_t quiet_since_ = 0;
  GemmRun run_;
};

// One bit per unit; the pace is that of the first.
void Session::note_subtiles() {
  const std::uint64_t done = subtile_done_.get();
  if ((done & 1U) != 0) run_.subtile_done.push_back(elapsed());
  run_.subtiles += static_cast<std::uint64_t>(std::popcount(done));
}

void Session::finish() {
  const auto incomplete = [](const Extra& extra) {
    return extra.driver->taken() != extra.source.total();
  };
  if (run_.refused) return;
  if (!collector_.done() || weight_driver_.taken() != weights_.total() ||
      activation_driver_.taken() != activations_.total() ||
      std::any_of(extras_.begin(), extras_.end(), incomplete)) {
    throw ProtocolError("done_o before the end: " + standing());
  }
  run_.counters = control_.counters();
  run_.y = std::move(collector_.y());
}

void Session::watch() {
  const std::uint64_t now = elapsed();
  if (moved() != last_moved_) {
    last_moved_ = moved();
    quiet_since_ = now;
  }
  if (now - quiet_since_ > options_.patience) {
    throw ProtocolError(
        fmt::format("nothing moved for {} cycles: {}", options_.patience, standing()));
  }
  if (options_.cycle_limit != 0 && now > options_.cycle_limit) {
    throw ProtocolError(
        fmt::format("not done after {} cycles: {}", options_.cycle_limit, standing()));
  }
  if (options_.progress && now % kProgressInterval == 0) {
    options_.progress(static_cast<double>(weight_driver_.taken() + result_monitor_.taken()) /
                      static_cast<double>(weights_.total() + collector_.total()));
  }
}

std::string Session::standing() const {
  const auto wires = [this](const StreamPorts& ports) {
    return fmt::format("valid {}, ready {}", model_.get(ports.valid), model_.get(ports.ready));
  };
  std::string extra;
  for (const Extra& stream : extras_)
    extra += fmt::format("; {} beats {} of {}", stream.ports.name, stream.driver->taken(),
                         stream.source.total());
  return fmt::format(
      "cycle {}, {} sub-tiles done; weight beats {} of {} ({}); activation beats {} of {} ({}); "
      "result beats {} of {} ({}){}",
      elapsed(), run_.subtiles, weight_driver_.taken(), weights_.total(), wires(ports_[0]),
      activation_driver_.taken(), activations_.total(), wires(ports_[1]), result_monitor_.taken(),
      collector_.total(), wires(ports_[2]), extra);
}

}  // namespace

GemmDriver::GemmDriver(Model& model, const Engine& engine)
    : model_(model), engine_(engine), control_(make_control(model, engine)) {
  for (const char* stream : {"weight", "activation"})
    model_.set(stream_ports(engine_, stream).valid, 0);
  model_.set(stream_ports(engine_, "result").ready, 0);
  for (const std::string& stream : engine_.side_streams())
    model_.set(stream_ports(engine_, stream).valid, 0);
}

GemmRun GemmDriver::run(const Operands& operands, const GemmOptions& options) {
  check(engine_, operands);
  Session session(model_, engine_, *control_, operands, options);
  const auto begin = std::chrono::steady_clock::now();
  session.start(operands.shape());
  try {
    while (!session.step()) {
    }
  } catch (const ProtocolError&) {  // A reset makes the engine and its control usable again.
    session.idle();
    control_->abandon();
    throw;
  }
  session.idle();
  if (session.run().refused) control_->abandon();  // What was still offered is withdrawn.
  session.finish();
  session.run().seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return std::move(session.run());
}

void GemmDriver::run_partly(const Operands& operands, std::uint64_t cycles,
                            const GemmOptions& options) {
  check(engine_, operands);
  Session session(model_, engine_, *control_, operands, options);
  session.start(operands.shape());
  for (std::uint64_t i = 0; i < cycles && !session.step(); ++i) {
  }
  session.idle();
  control_->abandon();
}

bool GemmDriver::refuses(const transitive::Shape& shape, std::uint64_t patience) {
  control_->start(shape);
  for (std::uint64_t i = 0; i < patience; ++i) {
    for (Agent* agent : control_->agents()) agent->drive();
    model_.settle();
    for (Agent* agent : control_->agents()) agent->sample();
    const std::optional<bool> ended = control_->ended();
    model_.edge();
    if (ended) return *ended;
  }
  return false;
}

}  // namespace hasse::harness
