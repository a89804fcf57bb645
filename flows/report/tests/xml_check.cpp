// SPDX-License-Identifier: Apache-2.0
// The well-formedness check.
#include "flows/report/tests/xml_check.hpp"

#include <cctype>
#include <set>
#include <vector>

namespace hasse::report {
namespace {

/// Walks the text once; `problem` is set by the first thing wrong.
class Checker {
 public:
  explicit Checker(std::string_view text) : text_(text) {}

  std::string run() {
    if (text_.starts_with("<!DOCTYPE")) at_ = text_.find('>') + 1;
    while (at_ < text_.size() && problem_.empty()) {
      if (text_[at_] == '<') {
        tag();
      } else {
        character();
      }
    }
    if (problem_.empty() && !open_.empty()) fail("not closed: " + open_.back());
    if (problem_.empty() && roots_ != 1) fail("not one root element");
    return problem_;
  }

 private:
  void fail(const std::string& what) {
    problem_ = what + " at byte " + std::to_string(at_) + ": " +
               std::string(text_.substr(at_ > 20 ? at_ - 20 : 0, 60));
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (std::isspace(static_cast<unsigned char>(peek())) != 0) ++at_;
  }
  std::string name() {
    std::string out;
    while (std::isalnum(static_cast<unsigned char>(peek())) != 0 || peek() == '-')
      out += text_[at_++];
    if (out.empty()) fail("a name expected");
    return out;
  }

  void character() {
    if (open_.empty() && std::isspace(static_cast<unsigned char>(peek())) == 0)
      fail("text outside");
    if (peek() == '&') entity();
    ++at_;
  }
  void entity() {
    for (const std::string_view known : {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"}) {
      if (text_.substr(at_).starts_with(known)) return;
    }
    fail("unknown entity");
  }

  void tag() {
    ++at_;
    if (peek() == '/') return closing();
    const std::string element = name();
    if (open_.empty()) ++roots_;
    std::set<std::string> seen;
    for (skip_space(); problem_.empty() && peek() != '>' && peek() != '/'; skip_space()) {
      attribute(seen);
    }
    if (peek() == '/') {
      ++at_;
    } else {
      open_.push_back(element);
    }
    if (peek() != '>') fail("'>' expected");
    ++at_;
  }
  void closing() {
    ++at_;
    const std::string element = name();
    if (open_.empty() || open_.back() != element) fail("closes the wrong element: " + element);
    if (!open_.empty()) open_.pop_back();
    if (peek() != '>') fail("'>' expected");
    ++at_;
  }
  void attribute(std::set<std::string>& seen) {
    const std::string key = name();
    if (!seen.insert(key).second) fail("attribute twice: " + key);
    if (text_.substr(at_, 2) != "=\"") return fail("=\" expected");
    at_ += 2;
    std::string value;
    for (; at_ < text_.size() && peek() != '"' && problem_.empty(); ++at_) {
      if (peek() == '<') fail("'<' in an attribute");
      if (peek() == '&') entity();
      value += peek();
    }
    ++at_;
    if (key == "id" && !ids_.insert(value).second) fail("id twice: " + value);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int roots_ = 0;
  std::vector<std::string> open_;
  std::set<std::string> ids_;
  std::string problem_;
};

}  // namespace

std::string xml_problem(std::string_view text) {
  return Checker(text).run();
}

}  // namespace hasse::report
