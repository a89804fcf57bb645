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
  std::vector<std::string> fields;        ///< the fields it reads; the first is the one blamed
  std::string (*refusal)(const Design&);  ///< why the design breaks it, empty when it does not
};

/// All rules, in the order they are reported.
const std::vector<Combination>& combinations();

/// The problems of `design`, leaving out rules that read a field in `bad`.
std::vector<Problem> check_combinations(const Design& design, const std::vector<std::string>& bad);

}  // namespace hasse::design
