// SPDX-License-Identifier: Apache-2.0
// Writing and escaping of HTML and SVG elements.
#include "flows/report/markup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace hasse::report {
namespace {

bool forbidden_in_xml(char c) {
  const auto code = static_cast<unsigned char>(c);
  return code < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

std::string_view entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return forbidden_in_xml(c) ? "\xEF\xBF\xBD" : std::string_view{};
  }
}

/// Elements HTML forbids to close with an end tag.
bool is_void(std::string_view name) {
  return name == "meta" || name == "br" || name == "col";
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const std::string_view replacement = entity(c);
    if (replacement.empty()) {
      out += c;
    } else {
      out += replacement;
    }
  }
  return out;
}

std::string coordinate(double value) {
  std::string text = fmt::format("{:.2f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

Element& Element::set(std::string_view name, std::string_view value) {
  attributes_.emplace_back(name, value);
  return *this;
}

Element& Element::set(std::string_view name, double value) {
  return set(name, coordinate(value));
}

Element& Element::text(std::string_view text) {
  Element node("");
  node.content_ = escape(text);
  return add(std::move(node));
}

Element& Element::stylesheet(std::string_view css) {
  if (css.find_first_of("<&") != std::string_view::npos) {
    throw std::logic_error("a style sheet must hold neither '<' nor '&'");
  }
  Element node("");
  node.content_ = css;
  return add(std::move(node));
}

Element& Element::add(Element child) {
  children_.push_back(std::move(child));
  return *this;
}

std::string Element::attribute(std::string_view name) const {
  for (const auto& [key, value] : attributes_) {
    if (key == name) return value;
  }
  return "";
}

bool Element::holds_text() const {
  return std::any_of(children_.begin(), children_.end(),
                     [](const Element& child) { return child.name_.empty(); });
}

void Element::write(std::string& out) const {
  if (name_.empty()) {
    out += content_;
    return;
  }
  out += '<';
  out += name_;
  for (const auto& [key, value] : attributes_) {
    out += fmt::format(" {}=\"{}\"", key, escape(value));
  }
  if (is_void(name_)) {
    out += "/>";
    return;
  }
  out += '>';
  const bool one_line = children_.size() < 2 || holds_text();
  for (const Element& child : children_) {
    if (!one_line) out += '\n';
    child.write(out);
  }
  if (!one_line) out += '\n';
  out += fmt::format("</{}>", name_);
}

std::string Element::str() const {
  std::string out;
  write(out);
  return out;
}

Element tagged(std::string name, std::string_view text, std::string_view cls) {
  Element element(std::move(name));
  if (!cls.empty()) element.set("class", cls);
  element.text(text);
  return element;
}

}  // namespace hasse::report
