// SPDX-License-Identifier: Apache-2.0
// Where statements live: the body of a module or of a generate loop.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "generator/hdl/block.hpp"
#include "generator/hdl/expr.hpp"

namespace hasse::hdl {

namespace detail {
struct ScopeData;
}

class Module;
class Scope;
/// Fills the body of a generate loop; the Expr is the loop variable.
using GenerateBody = std::function<void(Scope&, const Expr&)>;
/// Connections of an instance: port name to expression, in any order.
using PortMap = std::vector<std::pair<std::string, Expr>>;
/// Parameter overrides of an instance.
using ParamList = std::vector<std::pair<std::string, Width>>;

/// A list of declarations and statements. Handles are cheap; the Module owns the content.
class Scope {
 public:
  explicit Scope(detail::ScopeData& data) : data_(&data) {}

  /// An internal signal, lower_snake. Must be driven once per bit and read, unless its name
  /// contains "unused".
  Expr logic(const std::string& name, const Width& width, const std::string& doc = "",
             Signed is_signed = Signed::no, Location where = Location::current());
  /// Declares a signal of the width and sign of `value` and assigns it: names an intermediate.
  Expr let(const std::string& name, const Expr& value, const std::string& doc = "",
           Location where = Location::current());
  /// `localparam logic [1:0] StateIdle = 2'd0;`, printed by name where it is used.
  Expr constant(const std::string& name, const Width& width, std::int64_t value,
                const std::string& doc = "", Location where = Location::current());

  /// `assign target = value;`: target is a signal, slice, bit or lane.
  void assign(const Expr& target, Operand value);
  /// A register with asynchronous reset (active low). Reset and body write the same bits.
  void always_ff(const Expr& clock, const Expr& reset_n, const BlockBody& reset,
                 const BlockBody& body, Location where = Location::current());
  /// A register without reset: data paths.
  void always_ff(const Expr& clock, const BlockBody& body, Location where = Location::current());
  /// Combinational logic. Every target is assigned on every path, so that no latch can appear.
  void always_comb(const BlockBody& body, Location where = Location::current());
  /// `for (genvar name = 0; name < count; ...) begin : label`; the label starts with "gen_".
  void generate_for(const std::string& genvar_name, const Width& count, const std::string& label,
                    const GenerateBody& body, Location where = Location::current());
  /// An instance (`u_...`) with every port connected by name; outputs to assignable expressions.
  void instance(const std::string& name, const Module& child, const PortMap& ports,
                const ParamList& parameters = {}, const std::string& comment = "",
                Location where = Location::current());
  /// Declares that these bits are meant to be ignored: `assign unused_x = ^x;`. A name is needed
  /// where the expression is not a signal or a constant slice of one.
  void unused(const Expr& value, const std::string& name = "",
              Location where = Location::current());

  /// A banner comment between groups of statements.
  void section(const std::string& title);
  /// A `//` comment, wrapped at 100 columns, before the next statement.
  void comment(const std::string& text);

 protected:
  detail::ScopeData* data_;
};

}  // namespace hasse::hdl
