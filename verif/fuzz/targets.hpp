// SPDX-License-Identifier: Apache-2.0
// Every parser of something a user hands in, as a fuzzer sees it.
#pragma once

#include <span>
#include <string_view>

namespace hasse::fuzz {

/// One parser.
struct Target {
  std::string_view name;
  /// Parses `bytes`. The refusals that the parser documents are caught; anything else it throws is
  /// a finding.
  void (*run)(std::string_view bytes);
};

/// All of them.
std::span<const Target> targets();

/// The one of that name, or nullptr.
const Target* find_target(std::string_view name);

}  // namespace hasse::fuzz
