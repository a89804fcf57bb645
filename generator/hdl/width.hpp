// SPDX-License-Identifier: Apache-2.0
// Constant integers that remember the parameter names they are made of: widths, depths, counts.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hasse::hdl {

/// Values that replace parameters, by name: the overrides of one instance.
using ParamMap = std::map<std::string, int, std::less<>>;

/// A constant integer with the text that is printed for it: `NodeBits`, `Columns*NodeBits`,
/// `NodeBits+1`, or just `11`. Two widths are equal when their values are; the text is for readers.
class Width {
 public:
  Width(int value);  // NOLINT: implicit, so that plain numbers are widths.

  /// A parameter of the module, as made by Module::parameter.
  Width(int value, std::string symbol);

  /// The elaborated number.
  int value() const;

  /// True when no parameter name is part of the text.
  bool is_number() const;

  /// True when no overridable parameter is part of it: the number is the same in every instance.
  bool is_fixed() const;

  /// The text inside an expression, e.g. `Columns*NodeBits`; an addition is not wrapped.
  std::string str() const;

  /// The text as an operand of something that binds tighter: sums are wrapped in parentheses.
  std::string str_operand() const;

  /// The value with some parameters replaced, following the names down to their definitions.
  int evaluate(const ParamMap& overrides) const;

  /// Every parameter name in the text with its value, in order of appearance.
  std::vector<std::pair<std::string, int>> symbols() const;

  friend Width operator+(const Width& a, const Width& b);
  friend Width operator-(const Width& a, const Width& b);
  friend Width operator*(const Width& a, const Width& b);
  friend bool operator==(const Width& a, const Width& b) { return a.value() == b.value(); }

  /// Bits of an address of `depth` entries, at least 1: `$clog2(Depth)` where Depth has a name.
  friend Width address_bits(const Width& depth);

  /// The same definition under a new name, which is what gets printed: `localparam int Name = ...`.
  Width named(std::string symbol) const;

 private:
  struct Node;
  explicit Width(std::shared_ptr<const Node> node);
  /// The number a product starts with, and the rest.
  std::pair<int, Width> factor() const;
  std::shared_ptr<const Node> node_;
};

Width address_bits(const Width& depth);

}  // namespace hasse::hdl
