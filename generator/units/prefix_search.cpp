// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <map>
#include <optional>

#include "generator/units/dynamic.hpp"

namespace hasse::units {

using transitive::Code;

DynamicOrder::DynamicOrder(int dimension)
    : dimension_(dimension), numbers_(std::size_t{1} << dimension, -1) {
  for (int picker = 0; picker < dimension; ++picker) {
    firsts_.push_back(nodes());
    for (const Code node : transitive::dynamic_candidates(picker, dimension)) {
      numbers_[node] = nodes();
      nodes_.push_back(node);
    }
  }
  firsts_.push_back(nodes());
}

namespace {

using hdl::Expr;
using hdl::Module;

/// A bit that is a signal, or known to be one.
using Bit = std::optional<Expr>;

/// Builds the module, a section of it per function.
class PrefixSearch {
 public:
  explicit PrefixSearch(const Geometry& g) : order_(g.engine.dimension()) {}

  Module build() {
    m_.set_unit("planner");
    forward();
    m_.section("Backward pass: a wanted node asks for its nearest prefix, lowest bit first");
    backward();
    return m_;
  }

 private:
  void forward();
  void backward();
  Expr nearest(Code node, Code prefix) const;
  Bit within(int distance, Code node) const;
  Bit any_within(int distance, Code node) const;

  static constexpr int kCap = transitive::DynamicPlan::kDistanceCap;
  DynamicOrder order_;
  Module m_{
      "prefix_search",
      "Which prefixes the nodes of a sub-tile ask for.\n"
      "Forward pass: how many bits below a node is the next one asked for, up to 4. Backward\n"
      "pass: a wanted node needs one direct prefix; of those with the shortest way down to a\n"
      "node asked for, the one without the lowest bit. Level 1 is always there. Purely\n"
      "combinational; a level of the graph per pass through it."};
  hdl::Width nodes_ = m_.localparam("Nodes", order_.nodes(), "Nodes of two bits and more.");
  Expr present_ = m_.input("present_i", nodes_, "Nodes asked for, by the pickers' numbers.");
  Expr wanted_ = m_.input("wanted_i", nodes_, "Nodes wanted so far.");
  Expr asked_ = m_.output("asked_o", nodes_, "Nodes that these ask for.");
  std::vector<std::map<Code, Expr>> any_;  ///< [k]: a direct prefix has a node asked for at most
                                           ///< k below. Without nodes for which that is known.
};

/// A node asked for lies at most `distance` bits below `node`, or is it.
Bit PrefixSearch::within(int distance, Code node) const {
  if (transitive::level(node) - 1 <= distance) return std::nullopt;
  const Expr present = present_.bit(order_.number(node));
  const Bit below = distance == 0 ? Bit(present) : any_within(distance - 1, node);
  return distance == 0 ? present : present | *below;
}

/// The same for some direct prefix of `node`.
Bit PrefixSearch::any_within(int distance, Code node) const {
  if (transitive::level(node) - 2 <= distance) return std::nullopt;
  return any_[static_cast<std::size_t>(distance)].at(node);
}

void PrefixSearch::forward() {
  m_.section("Forward pass: is a prefix of node n within 1, 2, 3, 4 bits of it?");
  for (int distance = 0; distance < kCap; ++distance) {
    any_.emplace_back();
    for (int number = 0; number < order_.nodes(); ++number) {
      const Code node = order_.node(number);
      if (transitive::level(node) - 2 <= distance) continue;
      std::vector<Expr> hits;
      for (const Code prefix : transitive::direct_prefixes(node))
        hits.push_back(*within(distance, prefix));
      any_.back().emplace(node, m_.let(fmt::format("within_{}_of_{}", distance + 1, node),
                                       reduce_or(hdl::cat(hits))));
    }
  }
}

/// `prefix` is among the nearest of `node`.
Expr PrefixSearch::nearest(Code node, Code prefix) const {
  Expr hit = hdl::lit(0, 1);
  Bit farther;  // No prefix is as near as the distances looked at.
  for (int distance = 0; distance <= kCap; ++distance) {
    const bool beyond = distance == kCap;
    const Bit near = beyond ? Bit() : within(distance, prefix);
    const Bit term = !near ? farther : farther ? Bit(*near && *farther) : near;
    if (!term) return hdl::lit(1, 1);
    hit = distance == 0 ? *term : hit || *term;
    if (beyond) return hit;
    const Bit any = any_within(distance, node);
    if (!any) return hit;
    farther = !*any;
  }
  return hit;
}

void PrefixSearch::backward() {
  std::vector<std::vector<Expr>> asks(static_cast<std::size_t>(order_.nodes()));
  for (int number = 0; number < order_.nodes(); ++number) {
    const Code node = order_.node(number);
    if (transitive::level(node) == 2) continue;
    const std::vector<Code> prefixes = transitive::direct_prefixes(node);
    const int count = static_cast<int>(prefixes.size());
    std::vector<Expr> hits;
    for (int i = count - 1; i >= 0; --i)
      hits.push_back(nearest(node, prefixes[static_cast<std::size_t>(i)]));
    const Expr hit = m_.let(fmt::format("nearest_{}", node), hdl::cat(hits));
    for (int i = 0; i < count; ++i) {
      Expr ask = wanted_.bit(number) && hit.bit(i);
      if (i > 0) ask = ask && !reduce_or(hit.slice(0, i));
      asks[static_cast<std::size_t>(order_.number(prefixes[static_cast<std::size_t>(i)]))]
          .push_back(ask);
    }
  }
  std::vector<Expr> idle;  // Level 2 finds its prefixes, and nobody is above the top.
  for (int number = 0; number < order_.nodes(); ++number) {
    const int level = transitive::level(order_.node(number));
    if (level == 2) idle.push_back(wanted_.bit(number));
    if (level == order_.dimension()) idle.push_back(present_.bit(number));
    const auto& by = asks[static_cast<std::size_t>(number)];
    m_.assign(asked_.bit(number), by.empty() ? hdl::lit(0, 1) : reduce_or(hdl::cat(by)));
  }
  m_.unused(hdl::cat(idle), "unused_ends");
}

}  // namespace

Module prefix_search(const Geometry& g) {
  return PrefixSearch(g).build();
}

}  // namespace hasse::units
