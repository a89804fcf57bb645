// SPDX-License-Identifier: Apache-2.0
// What a field of the design JSON accepts.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

namespace hasse::design {

/// Any integer from `minimum` to `maximum`, both included.
struct IntegerRange {
  int minimum;
  int maximum;
};

/// One of a few integers, ascending.
struct IntegerChoice {
  std::vector<int> values;
};

/// One of a few words.
struct WordChoice {
  std::vector<std::string> values;
};

/// A word that starts with a letter and continues with letters, digits, `_` or `-`.
struct Identifier {
  int max_length;
};

using Allowed = std::variant<IntegerRange, IntegerChoice, WordChoice, Identifier>;

/// What is accepted, as words: "an integer from 2 to 10", "one of 4, 8, 16".
std::string allowed_text(const Allowed& allowed);

/// Why `value` is refused; empty when it is accepted.
std::string refusal(const Allowed& allowed, const nlohmann::json& value);

/// Regular expression of an Identifier, as the schema prints it.
std::string pattern(const Identifier& identifier);

}  // namespace hasse::design
