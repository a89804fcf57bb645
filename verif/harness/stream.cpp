// SPDX-License-Identifier: Apache-2.0
// Both ends of valid/ready streams.
#include "verif/harness/stream.hpp"

#include <fmt/format.h>

#include "verif/harness/errors.hpp"

namespace hasse::harness {

Random::Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ULL + 0x2545f4914f6cdd1dULL) {
  if (state_ == 0) state_ = 1;
  for (int i = 0; i < 8; ++i) next();
}

std::uint64_t Random::next() {
  state_ ^= state_ >> 12;
  state_ ^= state_ << 25;
  state_ ^= state_ >> 27;
  return state_ * 0x2545f4914f6cdd1dULL;
}

void cycle(Model& model, std::span<Agent* const> agents) {
  for (Agent* agent : agents) agent->drive();
  model.settle();
  for (Agent* agent : agents) agent->sample();
  model.edge();
}

StreamDriver::StreamDriver(Model& model, const std::string& prefix, BeatSource& source,
                           double stall, std::uint64_t seed)
    : StreamDriver(
          model, StreamPorts{prefix, prefix + "_data_i", prefix + "_valid_i", prefix + "_ready_o"},
          source, stall, seed) {}

StreamDriver::StreamDriver(Model& model, const StreamPorts& ports, BeatSource& source, double stall,
                           std::uint64_t seed)
    : data_(model.port(ports.data)),
      valid_(model.port(ports.valid)),
      ready_(model.port(ports.ready)),
      source_(source),
      stall_(stall),
      random_(seed) {
  scramble();
  valid_.set(0);
}

void StreamDriver::scramble() {
  for (std::size_t lo = 0; lo < data_.bits(); lo += 32) {
    const unsigned width = data_.bits() - lo < 32 ? static_cast<unsigned>(data_.bits() - lo) : 32;
    data_.set_bits(lo, width, random_.next());
  }
}

void StreamDriver::drive() {
  if (offering_) return;
  if (beat_ == nullptr) beat_ = source_.next();
  offering_ = beat_ != nullptr && !(stall_ > 0 && random_.chance(stall_)) && (!gate_ || gate_());
  if (offering_) {
    data_.write(beat_);
  } else if (valid_.is_set()) {
    scramble();
  }
  valid_.set(offering_ ? 1 : 0);
}

void StreamDriver::sample() {
  if (!offering_ || !ready_.is_set()) return;
  ++taken_;
  offering_ = false;
  beat_ = nullptr;
}

StreamMonitor::StreamMonitor(Model& model, const std::string& prefix, Consumer consumer,
                             double stall, std::uint64_t seed,
                             const std::vector<std::string>& side_bands)
    : StreamMonitor(
          model, StreamPorts{prefix, prefix + "_data_o", prefix + "_valid_o", prefix + "_ready_i"},
          std::move(consumer), stall, seed, side_bands) {}

StreamMonitor::StreamMonitor(Model& model, const StreamPorts& ports, Consumer consumer,
                             double stall, std::uint64_t seed,
                             const std::vector<std::string>& side_bands)
    : model_(model),
      names_(ports),
      payload_{model.port(ports.data)},
      valid_(model.port(ports.valid)),
      ready_(model.port(ports.ready)),
      consumer_(std::move(consumer)),
      stall_(stall),
      random_(seed) {
  for (const std::string& name : side_bands) payload_.push_back(model.port(name));
  std::size_t words = 0;
  for (const Port& port : payload_) words += port.word_count();
  now_.resize(words);
  held_.resize(words);
}

void StreamMonitor::drive() {
  const bool stalls = stall_ > 0 && random_.chance(stall_);
  ready_.set(stalls || (gate_ && !gate_()) ? 0 : 1);
}

void StreamMonitor::observe() {
  std::uint32_t* at = now_.data();
  for (const Port& port : payload_) {
    port.read(at);
    at += port.word_count();
  }
}

void StreamMonitor::check_stable() const {
  if (!valid_.is_set()) {
    throw ProtocolError(fmt::format("cycle {}: {} fell before {} answered beat {}", model_.cycles(),
                                    names_.valid, names_.ready, taken_));
  }
  if (now_ != held_) {
    throw ProtocolError(fmt::format("cycle {}: {} or a side band changed while beat {} was waiting",
                                    model_.cycles(), names_.data, taken_));
  }
}

void StreamMonitor::sample() {
  const bool valid = valid_.is_set();
  if (valid || holding_) observe();
  if (holding_) check_stable();
  const bool take = valid && ready_.is_set();
  holding_ = valid && !take;
  if (holding_) held_ = now_;
  if (!take) return;
  ++taken_;
  consumer_(now_);
}

}  // namespace hasse::harness
