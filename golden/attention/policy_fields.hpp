// SPDX-License-Identifier: Apache-2.0
// The one table of a head policy's fields: parser, schema, defaults and documentation follow it.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "golden/attention/policy.hpp"

namespace hasse::attention {

/// Any integer from `minimum` to `maximum`, both included.
struct IntegerRange {
  long long minimum;
  long long maximum;
};

/// Any number from `minimum` to `maximum`, both included.
struct NumberRange {
  double minimum;
  double maximum;
};

/// true or false.
struct Flag {};

/// One of a few words.
struct WordChoice {
  std::vector<std::string> words;
};

/// One field of a rule.
struct PolicyField {
  std::string name;
  std::variant<IntegerRange, NumberRange, Flag, WordChoice> allowed;
  std::string description;
  std::function<void(HeadPolicy&, const nlohmann::json&)> set;
  std::function<nlohmann::ordered_json(const HeadPolicy&)> get;
};

/// All fields, in the order in which they are documented.
const std::vector<PolicyField>& policy_fields();

/// What a field accepts, as words: "an integer from 1 to 4096".
std::string allowed_text(const PolicyField& field);

/// Whether `field` accepts `value`.
bool accepts(const PolicyField& field, const nlohmann::json& value);

/// Why a head cannot work as `policy` says, although every field is in range; empty when it can.
/// `field` becomes the one to blame.
std::string refusal(const HeadPolicy& policy, std::string& field);

}  // namespace hasse::attention
