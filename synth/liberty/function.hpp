// SPDX-License-Identifier: Apache-2.0
// The Boolean functions of Liberty pins.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hasse::synth {

/// Truth table of a Liberty function over at most six named inputs: bit i is the value for the
/// assignment whose bit k is inputs[k]. Operators: ' and ! (not), ^ (xor), & * and juxtaposition
/// (and), | + (or), 0 and 1, in that order of precedence. Nothing when the text is not such a
/// function or uses another name.
std::optional<std::uint64_t> truth_table(std::string_view function,
                                         const std::vector<std::string>& inputs);

}  // namespace hasse::synth
