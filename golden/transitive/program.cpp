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

  /// Codes of the beats of one sub-tile, `lanes` per beat; kNoNode where a lane has none.
  void add_tile(const std::vector<std::uint16_t>& codes);
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
  void count(const Placement& placement, std::size_t steps, std::size_t reads, std::size_t words);

  EngineConfig config_;
  ProgramLayout layout_;
  NodePlacer placer_;
  ReadOrder reads_;
  CompileCounts& counts_;
  Program program_;
  std::uint32_t signature_ = 0;
  std::vector<std::uint16_t> nodes_;
  int tile_k_ = 0;
};

void Compiler::add_tile(const std::vector<std::uint16_t>& codes) {
  nodes_.resize(codes.size());
  std::ranges::transform(codes, nodes_.begin(), [this](std::uint16_t code) {
    return code == kNoNode ? code
                           : static_cast<std::uint16_t>(mirror(code, config_.tile_bits).node);
  });
  const Placement& placement = placer_.place(nodes_);
  const auto steps = schedule(config_, placement);
  // Rows that are finished leave in order.
  const bool in_order = config_.ends_sums(program_.shape, tile_k_);
  tile_k_ = (tile_k_ + 1) * config_.tile_bits >= program_.shape.k ? 0 : tile_k_ + 1;
  const std::vector<ReadWord>& reads =
      reads_.order(codes, program_.shape.weight_bits, placement, in_order);
  const std::size_t words = std::max(reads.size(), steps.size() + 1);
  if (words > static_cast<std::size_t>(layout_.most_words) ||
      steps.size() > static_cast<std::size_t>(layout_.most_steps))
    throw CompileError("sub-tile " + std::to_string(counts_.tiles) + " needs " +
                       std::to_string(words) + " words and " + std::to_string(steps.size()) +
                       " steps; the design holds " + std::to_string(layout_.most_words) + " and " +
                       std::to_string(layout_.most_steps));
  for (std::size_t i = 0; i < words; ++i) {
    const std::span word = new_word();
    if (i < steps.size()) put_step(word, steps[i], i + 1 == steps.size());
    if (i < reads.size()) put_reads(word, reads[i], i + 1 == reads.size());
    if (i + 1 == words)
      finish(word);
    else
      sign();
  }
  count(placement, steps.size(), reads.size(), words);
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

void Compiler::count(const Placement& placement, std::size_t steps, std::size_t reads,
                     std::size_t words) {
  ++counts_.tiles;
  counts_.reads += reads;
  counts_.words += words;
  counts_.nodes += placement.nodes.size();
  counts_.steps += steps;
  counts_.most_steps = std::max<std::uint64_t>(counts_.most_steps, steps);
  counts_.pace +=
      std::max<std::uint64_t>(words, steps + static_cast<std::size_t>(config_.tile_bits));
  std::uint64_t read = 0;
  for (std::size_t node = 0; node < placement.bank_of.size(); ++node)
    read += std::ranges::find(nodes_, node) != nodes_.end() ? 1U : 0U;
  counts_.helpers += placement.nodes.size() - read;
}

}  // namespace

Program compile(const EngineConfig& config, const Shape& shape, const WeightStream& stream,
                CompileCounts* counts, const CompileProgress& progress) {
  CompileCounts local;
  CompileCounts& sum = counts != nullptr ? *counts : local;
  Compiler compiler(config, shape, sum);
  std::vector<std::uint16_t> codes;
  for (std::size_t beat = 0; beat < stream.beats().size(); ++beat) {
    const WeightBeat& info = stream.beats()[beat];
    for (int lane = 0; lane < config.lanes; ++lane)
      codes.push_back(lane < info.lanes ? static_cast<std::uint16_t>(stream.code(beat, lane))
                                        : static_cast<std::uint16_t>(kNoNode));
    ++sum.beats;
    sum.transrows += static_cast<std::uint64_t>(info.lanes);
    if (!info.end_of_tile) continue;
    compiler.add_tile(codes);
    codes.clear();
    if (progress && sum.tiles % 256 == 0) progress(static_cast<double>(sum.tiles) / stream.tiles());
  }
  return compiler.take();
}

}  // namespace hasse::transitive
