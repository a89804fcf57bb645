// SPDX-License-Identifier: Apache-2.0
// What stands inside always_ff and always_comb: assignments, if-chains and case tables.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "generator/hdl/expr.hpp"

namespace hasse::hdl {

namespace detail {
struct BlockData;
struct IfChain;
}  // namespace detail

class Block;
/// Fills one begin/end block.
using BlockBody = std::function<void(Block&)>;

/// A label of Block::select: a number, or a named constant such as an FSM state.
class CaseLabel {
 public:
  CaseLabel(int value) : value_(value) {}                   // NOLINT: implicit
  CaseLabel(std::int64_t value) : value_(value) {}          // NOLINT: implicit
  CaseLabel(const Expr& constant) : constant_(constant) {}  // NOLINT: implicit

  /// The label at the width of the selector; throws when it does not fit or is not constant.
  Expr resolve(const Expr& selector, const Location& where) const;

 private:
  std::int64_t value_ = 0;
  std::optional<Expr> constant_;
};

/// The branches after an `if`: `b.when(c, f).else_when(d, g).otherwise(h)`.
class When {
 public:
  When(detail::BlockData& parent, detail::IfChain& chain) : parent_(&parent), chain_(&chain) {}
  /// `else if (condition) begin ... end`
  When& else_when(const Expr& condition, const BlockBody& body,
                  Location where = Location::current());
  /// `else begin ... end`; nothing may follow.
  void otherwise(const BlockBody& body, Location where = Location::current());

 private:
  detail::BlockData* parent_;
  detail::IfChain* chain_;
};

/// One begin/end block. Prints `<=` inside always_ff and `=` inside always_comb.
class Block {
 public:
  explicit Block(detail::BlockData& data) : data_(&data) {}

  /// Assigns a signal, slice, bit or lane of equal width; a constant takes the target's width.
  void assign(const Expr& target, Operand value);
  /// `if (condition) begin ... end`; the condition is one bit.
  When when(const Expr& condition, const BlockBody& body, Location where = Location::current());
  /// `case (selector)`: labels are distinct and fit, the default is mandatory.
  void select(const Expr& selector, const std::vector<std::pair<CaseLabel, BlockBody>>& cases,
              const BlockBody& default_body, Location where = Location::current());
  /// A `//` comment before the next statement.
  void comment(const std::string& text);

 private:
  detail::BlockData* data_;
};

}  // namespace hasse::hdl
