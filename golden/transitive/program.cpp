// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/program.hpp"

#include <algorithm>
#include <string>

#include "golden/transitive/order_reads.hpp"

namespace hasse::transitive {
namespace {

/// Turns sub-tiles into program words, one after the other.
class Compiler {
 public:
  Compiler(const EngineConfig& config, const Shape& shape, CompileCounts& counts)
      : config_(config), layout_(config), placer_(config), reads_(config), counts_(counts) {
    program_.shape = shape;
    program_.shape.m = 1;
    program_.packed = layout_.packed();
    for (int i = 0; i + 1 < kHeaderWords; ++i) {
      put_field(new_word(), 0, 32, header_field(config, shape, i));
      sign();
    }
    finish(new_word());
  }

  /// Plans the next sub-tile from the codes of its beats, `lanes` per beat; kNoNode where a lane
  /// has none.
  void plan_tile(const std::vector<std::uint16_t>& codes);
  std::size_t steps() const { return tile_steps_.size(); }
  std::size_t reads() const { return tile_reads_->size(); }
  /// Words that the planned sub-tile needs.
  std::size_t words() const { return std::max(reads(), steps() + 1); }
  /// Writes the planned sub-tile in `words` words, words() or more.
  void write_tile(std::size_t words);
  Program take() { return std::move(program_); }

 private:
  std::span<std::uint32_t> new_word() {
    program_.words.resize(program_.words.size() + static_cast<std::size_t>(program_.packed));
    return std::span(program_.words).last(static_cast<std::size_t>(program_.packed));
  }
  /// Takes the newest word into the signature.
  void sign() {
    signature_ =
        next_signature(layout_, signature_,
                       std::span(program_.words).last(static_cast<std::size_t>(program_.packed)));
  }
  /// Makes the newest word a check word.
  void finish(std::span<std::uint32_t> word) {
    put_field(word, layout_.kind_at(), 2, static_cast<std::uint32_t>(WordKind::check));
    sign();
    put_field(word, 0, kSignatureBits, signature_);
  }
  void put_step(std::span<std::uint32_t> word, const std::vector<LaneStep>& lanes, bool last) const;
  void put_reads(std::span<std::uint32_t> word, const ReadWord& reads, bool last) const;
  void count(const Placement& placement);

  EngineConfig config_;
  ProgramLayout layout_;
  NodePlacer placer_;
  ReadOrder reads_;
  CompileCounts& counts_;
  Program program_;
  std::uint32_t signature_ = 0;
  std::vector<std::uint16_t> nodes_;
  std::vector<std::vector<LaneStep>> tile_steps_;
  const std::vector<ReadWord>* tile_reads_ = nullptr;
  int tile_k_ = 0;
};

void Compiler::plan_tile(const std::vector<std::uint16_t>& codes) {
  nodes_.resize(codes.size());
  std::ranges::transform(codes, nodes_.begin(), [this](std::uint16_t code) {
    return code == kNoNode ? code
                           : static_cast<std::uint16_t>(mirror(code, config_.tile_bits).node);
  });
  const Placement& placement = placer_.place(nodes_);
  tile_steps_ = schedule(config_, placement);
  // Rows that are finished leave in order.
  const bool in_order = config_.ends_sums(program_.shape, tile_k_);
  tile_k_ = (tile_k_ + 1) * config_.tile_bits >= program_.shape.k ? 0 : tile_k_ + 1;
  tile_reads_ = &reads_.order(codes, program_.shape.weight_bits, placement, in_order);
  if (words() > static_cast<std::size_t>(layout_.most_words) ||
      steps() > static_cast<std::size_t>(layout_.most_steps))
    throw CompileError("sub-tile " + std::to_string(counts_.tiles) + " needs " +
                       std::to_string(words()) + " words and " + std::to_string(steps()) +
                       " steps; the design holds " + std::to_string(layout_.most_words) + " and " +
                       std::to_string(layout_.most_steps));
  count(placement);
}

void Compiler::write_tile(std::size_t words) {
  for (std::size_t i = 0; i < words; ++i) {
    const std::span word = new_word();
    if (i < steps()) put_step(word, tile_steps_[i], i + 1 == steps());
    if (i < reads()) put_reads(word, (*tile_reads_)[i], i + 1 == reads());
    if (i + 1 == words)
      finish(word);
    else
      sign();
  }
}

void Compiler::put_step(std::span<std::uint32_t> word, const std::vector<LaneStep>& lanes,
                        bool last) const {
  int at = 0;
  const auto put = [&](int bits, std::uint32_t value) {
    put_field(word, at, bits, value);
    at += bits;
  };
  for (const LaneStep& step : lanes) {
    put(layout_.banks_per_lane, step.write);
    put(layout_.address_bits, step.write_address);
    put(layout_.operand_bits, step.operand);
    put(layout_.banks_per_lane, step.parent_read);
    put(layout_.address_bits, step.parent_address);
  }
  put_field(word, layout_.kind_at(), 2,
            static_cast<std::uint32_t>(last ? WordKind::last_step : WordKind::step));
}

void Compiler::put_reads(std::span<std::uint32_t> word, const ReadWord& reads, bool last) const {
  put_field(word, layout_.reads_at(), 1, 1);
  put_field(word, layout_.last_read_at(), 1, last ? 1 : 0);
  for (int lane = 0; lane < layout_.lanes; ++lane) {
    const LaneRead& read = reads[static_cast<std::size_t>(lane)];
    int at = layout_.entry_at(lane);
    const auto put = [&](int bits, std::uint32_t value) {
      put_field(word, at, bits, value);
      at += bits;
    };
    put(layout_.bank_bits, read.bank);
    put(layout_.address_bits, read.address);
    put(1, read.negate ? 1 : 0);
    if (layout_.row_bits > 0) put(layout_.row_bits, read.row);
  }
}

void Compiler::count(const Placement& placement) {
  counts_.nodes += placement.nodes.size();
  std::uint64_t read = 0;
  for (std::size_t node = 0; node < placement.bank_of.size(); ++node)
    read += std::ranges::find(nodes_, node) != nodes_.end() ? 1U : 0U;
  counts_.helpers += placement.nodes.size() - read;
}

/// Compilers of units that take their words side by side, and their streams.
class Side {
 public:
  Side(const EngineConfig& config, const Shape& shape, std::span<const WeightStream> streams,
       CompileCounts& counts)
      : config_(config), streams_(streams), counts_(counts) {
    compilers_.reserve(streams.size());
    for (std::size_t unit = 0; unit < streams.size(); ++unit)
      compilers_.emplace_back(config, shape, counts);
  }

  /// The programs of all units; equally long, and so is each of their sub-tiles.
  std::vector<Program> compile(const CompileProgress& progress);

 private:
  void add_tile(std::size_t first, std::size_t last);
  std::vector<std::uint16_t> codes(const WeightStream& stream, std::size_t first, std::size_t last);

  const EngineConfig& config_;
  std::span<const WeightStream> streams_;
  CompileCounts& counts_;
  std::vector<Compiler> compilers_;
};

std::vector<std::uint16_t> Side::codes(const WeightStream& stream, std::size_t first,
                                       std::size_t last) {
  std::vector<std::uint16_t> codes;
  for (std::size_t beat = first; beat < last; ++beat) {
    const int lanes = stream.beats()[beat].lanes;
    for (int lane = 0; lane < config_.lanes; ++lane)
      codes.push_back(lane < lanes ? static_cast<std::uint16_t>(stream.code(beat, lane))
                                   : static_cast<std::uint16_t>(kNoNode));
    counts_.transrows += static_cast<std::uint64_t>(lanes);
  }
  return codes;
}

void Side::add_tile(std::size_t first, std::size_t last) {
  std::size_t words = 0, steps = 0, reads = 0;
  for (std::size_t unit = 0; unit < streams_.size(); ++unit) {
    Compiler& compiler = compilers_[unit];
    compiler.plan_tile(codes(streams_[unit], first, last));
    words = std::max(words, compiler.words());
    steps = std::max(steps, compiler.steps());
    reads = std::max(reads, compiler.reads());
  }
  for (Compiler& compiler : compilers_) compiler.write_tile(words);
  ++counts_.tiles;
  counts_.beats += last - first;
  counts_.words += words;
  counts_.steps += steps;
  counts_.reads += reads;
  counts_.most_steps = std::max<std::uint64_t>(counts_.most_steps, steps);
  counts_.pace +=
      std::max<std::uint64_t>(words, steps + static_cast<std::size_t>(config_.tile_bits));
}

std::vector<Program> Side::compile(const CompileProgress& progress) {
  const std::vector<WeightBeat>& beats = streams_.front().beats();
  std::size_t first = 0;
  for (std::size_t beat = 0; beat < beats.size(); ++beat) {
    if (!beats[beat].end_of_tile) continue;
    add_tile(first, beat + 1);
    first = beat + 1;
    if (progress && counts_.tiles % 256 == 0)
      progress(static_cast<double>(counts_.tiles) / streams_.front().tiles());
  }
  std::vector<Program> programs;
  for (Compiler& compiler : compilers_) programs.push_back(compiler.take());
  return programs;
}

/// Copies `bits` bits from bit `at` of `from` to bit `to_at` of `to`.
void copy_bits(std::span<const std::uint32_t> from, int at, std::span<std::uint32_t> to, int to_at,
               int bits) {
  for (int done = 0; done < bits; done += 32) {
    const int part = std::min(32, bits - done);
    put_field(to, to_at + done, part, get_field(from, at + done, part));
  }
}

bool has_own_programs(const ArrayConfig& config) {
  return config.units > 1 && config.share == Share::activations;
}

}  // namespace

Program compile(const EngineConfig& config, const Shape& shape, const WeightStream& stream,
                CompileCounts* counts, const CompileProgress& progress) {
  CompileCounts local;
  return std::move(Side(config, shape, std::span(&stream, 1), counts != nullptr ? *counts : local)
                       .compile(progress)
                       .front());
}

Program compile(const ArrayConfig& config, const Shape& shape,
                const tensor::Matrix<std::int8_t>& weights, CompileCounts* counts,
                const CompileProgress& progress) {
  if (!has_own_programs(config))
    return compile(config.unit, shape, WeightStream(config.unit, shape, weights), counts, progress);
  std::vector<WeightStream> streams;
  for (int unit = 0; unit < config.units; ++unit)
    streams.push_back(config.unit_stream(shape, weights, unit));
  CompileCounts local;
  const std::vector<Program> programs =
      Side(config.unit, config.unit_shape(shape), streams, counts != nullptr ? *counts : local)
          .compile(progress);
  const int bits = ProgramLayout(config.unit).word_bits;
  Program all{shape, (program_word_bits(config) + 31) / 32, {}};
  all.shape.m = 1;
  all.words.resize(programs.front().count() * static_cast<std::size_t>(all.packed));
  for (std::size_t i = 0; i < programs.front().count(); ++i)
    for (int unit = 0; unit < config.units; ++unit)
      copy_bits(programs[static_cast<std::size_t>(unit)].word(i), 0, all.word(i), unit * bits,
                bits);
  return all;
}

Program unit_program(const ArrayConfig& config, const Program& program, int index) {
  if (!has_own_programs(config)) return program;
  const ProgramLayout layout(config.unit);
  Program own{config.unit_shape(program.shape), layout.packed(), {}};
  own.words.resize(program.count() * static_cast<std::size_t>(own.packed));
  for (std::size_t i = 0; i < program.count(); ++i)
    copy_bits(program.word(i), index * layout.word_bits, own.word(i), 0, layout.word_bits);
  return own;
}

int program_word_bits(const ArrayConfig& config) {
  return ProgramLayout(config.unit).word_bits * (has_own_programs(config) ? config.units : 1);
}

}  // namespace hasse::transitive
