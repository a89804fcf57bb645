// SPDX-License-Identifier: Apache-2.0
// Combinations of fields, each fine by itself, that cannot work together.
#pragma once

#include <string>
#include <vector>

#include "generator/design/design.hpp"
#include "generator/design/error.hpp"

namespace hasse::design {

/// A rule that several fields have to meet together.
struct Combination {
  /// The fields it reads, those of an attention engine as "attention/page"; the first is blamed.
  std::vector<std::string> fields;
  std::string (*refusal)(const Design&);  ///< why the design breaks it, empty when it does not
};

/// The rules of attention engines, silent about other designs.
std::vector<Combination> attention_combinations();

/// All rules, in the order they are reported.
const std::vector<Combination>& combinations();

/// The problems of `design`, leaving out rules that read a field in `bad`.
std::vector<Problem> check_combinations(const Design& design, const std::vector<std::string>& bad);

}  // namespace hasse::design
