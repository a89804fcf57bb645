// SPDX-License-Identifier: Apache-2.0
// A tree of HTML or SVG elements that escapes everything it is given.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hasse::report {

/// `text` with the five characters that mean something to HTML and XML replaced by entities;
/// control characters that XML forbids become U+FFFD.
std::string escape(std::string_view text);

/// A coordinate or length as the page writes it: at most two decimals, no trailing zeros, no "-0".
std::string coordinate(double value);

/// One element: a name, attributes in the order they were set, and children. The output is both
/// HTML5 and well-formed XML, the same bytes on every run.
class Element {
 public:
  explicit Element(std::string name) : name_(std::move(name)) {}

  /// Sets an attribute; the value is escaped when it is written.
  Element& set(std::string_view name, std::string_view value);
  /// Sets a numeric attribute, written by `coordinate`.
  Element& set(std::string_view name, double value);
  /// Appends text, escaped.
  Element& text(std::string_view text);
  /// Appends the content of a <style> element as it stands; it must hold no '<' and no '&'.
  Element& stylesheet(std::string_view css);
  /// Appends a child.
  Element& add(Element child);

  /// The value of an attribute as it was set; "" when it was not.
  std::string attribute(std::string_view name) const;

  /// Appends the element to `out`.
  void write(std::string& out) const;
  /// The element as a string.
  std::string str() const;

 private:
  bool holds_text() const;

  std::string name_;     ///< Empty for a text node.
  std::string content_;  ///< Escaped text of a text node.
  std::vector<std::pair<std::string, std::string>> attributes_;
  std::vector<Element> children_;
};

/// `<name class="cls">text</name>`; the class is left out when empty.
Element tagged(std::string name, std::string_view text, std::string_view cls = {});

}  // namespace hasse::report
