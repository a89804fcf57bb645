// SPDX-License-Identifier: Apache-2.0
// Scanner and recursive-descent parser for Liberty statements.
#include "synth/liberty/syntax.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>
#include <utility>

#include "synth/error.hpp"

namespace hasse::synth {
namespace {

enum class TokenKind { word, text, punctuation, end };

struct Token {
  TokenKind kind = TokenKind::end;
  std::string text;
  int line = 0;
};

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

bool is_punctuation(char c) {
  return std::strchr("(){}:;,", c) != nullptr && c != '\0';
}

class Scanner {
 public:
  Scanner(std::string_view text, const std::string& source) : text_(text), source_(source) {}

  [[noreturn]] void fail(int line, const std::string& message) const {
    throw InputError(fmt::format("{}:{}: {}", source_, line, message));
  }

  Token next() {
    skip_blanks();
    const int line = line_;
    if (at_ >= text_.size()) {
      return {TokenKind::end, "end of file", line};
    }
    const char c = text_[at_];
    if (c == '"') {
      return {TokenKind::text, quoted(), line};
    }
    if (is_punctuation(c)) {
      ++at_;
      return {TokenKind::punctuation, std::string(1, c), line};
    }
    return {TokenKind::word, word(), line};
  }

 private:
  bool starts(std::string_view prefix) const { return text_.substr(at_).starts_with(prefix); }

  void step() {
    line_ += text_[at_] == '\n' ? 1 : 0;
    ++at_;
  }

  void skip_comment() {
    const int begin = line_;
    at_ += 2;
    while (at_ < text_.size() && !starts("*/")) {
      step();
    }
    if (at_ >= text_.size()) {
      fail(begin, "this comment is never closed");
    }
    at_ += 2;
  }

  void skip_line() {
    while (at_ < text_.size() && text_[at_] != '\n') {
      ++at_;
    }
  }

  void skip_blanks() {
    while (at_ < text_.size()) {
      if (starts("/*")) {
        skip_comment();
      } else if (starts("//")) {
        skip_line();
      } else if (is_blank(text_[at_]) || text_[at_] == '\\') {
        step();
      } else {
        return;
      }
    }
  }

  std::string quoted() {
    const int begin = line_;
    std::string result;
    for (step(); at_ < text_.size() && text_[at_] != '"'; step()) {
      const bool continued = text_[at_] == '\\' && at_ + 1 < text_.size();
      if (continued) {
        step();
      }
      result += text_[at_] == '\n' ? ' ' : text_[at_];
    }
    if (at_ >= text_.size()) {
      fail(begin, "this string is never closed");
    }
    step();
    return result;
  }

  std::string word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && !is_blank(text_[at_]) && !is_punctuation(text_[at_]) &&
           text_[at_] != '"' && text_[at_] != '\\' && !starts("/*") && !starts("//")) {
      ++at_;
    }
    if (at_ == begin) {
      fail(line_, fmt::format("'{}' starts no Liberty statement", text_[at_]));
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::string_view text_;
  const std::string& source_;
  std::size_t at_ = 0;
  int line_ = 1;
};

class Parser {
 public:
  Parser(std::string_view text, const std::string& source) : scanner_(text, source) { advance(); }

  LibertyGroup document() {
    if (!is_word("library")) {
      scanner_.fail(token_.line,
                    fmt::format("expected 'library (name) {{', found '{}'", token_.text));
    }
    LibertyGroup holder;
    statement(holder);
    if (holder.groups.size() != 1) {
      scanner_.fail(1, "'library' has no body");
    }
    return std::move(holder.groups.front());
  }

 private:
  void advance() { token_ = scanner_.next(); }

  bool is_word(std::string_view text) const {
    return token_.kind == TokenKind::word && token_.text == text;
  }

  bool is_mark(char mark) const {
    return token_.kind == TokenKind::punctuation && token_.text[0] == mark;
  }

  void expect(char mark, std::string_view where) {
    if (!is_mark(mark)) {
      scanner_.fail(token_.line,
                    fmt::format("expected '{}' {}, found '{}'", mark, where, token_.text));
    }
    advance();
  }

  void skip_semicolons() {
    while (is_mark(';')) {
      advance();
    }
  }

  void statement(LibertyGroup& parent) {
    if (token_.kind != TokenKind::word) {
      scanner_.fail(token_.line, fmt::format("expected a statement in '{}' (line {}), found '{}'",
                                             parent.name, parent.line, token_.text));
    }
    const Token name = token_;
    advance();
    if (is_mark(':')) {
      simple_attribute(parent, name);
    } else if (is_mark('(')) {
      complex_statement(parent, name);
    } else {
      scanner_.fail(name.line, fmt::format("expected ':' or '(' after '{}', found '{}'", name.text,
                                           token_.text));
    }
    skip_semicolons();
  }

  /// The value ends at ';', at '}' or with its line: many libraries forget the semicolon.
  void simple_attribute(LibertyGroup& parent, const Token& name) {
    advance();
    std::string value;
    const int line = token_.line;
    while (token_.kind != TokenKind::end && !is_mark(';') && !is_mark('}') && token_.line == line) {
      value += (value.empty() ? "" : " ") + token_.text;
      advance();
    }
    if (value.empty() && line != name.line) {
      scanner_.fail(name.line, fmt::format("'{}' has no value", name.text));
    }
    parent.attributes.push_back({name.text, {value}, name.line});
  }

  std::vector<std::string> arguments() {
    std::vector<std::string> result;
    expect('(', "before the arguments");
    while (!is_mark(')')) {
      if (token_.kind == TokenKind::end || is_mark('{') || is_mark('}') || is_mark(';')) {
        scanner_.fail(token_.line,
                      fmt::format("expected ')' after the arguments, found '{}'", token_.text));
      }
      if (!is_mark(',')) {
        result.push_back(token_.text);
      }
      advance();
    }
    advance();
    return result;
  }

  void complex_statement(LibertyGroup& parent, const Token& name) {
    std::vector<std::string> values = arguments();
    if (!is_mark('{')) {
      parent.attributes.push_back({name.text, std::move(values), name.line});
      return;
    }
    advance();
    LibertyGroup group;
    group.name = name.text;
    group.arguments = std::move(values);
    group.line = name.line;
    for (skip_semicolons(); !is_mark('}'); skip_semicolons()) {
      if (token_.kind == TokenKind::end) {
        scanner_.fail(name.line, fmt::format("'{}' is never closed with '}}'", name.text));
      }
      statement(group);
    }
    advance();
    parent.groups.push_back(std::move(group));
  }

  Scanner scanner_;
  Token token_;
};

}  // namespace

const LibertyAttribute* LibertyGroup::attribute(std::string_view attribute_name) const {
  const auto found =
      std::find_if(attributes.rbegin(), attributes.rend(),
                   [&](const LibertyAttribute& item) { return item.name == attribute_name; });
  return found == attributes.rend() ? nullptr : &*found;
}

std::optional<std::string> LibertyGroup::value(std::string_view attribute_name) const {
  const LibertyAttribute* found = attribute(attribute_name);
  if (found == nullptr || found->values.empty()) {
    return std::nullopt;
  }
  return found->values.front();
}

const LibertyGroup* LibertyGroup::group(std::string_view group_name) const {
  const auto found = std::find_if(groups.begin(), groups.end(), [&](const LibertyGroup& item) {
    return item.name == group_name;
  });
  return found == groups.end() ? nullptr : &*found;
}

LibertyGroup parse_liberty(std::string_view text, const std::string& source) {
  return Parser(text, source).document();
}

std::vector<double> liberty_numbers(const LibertyAttribute& attribute, const std::string& source) {
  std::vector<double> result;
  for (const std::string& value : attribute.values) {
    const char* at = value.data();
    const char* const end = at + value.size();
    while (at != end) {
      if (is_blank(*at) || *at == ',' || *at == '+') {
        ++at;
        continue;
      }
      double number = 0.0;
      const auto [next, error] = std::from_chars(at, end, number);
      if (error != std::errc{}) {
        throw InputError(fmt::format("{}:{}: '{}' holds '{}', which is not a number", source,
                                     attribute.line, attribute.name, std::string(at, end)));
      }
      result.push_back(number);
      at = next;
    }
  }
  return result;
}

}  // namespace hasse::synth
