// SPDX-License-Identifier: Apache-2.0
// Every struct mirrors one unit of the RTL; `now` functions read registers, `tick` functions write
// them, so that the order in which units are visited does not matter.
#include "golden/transitive/cycle_model.hpp"

#include <algorithm>
#include <variant>

#include "golden/transitive/compiled_model.hpp"
#include "golden/transitive/pass_recurrence.hpp"
#include "golden/transitive/result_side.hpp"
#include "golden/transitive/tile_planner.hpp"

namespace hasse::transitive {
namespace {

constexpr int kMaxLanes = 16;
constexpr int kMaxBanks = 48;
constexpr int kMaxLookAhead = 8;
constexpr int kLastPasses = 3;  ///< Passes at the end that are not like others.

/// One TransRow as a lane sees it.
struct Entry {
  std::uint8_t bank;      ///< Bank of the node.
  std::uint8_t tile;      ///< Number of the sub-tile within the pass, modulo four.
  std::uint16_t address;  ///< Address in the bank.
  bool last;              ///< Last plane of its weight row.
  bool last_k;            ///< Last sub-tile along K.
};

/// The entries of every lane for one pass over the weights.
std::vector<std::vector<Entry>> lane_entries(const EngineConfig& config, const Shape& shape,
                                             const WeightStream& stream,
                                             const TilePlanner& planner) {
  const int tiles_k = (shape.k + config.tile_bits - 1) / config.tile_bits;
  std::vector<std::vector<Entry>> lanes(static_cast<std::size_t>(config.lanes));
  int tile = 0;
  for (std::size_t beat = 0; beat < stream.beats().size(); ++beat) {
    const WeightBeat& info = stream.beats()[beat];
    for (int lane = 0; lane < info.lanes; ++lane) {
      const Code node = mirror(stream.code(beat, lane), config.tile_bits).node;
      const NodePlace place = planner.place(static_cast<std::size_t>(tile), node);
      lanes[static_cast<std::size_t>(lane)].push_back(
          {static_cast<std::uint8_t>(place.lane * config.banks_per_lane +
                                     place.slot % config.banks_per_lane),
           static_cast<std::uint8_t>(tile % 4),
           static_cast<std::uint16_t>(place.slot / config.banks_per_lane), info.plane == 0,
           config.ends_sums(shape, tile % tiles_k)});
    }
    if (info.end_of_tile) ++tile;
  }
  return lanes;
}

/// Banks taken in one read slot while it travels from lane to lane.
struct ReadSlot {
  std::array<std::uint32_t, kMaxBanks> taken{};  ///< 0 free, else 1 + half and address.
  std::array<int, 4> reads{};                    ///< Grants per sub-tile number.
};

struct Candidate {
  std::uint32_t key;
  std::uint32_t tag;
  std::uint8_t bank;
  std::uint8_t number;  ///< Of its sub-tile.
};

/// look_ahead and reorder_buffer of one lane.
struct Lane {
  const std::vector<Entry>* entries = nullptr;
  std::size_t next = 0;     ///< Entry of the pass that leaves the code queue next.
  int pass_number = 0;      ///< Number of the first sub-tile of this pass over the weights.
  int queued = 0;           ///< Codes in the queue's memory.
  bool head_valid = false;  ///< Code in the queue's output register.
  int count = 0;            ///< Candidates in the window.
  std::array<Candidate, kMaxLookAhead> window{};
  std::uint32_t tail = 0, head = 0;       ///< Reorder buffer pointers.
  std::array<std::uint64_t, 64> ready{};  ///< Cycle from which an entry can be retired.
  std::array<Entry, 64> kept{};
  int spacing = 0;  ///< Cycles until the wide adder is free.
};

class Engine {
 public:
  Engine(const EngineConfig& config, const Shape& shape, const WeightStream& stream, Window window)
      : config_(config),
        shape_(shape),
        stream_(stream),
        window_(window),
        planner_(config, stream),
        entries_(lane_entries(config, shape, stream, planner_)),
        results_(config, shape) {
    passes_ = (shape.m + config.columns - 1) / config.columns;
    tiles_left_ = static_cast<std::uint64_t>(passes_) * static_cast<std::uint64_t>(stream.tiles());
    lanes_.resize(static_cast<std::size_t>(config.lanes));
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) lanes_[lane].entries = &entries_[lane];
    if (window_.count > 0) {
      result_.occupation.first_cycle = window_.first;
      result_.occupation.prefix.assign(static_cast<std::size_t>(config.dimension()),
                                       std::vector<std::uint8_t>(window_.count));
      result_.occupation.accumulate.assign(lanes_.size(), std::vector<std::uint8_t>(window_.count));
    }
  }

  /// With a host that never waits. Passes that repeat earlier ones are not followed.
  CycleCount run() {
    PassRecurrence recurrence;
    for (int begun = 0; !finished();) {
      step({});
      if (pass_ == begun || window_.count > 0 || config_.scaling) continue;
      if (const auto period = recurrence.begin(state(), progress())) skip(*period);
      begun = pass_;
    }
    return result();
  }

  CycleCount result() {
    result_.cycles = cycle_ - 1 + skipped_;
    return std::move(result_);
  }

  bool finished() const { return results_.finished(); }
  std::uint64_t program_words() const { return 0; }
  bool wants_weight() const {
    return pass_ < passes_ && taken_ < config_.open_tiles() && !planner_.hold(completes());
  }
  bool wants_activation() const {
    return tiles_left_ > 0 && loaded_ < std::min(config_.tile_bits, operands_left());
  }
  bool wants_scale(bool taken) const { return results_.wants_scale(taken); }
  bool wants_rescale(bool taken) const { return results_.wants_rescale(taken); }
  bool has_result() const { return results_.has_result(); }

  void step(const HostCycle& host) {
    const bool release = open_ > 0 && outstanding_[at(release_)] == 0;
    const std::array<bool, 4> built = built_;
    const bool fire = wants_weight() && host.weight;
    results_.step(host);
    planner_.tick(completes(), build(built, host.activation));
    const std::array<int, 4> committed = last_reads_;
    for (int lane = config_.lanes - 1; lane >= 0; --lane) advance_lane(lane, built);
    if (release) {
      built_[at(release_)] = false;
      result_.subtile_done.push_back(cycle_ + skipped_);
      release_ = following(release_);
      --open_;
      --taken_;
    }
    for (std::size_t number = 0; number < committed.size(); ++number)
      outstanding_[number] -= committed[number];
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane)
      tick_queue(lanes_[lane], static_cast<int>(lane));
    hand_out();
    if (fire) dispatch();
    ++cycle_;
  }

 private:
  // --- repeated passes --------------------------------------------------------------------------
  Progress progress() const {
    return {cycle_, result_.transrows, result_.nodes_built, result_.subtile_done.size(),
            result_.lanes};
  }

  /// All that decides what comes, but for the passes still to come, when a pass has just been
  /// dispatched and nothing is scaled.
  PassRecurrence::State state() const {
    PassRecurrence::State state;
    const auto add = [&state](auto... values) {
      (state.push_back(static_cast<std::uint64_t>(values)), ...);
    };
    const auto tiles = static_cast<std::uint64_t>(stream_.tiles());
    add(taken_, open_, dispatch_, release_, build_);
    for (std::size_t i = 0; i < built_.size(); ++i) add(outstanding_[i], last_reads_[i], built_[i]);
    for (const int value : planner_.state()) add(value);
    add(tiles_left_ + static_cast<std::uint64_t>(pass_) * tiles, loaded_, step_, tile_k_);
    results_.add_to(state, pass_);
    for (const Lane& lane : lanes_) add_lane(state, lane);
    for (unsigned age = 1; age < static_cast<unsigned>(config_.lanes); ++age) {
      const ReadSlot& slot = slots_[(cycle_ + kMaxLanes - age) % kMaxLanes];
      state.insert(state.end(), slot.taken.begin(), slot.taken.end());
      for (const int reads : slot.reads) add(reads);
    }
    return state;
  }

  void add_lane(PassRecurrence::State& state, const Lane& lane) const {
    const auto add = [&state](auto... values) {
      (state.push_back(static_cast<std::uint64_t>(values)), ...);
    };
    add(lane.next, lane.pass_number, lane.queued, lane.head_valid, lane.count, lane.spacing,
        lane.tail - lane.head);
    for (int i = 0; i < lane.count; ++i) {
      const Candidate& candidate = lane.window[at(i)];
      add(candidate.key, candidate.tag - lane.head, candidate.bank, candidate.number);
    }
    for (std::uint32_t tag = lane.head; tag != lane.tail; ++tag) {
      const std::uint64_t ready = lane.ready[tag % 64];
      const bool known = ready != ~std::uint64_t{0};
      add(known ? std::max(ready, cycle_) - cycle_ : ready, lane.kept[tag % 64].last,
          lane.kept[tag % 64].last_k);
    }
  }

  /// Leaves out as many whole periods as there is room for before the last passes.
  void skip(const Period& period) {
    const int times = std::max(passes_ - kLastPasses - pass_, 0) / period.passes;
    const auto count = static_cast<std::uint64_t>(times);
    const int passes = times * period.passes;
    const Progress& gained = period.progress;
    pass_ += passes;
    results_.skip(passes);
    tiles_left_ -= static_cast<std::uint64_t>(passes) * static_cast<std::uint64_t>(stream_.tiles());
    result_.transrows += count * gained.transrows;
    result_.nodes_built += count * gained.nodes_built;
    result_.lanes.reading += count * gained.lanes.reading;
    result_.lanes.conflict += count * gained.lanes.conflict;
    result_.lanes.reorder += count * gained.lanes.reorder;
    result_.lanes.nodes += count * gained.lanes.nodes;
    result_.lanes.codes += count * gained.lanes.codes;
    for (std::size_t i = 0; i < count * gained.subtiles; ++i)
      result_.subtile_done.push_back(
          *(result_.subtile_done.end() - static_cast<std::ptrdiff_t>(gained.subtiles)) +
          gained.cycles);
    skipped_ += count * gained.cycles;
  }

  static std::size_t at(int index) { return static_cast<std::size_t>(index); }
  /// The number of the sub-tile that follows `number`.
  int following(int number) const { return (number + 1) % config_.open_tiles(); }
  /// The beat that is handed out is the last of its sub-tile.
  bool completes() const { return handed_out_ != nullptr && handed_out_->end_of_tile; }

  // --- weight_dispatch -------------------------------------------------------------------------
  /// The beat taken a cycle ago reaches the lanes' queues.
  void hand_out() {
    if (handed_out_ == nullptr) return;
    outstanding_[at(dispatch_)] += handed_out_->lanes;
    result_.transrows += static_cast<std::uint64_t>(handed_out_->lanes);
    if (handed_out_->end_of_tile) {
      dispatch_ = following(dispatch_);
      ++open_;
    }
    handed_out_ = nullptr;
  }

  void dispatch() {
    handed_out_ = &stream_.beats()[beat_];
    taken_ += handed_out_->end_of_tile ? 1 : 0;
    if (++beat_ == stream_.beats().size()) {
      beat_ = 0;
      ++pass_;
    }
  }

  void tick_queue(Lane& lane, int index) const {
    const bool push = handed_out_ != nullptr && index < handed_out_->lanes;
    const bool refill = lane.queued > 0 && !lane.head_valid;
    if (refill) lane.head_valid = true;
    lane.queued += (push ? 1 : 0) - (refill ? 1 : 0);
  }

  // --- look_ahead, reorder_buffer ----------------------------------------------------------------
  void advance_lane(int index, const std::array<bool, 4>& built) {
    Lane& lane = lanes_[static_cast<std::size_t>(index)];
    ReadSlot& slot = slots_[(cycle_ + kMaxLanes - static_cast<unsigned>(index)) % kMaxLanes];
    if (index == 0) slot = {};
    const bool retired = retire(lane, index);
    const std::uint32_t used = lane.tail - lane.head + (retired ? 1U : 0U);
    const bool granted = grant(lane, index, slot);
    const bool accepted = accept(lane, built, used);
    if (!granted) blame(lane, accepted, used);
    if (index == config_.lanes - 1) last_reads_ = slot.reads;
  }

  bool grant(Lane& lane, int index, ReadSlot& slot) {
    for (int i = 0; i < lane.count; ++i) {
      const Candidate candidate = lane.window[static_cast<std::size_t>(i)];
      std::uint32_t& taken = slot.taken[candidate.bank];
      if (taken != 0 && taken != candidate.key) continue;
      taken = candidate.key;
      ++slot.reads[candidate.number];
      lane.ready[candidate.tag % 64] = cycle_ + static_cast<unsigned>(config_.lanes - index) + 2;
      std::copy(lane.window.begin() + i + 1, lane.window.begin() + lane.count,
                lane.window.begin() + i);
      --lane.count;
      ++result_.lanes.reading;
      return true;
    }
    return false;
  }

  bool accept(Lane& lane, const std::array<bool, 4>& built, std::uint32_t used) {
    if (!lane.head_valid || used >= static_cast<std::uint32_t>(config_.reorder_depth()) ||
        lane.count >= config_.look_ahead)
      return false;
    const Entry& entry = (*lane.entries)[lane.next];
    const int number = (entry.tile + lane.pass_number) % config_.open_tiles();
    if (!built[at(number)]) return false;
    const std::uint32_t half = static_cast<std::uint32_t>(number) % 2;
    lane.window[at(lane.count++)] = {1U + (half << 16) + entry.address, lane.tail, entry.bank,
                                     static_cast<std::uint8_t>(number)};
    lane.ready[lane.tail % 64] = ~std::uint64_t{0};
    lane.kept[lane.tail % 64] = entry;
    ++lane.tail;
    if (++lane.next == lane.entries->size()) {
      lane.next = 0;
      lane.pass_number = (lane.pass_number + stream_.tiles()) % config_.open_tiles();
    }
    lane.head_valid = false;
    return true;
  }

  bool retire(Lane& lane, int index) {
    const bool has = lane.head != lane.tail && lane.ready[lane.head % 64] <= cycle_;
    const Entry entry = lane.kept[lane.head % 64];
    const bool blocked = entry.last && (lane.spacing > 0 || (entry.last_k && results_.full(index)));
    const bool retired = has && !blocked;
    lane.spacing =
        retired && entry.last ? config_.columns_per_adder - 1 : std::max(lane.spacing - 1, 0);
    if (retired) {
      ++lane.head;
      mark(result_.occupation.accumulate, index);
    }
    results_.rows[at(index)].tick(retired && entry.last && entry.last_k, results_.pops(at(index)));
    return retired;
  }

  void blame(const Lane& lane, bool accepted, std::uint32_t used) {
    LaneCycles& lanes = result_.lanes;
    if (lane.count > (accepted ? 1 : 0))
      ++lanes.conflict;
    else if (accepted || !lane.head_valid)
      ++lanes.codes;
    else if (used >= static_cast<std::uint32_t>(config_.reorder_depth()))
      ++lanes.reorder;
    else
      ++lanes.nodes;
  }

  // --- operand_ring, lattice_planner
  // ---------------------------------------------------------------
  /// Operands of this sub-tile and of later ones along K.
  int operands_left() const { return shape_.k - tile_k_ * config_.tile_bits; }

  /// Whether the sub-tile's last step is made.
  bool build(const std::array<bool, 4>& built, bool offered) {
    bool corrected = false, finished = false;
    if (tiles_left_ > 0 && loaded_ < config_.tile_bits) {
      loaded_ += !wants_activation() || offered ? 1 : 0;
    } else if (tiles_left_ > 0) {
      const bool last_k = config_.ends_sums(shape_, tile_k_);
      const bool occupied = built[at(build_)] || built[at((build_ + 2) % config_.open_tiles())];
      const bool wait =
          step_ == 0 && (occupied || !planner_.ready() || (last_k && results_.corrections_full()));
      if (!wait) {
        corrected = step_ == 0 && last_k;
        if (window_.count > 0) mark_prefix();
        finished = ++step_ == std::max(planner_.steps(), config_.columns_per_adder);
        if (finished) finish_build();
      }
    }
    // The correction enters its accumulator in the very cycle it starts: one stage less than a
    // lane.
    results_.corrections.entering = corrected;
    results_.corrections.tick(false, results_.pops_correction());
    return finished;
  }

  void finish_build() {
    built_[at(build_)] = true;
    build_ = following(build_);
    step_ = 0;
    loaded_ = 0;
    tile_k_ = (tile_k_ + 1) * config_.tile_bits >= shape_.k ? 0 : tile_k_ + 1;
    --tiles_left_;
    result_.nodes_built += static_cast<std::uint64_t>(planner_.nodes());
  }

  void mark_prefix() {
    for (const PlannedNode& node : planner_.plan().nodes)
      if (node.step == step_) mark(result_.occupation.prefix, node.lane);
  }

  void mark(std::vector<std::vector<std::uint8_t>>& lanes, int lane) {
    if (cycle_ >= window_.first && cycle_ - window_.first < window_.count)
      lanes[static_cast<std::size_t>(lane)][cycle_ - window_.first] = 1;
  }

  EngineConfig config_;
  Shape shape_;
  const WeightStream& stream_;
  Window window_;
  TilePlanner planner_;
  std::vector<std::vector<Entry>> entries_;
  int passes_ = 0;
  CycleCount result_;
  std::uint64_t cycle_ = kFirstActiveCycle;  ///< Without those that were skipped.
  std::uint64_t skipped_ = 0;                ///< Cycles of passes that were not followed.
  // weight side
  std::size_t beat_ = 0;
  const WeightBeat* handed_out_ = nullptr;  ///< Beat between the stream and the queues.
  int pass_ = 0, taken_ = 0, open_ = 0;
  int dispatch_ = 0, release_ = 0, build_ = 0;  ///< Numbers of sub-tiles.
  std::array<int, 4> outstanding_{}, last_reads_{};
  std::array<bool, 4> built_{};
  std::vector<Lane> lanes_;
  std::array<ReadSlot, kMaxLanes> slots_{};
  // activation side
  std::uint64_t tiles_left_ = 0;
  int loaded_ = 0, step_ = 0, tile_k_ = 0;
  // result side
  ResultSide results_;
};

}  // namespace

CycleCount count_program_cycles(const EngineConfig& config, const Shape& shape,
                                const Program& program, Window window) {
  return CompiledEngine(config, shape, program, window).run();
}

CycleCount count_cycles(const EngineConfig& config, const Shape& shape, const WeightStream& stream,
                        Window window) {
  if (config.planner == Planner::compiled && !config.streams())
    return CompiledEngine(config, shape, compile(config, shape, stream), window).run();
  return Engine(config, shape, stream, window).run();
}

/// Either engine.
class SteppedEngine::Implementation {
 public:
  using Either = std::variant<Engine, CompiledEngine>;

  Implementation(const EngineConfig& config, const Shape& shape, const WeightStream& stream,
                 Window window)
      : engine_(make(config, shape, stream, window)) {}
  Implementation(const EngineConfig& config, const Shape& shape, const Program& program,
                 Window window)
      : engine_(std::in_place_type<CompiledEngine>, config, shape, program, window) {}
  /// What `what` says of it.
  template <class What>
  auto ask(What what) {
    return std::visit(what, engine_);
  }

 private:
  static Either make(const EngineConfig& config, const Shape& shape, const WeightStream& stream,
                     Window window) {
    if (config.planner != Planner::compiled)
      return Either(std::in_place_type<Engine>, config, shape, stream, window);
    return Either(std::in_place_type<CompiledEngine>, config, shape, compile(config, shape, stream),
                  window);
  }

  Either engine_;
};

SteppedEngine::SteppedEngine(const EngineConfig& config, const Shape& shape,
                             const WeightStream& stream, Window window)
    : engine_(std::make_unique<Implementation>(config, shape, stream, window)) {}
SteppedEngine::SteppedEngine(const EngineConfig& config, const Shape& shape, const Program& program,
                             Window window)
    : engine_(std::make_unique<Implementation>(config, shape, program, window)) {}
SteppedEngine::~SteppedEngine() = default;
SteppedEngine::SteppedEngine(SteppedEngine&&) noexcept = default;

bool SteppedEngine::wants_weight() const {
  return engine_->ask([](auto& engine) { return engine.wants_weight(); });
}
bool SteppedEngine::wants_activation() const {
  return engine_->ask([](auto& engine) { return engine.wants_activation(); });
}
bool SteppedEngine::wants_scale(bool taken) const {
  return engine_->ask([=](auto& engine) { return engine.wants_scale(taken); });
}
bool SteppedEngine::wants_rescale(bool taken) const {
  return engine_->ask([=](auto& engine) { return engine.wants_rescale(taken); });
}
bool SteppedEngine::has_result() const {
  return engine_->ask([](auto& engine) { return engine.has_result(); });
}
bool SteppedEngine::finished() const {
  return engine_->ask([](auto& engine) { return engine.finished(); });
}
std::uint64_t SteppedEngine::program_words() const {
  return engine_->ask([](auto& engine) { return engine.program_words(); });
}
void SteppedEngine::step(const HostCycle& host) {
  engine_->ask([&](auto& engine) { engine.step(host); });
}
CycleCount SteppedEngine::result() {
  return engine_->ask([](auto& engine) { return engine.result(); });
}

}  // namespace hasse::transitive
