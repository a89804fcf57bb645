// SPDX-License-Identifier: Apache-2.0
// Evaluates Liberty functions on whole truth tables at once.
#include "synth/liberty/function.hpp"

#include <array>
#include <cctype>

namespace hasse::synth {
namespace {

constexpr std::size_t kMaxInputs = 6;
/// Value of input k in all 64 assignments.
constexpr std::array<std::uint64_t, kMaxInputs> kColumns{
    0xAAAAAAAAAAAAAAAAULL, 0xCCCCCCCCCCCCCCCCULL, 0xF0F0F0F0F0F0F0F0ULL,
    0xFF00FF00FF00FF00ULL, 0xFFFF0000FFFF0000ULL, 0xFFFFFFFF00000000ULL};

class Evaluator {
 public:
  Evaluator(std::string_view text, const std::vector<std::string>& inputs)
      : text_(text), inputs_(inputs) {}

  std::optional<std::uint64_t> run() {
    const std::uint64_t value = disjunction();
    skip_blanks();
    return failed_ || at_ != text_.size() ? std::nullopt : std::optional(value);
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
      ++at_;
    }
  }

  char peek() {
    skip_blanks();
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  static bool names(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '[' || c == ']';
  }

  bool accept(char first, char second) {
    const char c = peek();
    if (c == '\0' || (c != first && c != second)) {
      return false;
    }
    ++at_;
    return true;
  }

  std::uint64_t disjunction() {
    std::uint64_t value = conjunction();
    while (accept('|', '+')) {
      value |= conjunction();
    }
    return value;
  }

  std::uint64_t conjunction() {
    std::uint64_t value = exclusive();
    while (accept('&', '*') || names(peek()) || peek() == '(' || peek() == '!') {
      value &= exclusive();
    }
    return value;
  }

  std::uint64_t exclusive() {
    std::uint64_t value = factor();
    while (accept('^', '^')) {
      value ^= factor();
    }
    return value;
  }

  std::uint64_t factor() {
    if (accept('!', '!')) {
      return ~factor();
    }
    std::uint64_t value = primary();
    while (accept('\'', '\'')) {
      value = ~value;
    }
    return value;
  }

  std::uint64_t primary() {
    if (accept('(', '(')) {
      const std::uint64_t value = disjunction();
      failed_ = failed_ || !accept(')', ')');
      return value;
    }
    return names(peek()) ? operand() : fail();
  }

  std::uint64_t operand() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && names(text_[at_])) {
      ++at_;
    }
    const std::string_view name = text_.substr(begin, at_ - begin);
    for (std::size_t k = 0; k < inputs_.size() && k < kMaxInputs; ++k) {
      if (inputs_[k] == name) {
        return kColumns[k];
      }
    }
    if (name == "0" || name == "1") {
      return name == "1" ? ~0ULL : 0ULL;
    }
    return fail();
  }

  std::uint64_t fail() {
    failed_ = true;
    at_ = text_.size();
    return 0;
  }

  std::string_view text_;
  const std::vector<std::string>& inputs_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace

std::optional<std::uint64_t> truth_table(std::string_view function,
                                         const std::vector<std::string>& inputs) {
  if (inputs.size() > kMaxInputs) {
    return std::nullopt;
  }
  std::optional<std::uint64_t> table = Evaluator(function, inputs).run();
  const std::size_t rows = std::size_t{1} << inputs.size();
  if (table && rows < 64) {
    *table &= (std::uint64_t{1} << rows) - 1;
  }
  return table;
}

}  // namespace hasse::synth
