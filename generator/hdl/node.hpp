// SPDX-License-Identifier: Apache-2.0
// Inside of an Expr: signals, loop variables and expression nodes. Not for units.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "generator/hdl/expr.hpp"

namespace hasse::hdl::detail {

struct ScopeData;

/// The variable of one generate loop.
struct Genvar {
  std::string name;
  Width count;
  const ScopeData* body = nullptr;
};

/// A sum of loop variables: `constant + sum of factor * genvar`.
struct Linear {
  std::int64_t constant = 0;
  std::vector<std::pair<const Genvar*, std::int64_t>> terms;

  Linear plus(const Linear& other, std::int64_t factor = 1) const;
  Linear times(std::int64_t factor) const;
  /// Smallest and largest value over all iterations.
  std::pair<std::int64_t, std::int64_t> range() const;
};

enum class SignalKind { input, output, internal, constant };

/// A port, internal signal or named constant, with the record of who drives and reads each bit.
struct Signal {
  std::string name;
  Width width;
  bool is_signed = false;
  SignalKind kind = SignalKind::internal;
  std::string doc;
  const ScopeData* scope = nullptr;
  Location where;
  std::int64_t value = 0;     ///< Of a constant.
  bool is_indexed = false;    ///< Selected by a variable: declared as a vector even if 1 bit.
  std::vector<int> driver;    ///< Per bit, 0 = none, otherwise a process number.
  std::vector<bool> is_read;  ///< Per bit.
};

enum class Kind {
  signal,        ///< name
  literal,       ///< 8'd5
  named_number,  ///< 6'(Columns-1)
  fill,          ///< {8{1'b1}}
  unary,         ///< op a
  binary,        ///< a op b
  shift,         ///< a op amount
  mux,           ///< c ? a : b
  concat,        ///< {a, b}
  repeat,        ///< {count{a}}
  range,         ///< signal[low+width-1:low]
  part,          ///< signal[offset +: width], offset linear in genvars
  index,         ///< signal[expr]
  dynamic_part,  ///< signal[expr +: width]
  cast,          ///< width'(a)
  genvar,        ///< loop variable
  integer        ///< constant, or sum, difference or product of loop variables
};

/// How the text of a node reads to a Verilog tool.
enum class TextSign { is_unsigned, is_signed, unknown };

/// An immutable expression node.
struct Node {
  Kind kind = Kind::signal;
  Width width = 1;
  bool is_signed = false;
  TextSign text_sign = TextSign::is_unsigned;
  std::string op;
  std::int64_t value = 0;       ///< Of a literal; shift amount.
  bool is_binary_text = false;  ///< Literal printed as a mask.
  Width number = 0;             ///< Low bit of a range, repeat count, value of a named number.
  std::shared_ptr<Signal> signal;
  std::shared_ptr<Genvar> genvar;
  std::optional<Linear> linear;  ///< Of genvar arithmetic; of a part, its low bit.
  std::vector<NodePtr> children;
  int size = 1;  ///< Number of printed nodes, bounded by the builder.
};

/// True for a signal or a selection of one: something with a name, that can be assigned.
bool is_named(const Node& node);

/// The node as a stand-alone right-hand side, cut to a length that suits an error message.
std::string quote(const Node& node);

/// A signal as an expression.
Expr make_signal_expr(std::shared_ptr<Signal> signal);
/// A loop variable as an expression.
Expr make_genvar_expr(std::shared_ptr<Genvar> genvar);
/// A literal at a given sign; throws when it does not fit.
Expr make_literal(std::int64_t value, const Width& width, Signed is_signed, const Location& where);

/// Finishes a node: counts it, refuses expressions too large to be read.
Expr finish_node(Node&& node, const Location& where);

/// Throws unless the widths are equal; `what` names the operation.
void require_equal_width(const Expr& a, const Expr& b, const std::string& what,
                         const Location& where);

}  // namespace hasse::hdl::detail
