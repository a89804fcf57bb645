// SPDX-License-Identifier: Apache-2.0
#include "generator/units/counter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace hasse::units {

using hdl::Block;
using hdl::Expr;
using hdl::lit;
using hdl::Module;

Expr in_range(const Expr& value, int largest) {
  const Expr positive = value != 0;
  const int bits = value.width().value();
  return largest == (1 << bits) - 1 ? positive : positive && value <= lit(largest, bits);
}

Expr is_valid_shape(const Geometry& g, const Expr& n, const Expr& k, const Expr& m,
                    const Expr& weight_bits) {
  return in_range(n, g.design.max_n) && in_range(k, g.design.max_k) &&
         in_range(m, g.design.max_m) &&
         weight_bits >= lit(g.least_weight_bits(), g.weight_bits_bits) &&
         weight_bits <= lit(g.design.weight_bits, g.weight_bits_bits);
}

Expr is_valid_group(const Geometry& g, const Expr& group) {
  return group.slice(0, std::min(design::ceil_log2(g.engine.depth()), g.k_bits)) == 0;
}

Expr carried_counter(Module& m, const Expr& clock, const Expr& clear, const std::string& name,
                     const Expr& amount) {
  return carried_counter(m, clock, clear, name, std::vector<Expr>{amount});
}

Expr carried_counter(Module& m, const Expr& clock, const Expr& clear, const std::string& name,
                     const std::vector<Expr>& amounts) {
  std::vector<Expr> value;
  std::optional<Expr> carry;
  for (int part = 0; part < kCounterParts; ++part) {
    const bool top = part + 1 == kCounterParts;
    const Expr part_q =
        m.logic(fmt::format("{}_{}_q", name, part), top ? kCounterPartBits : kCounterPartBits + 1,
                top ? "" : "Carry on top.");
    Expr sum = top ? part_q : zext(part_q.slice(0, kCounterPartBits), kCounterPartBits + 1);
    if (carry) sum = sum + zext(*carry, sum.width());
    if (part < static_cast<int>(amounts.size()))
      sum = sum + zext(amounts[static_cast<std::size_t>(part)], sum.width());
    m.always_ff(clock, [&](Block& b) { b.assign(part_q, sum & hdl::repeat(sum.width(), !clear)); });
    value.insert(value.begin(), part_q.slice(0, kCounterPartBits));
    if (!top) carry = part_q.bit(kCounterPartBits);
  }
  return cat(value);
}

}  // namespace hasse::units
