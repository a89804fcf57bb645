// SPDX-License-Identifier: Apache-2.0
// The master's end of an AXI4-Lite port.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "verif/harness/stream.hpp"

namespace hasse::harness {

/// Response codes of AXI.
enum class AxiResponse { okay = 0, slave_error = 2 };

/// Makes reads and writes at the port `<prefix>_awaddr_i` ..., one after the other, with random
/// pauses on all five channels. Address and data of a write go separate ways.
class AxiLiteMaster : public Agent {
 public:
  using WriteDone = std::function<void(AxiResponse)>;
  using ReadDone = std::function<void(std::uint32_t data, AxiResponse)>;

  /// `model` must outlive the master. Throws HarnessError when the ports do not exist.
  AxiLiteMaster(Model& model, const std::string& prefix);

  /// Probability (0..1) per cycle and channel of a pause.
  void set_stall(double stall, std::uint64_t seed);
  /// Queues a write of the bytes whose bit in `strobe` is set; `done` is called with the answer.
  void write(std::uint32_t address, std::uint32_t data, WriteDone done, unsigned strobe = 15);
  /// Queues a read.
  void read(std::uint32_t address, ReadDone done);
  /// Whether everything has been answered.
  bool idle() const { return queue_.empty(); }
  /// Forgets everything, and offers nothing: before a reset.
  void abandon();

  void drive() override;
  void sample() override;

 private:
  struct Access {
    bool is_write = false;
    std::uint32_t address = 0, data = 0;
    unsigned strobe = 0;
    WriteDone written{};
    ReadDone read{};
    bool address_sent = false, data_sent = false;
  };
  /// A channel on which the master offers something.
  struct Channel {
    Port valid, ready;
    bool offering = false;
  };

  void offer(Channel& channel, bool wanted);
  static bool taken(Channel& channel);
  void answer_write();
  void answer_read();

  Channel aw_, w_, ar_;
  Port awaddr_, wdata_, wstrb_, araddr_;
  Port bvalid_, bready_, bresp_, rvalid_, rready_, rdata_, rresp_;
  Random random_{1};
  double stall_ = 0;
  std::deque<Access> queue_;
};

}  // namespace hasse::harness
