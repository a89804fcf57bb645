// SPDX-License-Identifier: Apache-2.0
// The rules of AXI4-Stream and AXI4-Lite, watched from outside.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "verif/harness/stream.hpp"

namespace hasse::harness {

/// One channel: what is offered stays, and stays the same, until it is taken.
class ChannelRule {
 public:
  explicit ChannelRule(std::string name) : name_(std::move(name)) {}
  /// One cycle. Returns whether the offer is taken. Throws ProtocolError.
  bool cycle(bool valid, bool ready, const std::vector<std::uint32_t>& payload);

 private:
  std::string name_;
  bool waiting_ = false;
  std::vector<std::uint32_t> held_;
};

/// What a slave may answer: every write once, after its address and its data; every read once,
/// after its address; OKAY or SLVERR.
class AnswerRule {
 public:
  /// One cycle in which the channels with a set argument took something, or offer an answer.
  /// Throws ProtocolError.
  void cycle_write(bool address, bool data, bool offered, bool answered, std::uint64_t response);
  void cycle_read(bool address, bool offered, bool answered, std::uint64_t response);

 private:
  static void check_response(std::uint64_t response);
  std::uint64_t addresses_ = 0, data_ = 0, writes_ = 0, reads_ = 0, answers_ = 0;
};

/// Watches one AXI4-Stream: `<prefix>_tdata`, `_tvalid`, `_tready`, and `_tlast` where it exists.
class AxiStreamCheck : public Agent {
 public:
  /// `from_module`: the module is the stream's source.
  AxiStreamCheck(const Model& model, const std::string& prefix, bool from_module);
  void drive() override {}
  void sample() override;

 private:
  Port valid_, ready_;
  std::vector<Port> payload_;
  std::vector<std::uint32_t> now_;
  ChannelRule rule_;
};

/// Watches the five channels of an AXI4-Lite slave `<prefix>_awaddr_i` ...
class AxiLiteCheck : public Agent {
 public:
  AxiLiteCheck(const Model& model, const std::string& prefix);
  void drive() override {}
  void sample() override;

 private:
  struct Channel {
    Port valid, ready;
    std::vector<Port> payload;
    ChannelRule rule;
    bool cycle();
  };
  static Channel channel(const Model& model, const std::string& prefix, const std::string& name,
                         const std::vector<std::string>& payload, bool to_module);

  Channel aw_, w_, b_, ar_, r_;
  AnswerRule answers_;
};

}  // namespace hasse::harness
