// SPDX-License-Identifier: Apache-2.0
// A parser for the one shape of Python dictionary that an .npy header is.
#include "golden/tensor/npy_header.hpp"

#include <fmt/format.h>

#include <charconv>
#include <set>
#include <system_error>

#include "golden/tensor/format_error.hpp"

namespace hasse::tensor {
namespace {

class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& name) : rest_(text), name_(name) {}

  NpyHeader parse() {
    expect('{');
    while (!accept('}')) {
      entry();
      if (accept('}')) break;
      expect(',');
    }
    finish();
    return header_;
  }

 private:
  [[noreturn]] void fail(std::string_view expected) const {
    throw FormatError(name_, "header", rest_.empty() ? "at its end" : rest_, expected);
  }

  void skip_spaces() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
  }

  bool accept(char c) {
    skip_spaces();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char c) {
    if (!accept(c)) fail(fmt::format("'{}'", c));
  }

  bool accept_word(std::string_view word) {
    skip_spaces();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  std::string quoted() {
    const char quote = accept('"') ? '"' : '\'';
    if (quote == '\'') expect('\'');
    const std::size_t end = rest_.find(quote);
    if (end == std::string_view::npos) fail("a closing quote");
    std::string result(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return result;
  }

  bool boolean() {
    if (accept_word("True")) return true;
    if (accept_word("False")) return false;
    fail("True or False");
  }

  std::uint64_t number() {
    skip_spaces();
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc{}) fail("an integer from 0 to 2^64 - 1");
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  std::vector<std::uint64_t> tuple() {
    std::vector<std::uint64_t> values;
    expect('(');
    while (!accept(')')) {
      values.push_back(number());
      if (accept(')')) break;
      expect(',');
    }
    return values;
  }

  void entry() {
    const std::string key = quoted();
    if (!seen_.insert(key).second) throw FormatError(name_, "header key", key, "each key once");
    expect(':');
    if (key == "descr") {
      header_.descr = quoted();
    } else if (key == "fortran_order") {
      header_.fortran_order = boolean();
    } else if (key == "shape") {
      header_.shape = tuple();
    } else {
      throw FormatError(name_, "header key", key, "descr, fortran_order or shape");
    }
  }

  void finish() {
    skip_spaces();
    if (rest_ != "\n") fail("spaces and one newline after the dictionary");
    for (const char* key : {"descr", "fortran_order", "shape"}) {
      if (!seen_.contains(key)) throw FormatError(name_, key, "missing", "an entry in the header");
    }
  }

  std::string_view rest_;
  const std::string& name_;
  std::set<std::string> seen_;
  NpyHeader header_;
};

}  // namespace

NpyHeader parse_npy_header(std::string_view text, const std::string& name) {
  return HeaderParser(text, name).parse();
}

}  // namespace hasse::tensor
