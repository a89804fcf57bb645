// SPDX-License-Identifier: Apache-2.0
// Expression nodes to text, with the parentheses a reader wants. Not for units.
#pragma once

#include <string>
#include <vector>

#include "generator/hdl/node.hpp"
#include "generator/hdl/writer.hpp"

namespace hasse::hdl::detail {

/// Appends the text of a target or condition as breakable pieces.
void print_expression(const Node& node, std::vector<Piece>& pieces);

/// The same of a port connection, never `'0`: Icarus takes it for a single bit there.
void print_connection(const Node& node, std::vector<Piece>& pieces);

/// Appends the text of a right-hand side: a comparison is wrapped, to stand apart from the `=`.
void print_value(const Node& node, std::vector<Piece>& pieces);

/// Pieces on one line.
std::string joined(const std::vector<Piece>& pieces);

/// An expression on one line.
std::string expression_text(const Node& node);

/// A case label, or a quotation in a message: like the above, but never `'0`.
std::string label_text(const Node& node);

/// "[NodeBits-1:0]", or "" for a plain single bit.
std::string range_text(const Width& width, bool is_vector);

}  // namespace hasse::hdl::detail
