// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "generator/units/dynamic.hpp"

namespace hasse::units {

using hdl::cat;
using hdl::Expr;
using hdl::Module;
using hdl::Width;

namespace {

/// The bits of `cells` in the order of `place`, cell 0 lowest.
template <class Place>
Expr gathered(const Expr& cells, int size, Place place) {
  std::vector<Expr> bits;
  for (int i = size - 1; i >= 0; --i) bits.push_back(cells.bit(place(i)));
  return cat(bits);
}

}  // namespace

Module wavefront_arbiter(int size) {
  Module m(
      "wavefront_arbiter",
      "Grants requests of rows for columns, at most one in every row and every column.\n"
      "A wavefront passes the array diagonal by diagonal, rows growing, columns falling, both\n"
      "wrapped, from row 0 and column 0; no two cells of a diagonal meet. A cell is granted\n"
      "when its row and its column are still free, so no request can be left that might be\n"
      "granted in addition. Purely combinational.");
  m.set_unit("planner");
  const Width cells = m.localparam("Size", size, "Rows, and columns.");
  const Expr request = m.input("request_i", cells * cells, "Row 0 lowest, a bit per column.");
  const Expr grant = m.output("grant_o", cells * cells, "Granted ones among them.");
  Expr rows = hdl::ones(cells), columns = rows;
  for (int diagonal = 0; diagonal < size; ++diagonal) {
    // The partner of row i on this diagonal is column i, and the other way round.
    const auto partner = [=](int i) { return (diagonal + size - i) % size; };
    const auto cell = [=](int row) { return row * size + partner(row); };
    m.comment(fmt::format("Diagonal {}, a bit per row", diagonal));
    const Expr asked = gathered(request, size, cell);
    const Expr granted =
        m.let(fmt::format("granted_{}", diagonal),
              diagonal == 0 ? asked : asked & rows & gathered(columns, size, partner));
    for (int row = 0; row < size; ++row) m.assign(grant.bit(cell(row)), granted.bit(row));
    if (diagonal + 1 == size) break;
    rows = m.let(fmt::format("free_rows_{}", diagonal), diagonal == 0 ? ~granted : rows & ~granted);
    const Expr taken = gathered(granted, size, partner);
    columns =
        m.let(fmt::format("free_columns_{}", diagonal), diagonal == 0 ? ~taken : columns & ~taken);
  }
  return m;
}

}  // namespace hasse::units
