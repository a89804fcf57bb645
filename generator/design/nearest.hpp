// SPDX-License-Identifier: Apache-2.0
// Which known name a misspelt one was probably meant to be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hasse::design {

/// Number of insertions, deletions and substitutions of one character between two words.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate closest to `word`; empty when none is close enough to be a misspelling of it.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace hasse::design
