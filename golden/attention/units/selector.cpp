// SPDX-License-Identifier: Apache-2.0
// The threshold's way down the digits of the scores.
#include "golden/attention/units/selector.hpp"

#include <algorithm>
#include <array>

namespace hasse::attention::units {
namespace {

constexpr int kDigitBits = 4;
constexpr std::size_t kDigits = 1U << kDigitBits;
constexpr std::uint64_t kDrain = 2;       ///< The last score's way into the counters.
constexpr std::uint64_t kWalk = 2;        ///< Reading a node, adding up and comparing.
constexpr std::uint64_t kCountDrain = 3;  ///< From a scan's last row to the compared counters.
constexpr std::uint64_t kEmitDrain = 1;   ///< From the last row read to its mask.

/// The threshold as far as it is known: scores whose leading bits equal `prefix` are undecided,
/// greater ones are kept, and `missing` of the target has yet to come from the undecided.
struct Threshold {
  std::uint32_t prefix = 0;
  int known_bits = 0;
  std::uint64_t missing = 0;
  bool whole = false;  ///< All undecided scores are kept.
  bool none = false;   ///< None of them is.
};

std::uint64_t rows_of(const SelectorShape& shape, std::size_t count) {
  return (count + shape.lanes - 1) / shape.lanes;
}

/// One selection at work.
class Selection {
 public:
  Selection(const SelectorShape& shape, const SelectorTask& task) : shape_(shape), task_(task) {}

  SelectorResult run() {
    start();
    const std::uint64_t rows = rows_of(shape_, task_.scores.size());
    SelectorResult result;
    result.cycles = kDrain;
    for (int bits = 0; bits < shape_.score_bits; bits += kDigitBits) {
      const bool counted = bits < shape_.histogram_bits;
      if (!counted && (threshold_.whole || threshold_.none)) break;
      result.cycles += counted ? kWalk : rows + kCountDrain;
      result.scans += counted ? 0 : 1;
      narrow();
    }
    result.cycles += rows + kEmitDrain;
    ++result.scans;
    emit(result.kept);
    return result;
  }

 private:
  bool forced(std::size_t i) const { return !task_.forced.empty() && task_.forced[i]; }

  /// What a score adds to the target: itself or one.
  std::uint64_t worth(std::uint32_t score) const { return task_.by_mass ? score : 1; }

  void start() {
    std::uint64_t reached = 0;
    for (std::size_t i = 0; i < task_.scores.size(); ++i) {
      if (forced(i)) reached += worth(task_.scores[i]);
    }
    threshold_.missing = task_.target > reached ? task_.target - reached : 0;
    threshold_.none = threshold_.missing == 0;
  }

  std::uint32_t leading(std::uint32_t score, int bits) const {
    return score >> (shape_.score_bits - bits);
  }

  /// Counters of the next digit over the undecided scores.
  std::array<std::uint64_t, kDigits> counters() const {
    std::array<std::uint64_t, kDigits> sums{};
    const int bits = threshold_.known_bits + kDigitBits;
    for (std::size_t i = 0; i < task_.scores.size(); ++i) {
      const std::uint32_t digits = leading(task_.scores[i], bits);
      if (forced(i) || digits >> kDigitBits != threshold_.prefix) continue;
      sums[digits % kDigits] += worth(task_.scores[i]);
    }
    return sums;
  }

  /// Finds the next digit: the highest at which the counters, added up from the top, reach what is
  /// missing. When they never do, all undecided scores are kept.
  void narrow() {
    if (threshold_.none || threshold_.whole) return;
    const auto sums = counters();
    for (std::size_t digit = kDigits; digit-- > 0;) {
      if (sums[digit] < threshold_.missing) {
        threshold_.missing -= sums[digit];
        continue;
      }
      threshold_.prefix = (threshold_.prefix << kDigitBits) | static_cast<std::uint32_t>(digit);
      threshold_.known_bits += kDigitBits;
      // A sum may be reached before the node's zeros, so only a count says that all are needed.
      threshold_.whole = !task_.by_mass && sums[digit] == threshold_.missing;
      return;
    }
    threshold_.whole = true;
  }

  void emit(std::vector<std::size_t>& kept) {
    std::uint64_t places = threshold_.missing;
    for (std::size_t i = 0; i < task_.scores.size(); ++i) {
      if (forced(i) || keeps(task_.scores[i], places)) kept.push_back(i);
    }
  }

  bool keeps(std::uint32_t score, std::uint64_t& places) const {
    if (threshold_.none) return false;
    const std::uint32_t digits = leading(score, threshold_.known_bits);
    if (digits != threshold_.prefix) return digits > threshold_.prefix;
    if (task_.by_mass || threshold_.whole) return true;
    if (places == 0) return false;
    --places;
    return true;
  }

  const SelectorShape& shape_;
  const SelectorTask& task_;
  Threshold threshold_;
};

}  // namespace

SelectorResult select(const SelectorShape& shape, const SelectorTask& task) {
  return Selection(shape, task).run();
}

std::uint64_t most_select_cycles(const SelectorShape& shape, std::size_t count) {
  const int walked = std::min(shape.histogram_bits, shape.score_bits);
  const auto levels = static_cast<std::uint64_t>(walked / kDigitBits);
  const auto scans = static_cast<std::uint64_t>((shape.score_bits - walked) / kDigitBits);
  const std::uint64_t rows = rows_of(shape, count);
  return kDrain + levels * kWalk + scans * (rows + kCountDrain) + rows + kEmitDrain;
}

}  // namespace hasse::attention::units
