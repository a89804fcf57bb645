// SPDX-License-Identifier: Apache-2.0
#include "generator/design/allowed.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <regex>

namespace hasse::design {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

using Json = nlohmann::json;

bool accepts_integer(const Json& value, const IntegerRange& range) {
  return value.is_number_integer() && value >= range.minimum && value <= range.maximum;
}

bool accepts_integer(const Json& value, const IntegerChoice& choice) {
  return value.is_number_integer() &&
         std::any_of(choice.values.begin(), choice.values.end(), [&](int v) { return value == v; });
}

bool accepts_word(const Json& value, const WordChoice& choice) {
  return value.is_string() && std::any_of(choice.values.begin(), choice.values.end(),
                                          [&](const std::string& v) { return value == v; });
}

bool accepts_word(const Json& value, const Identifier& identifier) {
  return value.is_string() &&
         std::regex_match(value.get_ref<const std::string&>(), std::regex(pattern(identifier)));
}

bool accepts(const Allowed& allowed, const Json& value) {
  return std::visit(
      Overloaded{[&](const IntegerRange& range) { return accepts_integer(value, range); },
                 [&](const IntegerChoice& choice) { return accepts_integer(value, choice); },
                 [&](const WordChoice& choice) { return accepts_word(value, choice); },
                 [&](const Identifier& identifier) { return accepts_word(value, identifier); }},
      allowed);
}

template <class Value>
std::string one_of(const std::vector<Value>& values) {
  return values.size() == 1 ? fmt::format("\"{}\" (the only choice)", values.front())
                            : fmt::format("one of {}", fmt::join(values, ", "));
}

}  // namespace

std::string pattern(const Identifier& identifier) {
  return fmt::format("^[A-Za-z][A-Za-z0-9_-]{{0,{}}}$", identifier.max_length - 1);
}

std::string allowed_text(const Allowed& allowed) {
  return std::visit(
      Overloaded{[](const IntegerRange& range) {
                   return fmt::format("an integer from {} to {}", range.minimum, range.maximum);
                 },
                 [](const IntegerChoice& choice) { return one_of(choice.values); },
                 [](const WordChoice& choice) { return one_of(choice.values); },
                 [](const Identifier& identifier) {
                   return fmt::format(
                       "a word of at most {} characters: a letter, then letters, digits, _ or -",
                       identifier.max_length);
                 }},
      allowed);
}

std::string refusal(const Allowed& allowed, const Json& value) {
  return accepts(allowed, value) ? "" : "expected " + allowed_text(allowed);
}

}  // namespace hasse::design
