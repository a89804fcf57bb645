// SPDX-License-Identifier: Apache-2.0
// Expressions of the emitted Verilog: cheap handles to immutable, width-checked nodes.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "generator/hdl/error.hpp"
#include "generator/hdl/width.hpp"

namespace hasse::hdl {

namespace detail {
struct Node;
using NodePtr = std::shared_ptr<const Node>;
}  // namespace detail

/// Whether a signal or literal is two's complement.
enum class Signed : bool { no, yes };

/// A value of known width and signedness, or a generate-loop variable (`is_genvar`). Every
/// operation checks widths when it is called and throws HdlError with the caller's line.
class Expr {
 public:
  explicit Expr(detail::NodePtr node);

  /// Width in bits; its text keeps parameter names.
  const Width& width() const;
  bool is_signed() const;
  /// True for the variable of a generate loop and for sums and products of such variables.
  bool is_genvar() const;
  /// The Verilog text as it would stand alone on a right-hand side.
  std::string str() const;

  /// `a[3]`. The bit must exist.
  Expr bit(int index, Location where = Location::current()) const;
  /// `a[index]`: index is a genvar, or has exactly the bits needed to address every bit of a.
  Expr bit(const Expr& index, Location where = Location::current()) const;
  /// `a[low+width-1:low]`. Slices of slices and of lanes are folded into one.
  Expr slice(const Width& low, const Width& width, Location where = Location::current()) const;
  /// `a[base +: width]` of a named signal; base has the bits needed to address every bit of a.
  Expr slice_at(const Expr& base, const Width& width, Location where = Location::current()) const;
  /// Element `index` of a flat vector of `width`-bit elements: `a[index*width +: width]`.
  Expr lane(const Expr& index, const Width& width, Location where = Location::current()) const;
  /// The same with a constant index: `a[hi:lo]`.
  Expr lane(int index, const Width& width, Location where = Location::current()) const;
  /// The most significant bit: the sign of a signed value.
  Expr msb(Location where = Location::current()) const;

  const detail::Node& node() const { return *node_; }
  const detail::NodePtr& shared() const { return node_; }

 private:
  detail::NodePtr node_;
};

/// One side of an operator: an expression, or a constant that takes width and sign of the other
/// side. Captures the line of the C++ expression, so that `a + b` can report where it stands.
class Operand {
 public:
  Operand(const Expr& expr, Location where = Location::current());    // NOLINT: implicit
  Operand(int value, Location where = Location::current());           // NOLINT: implicit
  Operand(const Width& value, Location where = Location::current());  // NOLINT: implicit

  const Location& where() const { return where_; }
  bool is_constant() const { return !expr_; }
  /// The expression itself, or the constant at the width and sign of `like`.
  Expr resolve(const Expr& like) const;
  /// The constant at a given width and sign; the expression unchanged.
  Expr resolve(const Width& width, Signed is_signed) const;

 private:
  friend struct OperandPair;
  std::optional<Expr> expr_;
  std::optional<Width> constant_;
  Location where_;
};

/// `8'd5`, `-8'sd3` (a negative literal is signed). The value must fit the width.
Expr lit(std::int64_t value, const Width& width, Location where = Location::current());
/// A named constant at a given width: `6'(Columns-1)`.
Expr lit(const Width& value, const Width& width, Location where = Location::current());
/// A mask of at most 8 bits written in binary: `4'b0101`.
Expr lit_bin(std::int64_t value, const Width& width, Location where = Location::current());
/// All bits zero: `8'd0`, `{NodeBits{1'b0}}`, or `'0` where it stands alone.
Expr zeros(const Width& width, Location where = Location::current());
/// All bits one: `{8{1'b1}}`, or `'1` where it stands alone.
Expr ones(const Width& width, Location where = Location::current());

// Arithmetic wraps at the operands' width. Widths and signedness must be equal. For genvars, + and
// - and * build the index arithmetic of generate loops.
Expr operator+(Operand a, Operand b);
Expr operator-(Operand a, Operand b);
Expr operator*(Operand a, Operand b);  ///< Only for genvars: the hardware is multiplication free.
Expr operator-(Operand a);
Expr operator&(Operand a, Operand b);
Expr operator|(Operand a, Operand b);
Expr operator^(Operand a, Operand b);
Expr operator~(Operand a);
// Logic on single bits.
Expr operator!(Operand a);
Expr operator&&(Operand a, Operand b);
Expr operator||(Operand a, Operand b);
// Comparisons: one bit. Order needs equal signedness, equality only equal widths.
Expr operator==(Operand a, Operand b);
Expr operator!=(Operand a, Operand b);
Expr operator<(Operand a, Operand b);
Expr operator<=(Operand a, Operand b);
Expr operator>(Operand a, Operand b);
Expr operator>=(Operand a, Operand b);
/// Shift by a constant, width unchanged; `>>` of a signed value keeps the sign (`>>>`).
Expr operator<<(Operand a, int amount);
Expr operator>>(Operand a, int amount);

/// `condition ? a : b`, equal widths and signedness, condition one bit.
Expr mux(const Expr& condition, Operand a, Operand b, Location where = Location::current());
/// `{a, b, c}`: the first is most significant. Unsigned.
Expr cat(std::initializer_list<Expr> parts, Location where = Location::current());
Expr cat(const std::vector<Expr>& parts, Location where = Location::current());
/// `{n{a}}`. Unsigned.
Expr repeat(const Width& count, const Expr& a, Location where = Location::current());

Expr reduce_or(const Expr& a, Location where = Location::current());   ///< `(|a)`
Expr reduce_and(const Expr& a, Location where = Location::current());  ///< `(&a)`
Expr reduce_xor(const Expr& a, Location where = Location::current());  ///< `(^a)`

/// `{3'd0, a}`; returns a itself when the width does not change. Never narrows.
Expr zext(const Expr& a, const Width& width, Location where = Location::current());
/// `{{3{a[7]}}, a}`: replicates the top bit, keeps the sign flag. `a` must be a signal or a slice.
Expr sext(const Expr& a, const Width& width, Location where = Location::current());
/// The low bits: `a[7:0]` of a signal, `8'(a + b)` of an expression. Never widens.
Expr trunc(const Expr& a, const Width& width, Location where = Location::current());
/// A genvar (or sum of genvars) as a value: `8'(column)`. Its largest value must fit.
Expr as_bits(const Expr& genvar, const Width& width, Location where = Location::current());
/// The same bits read as two's complement; prints `$signed()` where the rules need it.
Expr as_signed(const Expr& a);
/// The same bits read as unsigned; prints `$unsigned()` where the rules need it.
Expr as_unsigned(const Expr& a);

}  // namespace hasse::hdl
