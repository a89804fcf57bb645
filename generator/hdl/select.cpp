// SPDX-License-Identifier: Apache-2.0
// Selections of signals: bits, slices, lanes.
#include <fmt/format.h>

#include "generator/hdl/node.hpp"

namespace hasse::hdl {

using detail::finish_node;
using detail::Kind;
using detail::Node;
using detail::quote;

namespace {

/// A signal, slice or lane, which further selections can be folded into.
void require_foldable(const Expr& a, const std::string& what, const Location& where) {
  const Kind kind = a.node().kind;
  if (kind == Kind::signal || kind == Kind::range || kind == Kind::part) return;
  throw HdlError(
      fmt::format("{} of '{}' ({} bits): name it first", what, quote(a.node()), a.width().value()),
      where);
}

Expr constant_slice(const Expr& a, const Width& low, const Width& width, const Location& where) {
  Node node;
  node.width = width;
  node.signal = a.node().signal;
  if (a.node().kind == Kind::part) {
    const Expr offset(a.node().children[0]);
    node.kind = Kind::part;
    node.linear = a.node().linear->plus({low.value(), {}});
    node.children = {(low.value() == 0 ? offset : offset + low).shared()};
  } else {
    node.kind = Kind::range;
    node.number = a.node().kind == Kind::range ? a.node().number + low : low;
  }
  return finish_node(std::move(node), where);
}

Expr genvar_slice(const Expr& a, const Expr& offset, const Width& width, const Location& where) {
  const auto [lowest, highest] = offset.node().linear->range();
  if (lowest < 0 || highest + width.value() > a.width().value()) {
    throw HdlError(fmt::format("bits {}..{} of '{}' ({} bits) do not exist", lowest,
                               highest + width.value() - 1, quote(a.node()), a.width().value()),
                   where);
  }
  Node node;
  node.kind = Kind::part;
  node.width = width;
  node.signal = a.node().signal;
  Expr total = offset;
  if (a.node().kind == Kind::range) total = offset + a.node().number;
  if (a.node().kind == Kind::part) total = Expr(a.node().children[0]) + offset;
  node.linear = total.node().linear;
  node.children = {total.shared()};
  node.signal->is_indexed = true;
  return finish_node(std::move(node), where);
}

/// Checks a run-time index: a whole signal, and exactly the address bits tools ask for.
void require_address(const Expr& a, const Expr& index, const std::string& what,
                     const Location& where) {
  if (a.node().kind != Kind::signal) {
    throw HdlError(
        fmt::format("{} of '{}', which is no signal: name it first", what, quote(a.node())), where);
  }
  const int needed = address_bits(a.width().value()).value();
  if (index.width().value() != needed) {
    throw HdlError(fmt::format("{} of '{}' ({} bits) needs a {}-bit index, '{}' has {} bits", what,
                               quote(a.node()), a.width().value(), needed, quote(index.node()),
                               index.width().value()),
                   where);
  }
}

Expr dynamic_select(const Expr& a, const Expr& index, Kind kind, const Width& width,
                    const Location& where) {
  Node node;
  node.kind = kind;
  node.width = width;
  node.signal = a.node().signal;
  node.signal->is_indexed = true;
  node.children = {index.shared()};
  return finish_node(std::move(node), where);
}

}  // namespace

Expr Expr::slice(const Width& low, const Width& slice_width, Location where) const {
  require_foldable(*this, "slice", where);
  const int first = low.value();
  const int bits = slice_width.value();
  if (first < 0 || bits < 1 || first + bits > width().value()) {
    throw HdlError(fmt::format("slice [{}:{}] of '{}', which has {} bits", first + bits - 1, first,
                               quote(*node_), width().value()),
                   where);
  }
  if (bits == width().value()) return as_unsigned(*this);
  return constant_slice(*this, low, slice_width, where);
}

Expr Expr::bit(int index, Location where) const {
  return slice(index, 1, where);
}

Expr Expr::msb(Location where) const {
  return slice(width() - 1, 1, where);
}

Expr Expr::bit(const Expr& index, Location where) const {
  if (index.is_genvar()) return lane(index, 1, where);
  require_address(*this, index, "bit", where);
  return dynamic_select(*this, index, Kind::index, 1, where);
}

Expr Expr::slice_at(const Expr& base, const Width& slice_width, Location where) const {
  require_address(*this, base, "slice_at", where);
  if (slice_width.value() < 1 || slice_width.value() > width().value()) {
    throw HdlError(fmt::format("slice_at of {} bits of '{}', which has {} bits",
                               slice_width.value(), quote(*node_), width().value()),
                   where);
  }
  return dynamic_select(*this, base, Kind::dynamic_part, slice_width, where);
}

Expr Expr::lane(int index, const Width& lane_width, Location where) const {
  return slice(Width(index) * lane_width, lane_width, where);
}

Expr Expr::lane(const Expr& index, const Width& lane_width, Location where) const {
  if (!index.is_genvar()) {
    throw HdlError(fmt::format("lane '{}' of '{}': the index must be a genvar or a number",
                               quote(index.node()), quote(*node_)),
                   where);
  }
  require_foldable(*this, "lane", where);
  const Expr offset =
      lane_width == Width(1) && lane_width.is_number() ? index : index * Operand(lane_width);
  return genvar_slice(*this, offset, lane_width, where);
}

}  // namespace hasse::hdl
