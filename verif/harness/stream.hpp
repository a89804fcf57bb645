// SPDX-License-Identifier: Apache-2.0
// Both ends of valid/ready streams, with random stalls and the rules of the handshake checked.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "verif/harness/model.hpp"

namespace hasse::harness {

/// A small reproducible random generator (xorshift64*, Vigna 2016), fast enough for every cycle.
class Random {
 public:
  explicit Random(std::uint64_t seed);
  /// 64 random bits.
  std::uint64_t next();
  /// True with `probability` (0..1).
  bool chance(double probability) {
    return static_cast<double>(next() >> 11) * 0x1p-53 < probability;
  }

 private:
  std::uint64_t state_;
};

/// Something at a module's ports that acts once per clock cycle: `drive` before the outputs settle,
/// `sample` after that, before the rising edge.
class Agent {
 public:
  virtual ~Agent() = default;
  virtual void drive() = 0;
  virtual void sample() = 0;
};

/// One clock cycle of `model` with all `agents`.
void cycle(Model& model, std::span<Agent* const> agents);

/// Beats for a `StreamDriver`, as the words of the data port, least significant first.
class BeatSource {
 public:
  virtual ~BeatSource() = default;
  /// The next beat, valid until the next call, or nullptr when there is none (now).
  virtual const std::uint32_t* next() = 0;
};

/// Beats held in a vector.
class BeatList : public BeatSource {
 public:
  /// `beats` of `words` 32-bit words each, one after the other.
  BeatList(std::vector<std::uint32_t> beats, std::size_t words)
      : beats_(std::move(beats)), words_(words) {}
  const std::uint32_t* next() override {
    if (at_ >= beats_.size()) return nullptr;
    at_ += words_;
    return &beats_[at_ - words_];
  }

 private:
  std::vector<std::uint32_t> beats_;
  std::size_t words_;
  std::size_t at_ = 0;
};

/// Names of a stream's ports, and of the stream in messages.
struct StreamPorts {
  std::string name, data, valid, ready;
};

/// Offers beats to the stream `<prefix>_data_i`, `<prefix>_valid_i`, `<prefix>_ready_o`.
/// Once offered, a beat stays until it is taken. While nothing is offered the data port holds
/// random bits.
class StreamDriver : public Agent {
 public:
  /// Withholds the next beat with probability `stall` (0..1) per cycle. `model` and `source` must
  /// outlive the driver. Throws HarnessError when the ports do not exist.
  StreamDriver(Model& model, const std::string& prefix, BeatSource& source, double stall = 0,
               std::uint64_t seed = 1);
  /// The same for ports with other names.
  StreamDriver(Model& model, const StreamPorts& ports, BeatSource& source, double stall = 0,
               std::uint64_t seed = 1);
  /// Offers a new beat only in cycles in which `gate` says so.
  void set_gate(std::function<bool()> gate) { gate_ = std::move(gate); }
  void drive() override;
  void sample() override;
  /// Beats taken so far.
  std::uint64_t taken() const { return taken_; }
  /// Whether a beat is on offer.
  bool offering() const { return offering_; }

 private:
  void scramble();

  Port data_;
  Port valid_;
  Port ready_;
  BeatSource& source_;
  double stall_;
  Random random_;
  std::function<bool()> gate_;
  const std::uint32_t* beat_ = nullptr;
  bool offering_ = false;
  std::uint64_t taken_ = 0;
};

/// Takes beats from the stream `<prefix>_data_o`, `<prefix>_valid_o`, `<prefix>_ready_i` and checks
/// that an offered beat neither disappears nor changes before it is taken.
class StreamMonitor : public Agent {
 public:
  /// Called for every beat taken, with the words of the data port and then those of the side bands.
  using Consumer = std::function<void(std::span<const std::uint32_t>)>;

  /// Withholds ready with probability `stall` (0..1) per cycle. `side_bands` are further outputs
  /// that belong to a beat, e.g. "result_last_o". Throws HarnessError when the ports do not exist.
  StreamMonitor(Model& model, const std::string& prefix, Consumer consumer, double stall = 0,
                std::uint64_t seed = 1, const std::vector<std::string>& side_bands = {});
  /// The same for ports with other names.
  StreamMonitor(Model& model, const StreamPorts& ports, Consumer consumer, double stall = 0,
                std::uint64_t seed = 1, const std::vector<std::string>& side_bands = {});
  /// Is ready only in cycles in which `gate` says so.
  void set_gate(std::function<bool()> gate) { gate_ = std::move(gate); }
  void drive() override;
  /// Throws ProtocolError when the module breaks the handshake.
  void sample() override;
  /// Beats taken so far.
  std::uint64_t taken() const { return taken_; }

 private:
  void observe();
  void check_stable() const;

  const Model& model_;
  StreamPorts names_;
  std::vector<Port> payload_;
  Port valid_;
  Port ready_;
  Consumer consumer_;
  double stall_;
  Random random_;
  std::function<bool()> gate_;
  std::vector<std::uint32_t> now_;
  std::vector<std::uint32_t> held_;
  bool holding_ = false;
  std::uint64_t taken_ = 0;
};

}  // namespace hasse::harness
