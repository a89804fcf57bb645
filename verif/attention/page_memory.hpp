// SPDX-License-Identifier: Apache-2.0
// A memory of pages behind an attention engine's read port.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "generator/units/attention_engine.hpp"
#include "golden/attention/units/attention_engine.hpp"
#include "verif/harness/engine.hpp"
#include "verif/harness/stream.hpp"

namespace hasse::harness {

/// What the engine asks for; the numbers of its port.
enum class Request { bounds, keys, value_scales, values };

/// Pages as words of the memory port; places without a token hold random bits.
class KvStore {
 public:
  KvStore(const units::AttentionGeometry& g, const attention::units::KvMemory& memory, int kv_bits,
          std::uint64_t seed);
  /// The words that answer a request, valid as long as the store is.
  std::span<const std::uint32_t> read(Request request, std::size_t page, std::size_t part) const;

 private:
  std::vector<std::uint32_t> scales(const std::vector<attention::units::KvWord>& words);
  std::vector<std::uint32_t> codes(const tensor::Matrix<std::int8_t>& rows, int bits) const;
  tensor::Matrix<std::int8_t> matrix(const std::vector<attention::units::KvWord>& words, int bits);
  tensor::Matrix<std::int8_t> bounds(const attention::units::KvMemory& memory, std::size_t block);

  units::AttentionGeometry g_;
  Engine array_;
  Random random_;
  int parts_;
  std::vector<std::vector<std::uint32_t>> bounds_{}, keys_{}, value_scales_{}, values_{};
};

/// Bytes a cycle of a memory that never makes the engine wait.
inline constexpr double kNoLimit = 1e9;

/// How fast the memory is, and how steady both ends are.
struct MemoryPace {
  double bytes_per_cycle = kNoLimit;
  int latency = 0;              ///< Cycles from a request to the first of its bytes.
  std::size_t outstanding = 8;  ///< Requests that are taken before the first is answered.
  double stall = 0;             ///< Probability of a pause, per cycle and stream.
};

/// Answers requests in their order, as fast as `pace` lets it. What has come waits for the engine.
class PageMemory : public Agent, public BeatSource {
 public:
  PageMemory(Model& model, const units::AttentionGeometry& g, const KvStore& store,
             const MemoryPace& pace, std::uint64_t seed);

  void drive() override;
  void sample() override;
  const std::uint32_t* next() override;

  /// Pages whose keys were asked for, and whose values, in that order.
  const attention::Indices& key_pages() const { return key_pages_; }
  const attention::Indices& value_pages() const { return value_pages_; }
  /// What has been handed out.
  const attention::units::EngineBytes& bytes() const { return bytes_; }
  bool idle() const { return answers_.empty(); }

 private:
  struct Answer {
    std::span<const std::uint32_t> words;
    double first;  ///< When its first byte can come.
    Request request;
  };
  void count(const Answer& answer);

  Model& model_;
  std::size_t word_, scale_words_;  ///< In 32-bit words: of a beat, of a page's scales.
  const KvStore& store_;
  MemoryPace pace_;
  Random random_;
  std::deque<Answer> answers_{};
  std::size_t at_ = 0;  ///< Of the first answer, words that have been handed out.
  double now_ = 0, come_ = 0;
  attention::Indices key_pages_{}, value_pages_{};
  attention::units::EngineBytes bytes_{};
};

}  // namespace hasse::harness
