// SPDX-License-Identifier: Apache-2.0
// The one table of the design's fields: parser, schema, defaults and documentation follow it.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "generator/design/design.hpp"

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

/// One field of the design JSON.
struct Field {
  std::string name;
  std::variant<int Design::*, std::string Design::*> member;
  std::variant<IntegerRange, IntegerChoice, WordChoice, Identifier> allowed;
  std::string description;
};

/// All fields, in the order in which they are documented and written.
const std::vector<Field>& fields();

/// What a field accepts, as words: "an integer from 2 to 10", "one of 4, 8, 16".
std::string allowed_text(const Field& field);

/// Why `value` is refused for `field`; empty when it is accepted.
std::string refusal(const Field& field, const nlohmann::json& value);

/// Regular expression of an Identifier, as the schema prints it.
std::string pattern(const Identifier& identifier);

/// The value of `field` in `design`, as JSON.
nlohmann::ordered_json value_of(const Field& field, const Design& design);

/// The published JSON schema (draft 2020-12) of a design file.
nlohmann::ordered_json schema();

/// Key that a design file may carry for its editor's sake; ignored here.
inline constexpr std::string_view schema_key = "$schema";

}  // namespace hasse::design
