// SPDX-License-Identifier: Apache-2.0
// The statements of a Liberty file as a tree, without their meaning.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hasse::synth {

/// `name : value;` or `name (value, ...);`.
struct LibertyAttribute {
  std::string name;
  std::vector<std::string> values;
  int line = 0;
};

/// `name (arguments) { attributes and groups }`.
struct LibertyGroup {
  std::string name;
  std::vector<std::string> arguments;
  std::vector<LibertyAttribute> attributes;
  std::vector<LibertyGroup> groups;
  int line = 0;

  /// The attribute of that name, or nullptr; the last one counts when it is repeated.
  const LibertyAttribute* attribute(std::string_view attribute_name) const;

  /// The first value of an attribute, or nothing.
  std::optional<std::string> value(std::string_view attribute_name) const;

  /// The first group of that name, or nullptr.
  const LibertyGroup* group(std::string_view group_name) const;
};

/// Parses Liberty text into its `library` group. `source` names the text in messages. Throws
/// InputError with source and line when a statement is not Liberty.
LibertyGroup parse_liberty(std::string_view text, const std::string& source);

/// Numbers separated by commas or blanks, as in index_1 and values. Throws InputError with source
/// and line when one of them is not a number.
std::vector<double> liberty_numbers(const LibertyAttribute& attribute, const std::string& source);

}  // namespace hasse::synth
