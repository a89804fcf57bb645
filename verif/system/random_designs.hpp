// SPDX-License-Identifier: Apache-2.0
// Valid designs by chance, many of their values at a limit.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "generator/design/design.hpp"
#include "verif/harness/stream.hpp"

namespace hasse::system {

/// The most of what makes a design large.
struct DesignLimits {
  int lanes = 64, columns = 64, units = 16, rows = 300, max_side = 65535;
};

/// Draws designs that `hasse generate` accepts.
class RandomDesigns {
 public:
  explicit RandomDesigns(std::uint64_t seed, const DesignLimits& limits = {})
      : random_(seed), limits_(limits) {}

  /// The JSON of the next one; about three of four candidates are refused on the way.
  std::string next() { return valid(&RandomDesigns::candidate); }
  /// The same of attention engines.
  std::string next_attention() { return valid(&RandomDesigns::attention_candidate); }

 private:
  /// The first valid one of those that `draw` makes.
  std::string valid(std::string (RandomDesigns::*draw)());
  int between(int least, int most);
  /// Often at a limit, or small, where fields of the RTL are a bit wide.
  int edgy(int least, int most);
  template <std::size_t Count>
  const char* one_of(const std::array<const char*, Count>& words) {
    return words[static_cast<std::size_t>(between(0, static_cast<int>(Count) - 1))];
  }
  std::string candidate();
  std::string attention_candidate();

  harness::Random random_;
  DesignLimits limits_;
};

}  // namespace hasse::system
