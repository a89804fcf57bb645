// SPDX-License-Identifier: Apache-2.0
// Sums of many unsigned terms, written so that every adder's carry input is put to use.
#pragma once

#include <string>
#include <vector>

#include "generator/hdl/scope.hpp"

namespace hasse::units {

/// Sum of all `terms` (unsigned, any widths) and of single-bit `carries`, as a balanced tree of
/// two-operand adders in `scope`; their signals are named after `name`. A carry costs no adder of
/// its own: the carries the tree took are removed, those that found no adder are left. No term
/// overflows.
hdl::Expr adder_tree(hdl::Scope& scope, const std::string& name, std::vector<hdl::Expr> terms,
                     std::vector<hdl::Expr>& carries);

}  // namespace hasse::units
