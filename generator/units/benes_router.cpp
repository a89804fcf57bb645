// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "generator/units/benes.hpp"

namespace hasse::units {
namespace {

using hdl::cat;
using hdl::Expr;
using hdl::Module;
using hdl::mux;
using hdl::reduce_or;
using hdl::Width;

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

/// `terms` or-ed; 0 when there are none.
Expr any_of(const std::vector<Expr>& terms) {
  if (terms.size() == 1) return terms.front();
  return terms.empty() ? hdl::lit(0, 1) : reduce_or(cat(terms));
}

/// Which output switches of a network have to be set alike, and which differently: a graph whose
/// edges say one or the other. Vertex 0 stands for what is not switched.
struct Constraints {
  int vertices;
  /// [a][b], a < b; empty where nothing is known to connect them.
  std::vector<std::vector<std::vector<Expr>>> same, different;

  explicit Constraints(int count)
      : vertices(count),
        same(at(count), std::vector<std::vector<Expr>>(at(count))),
        different(same) {}
};

/// Builds the module, a subnetwork per call.
class BenesRouter {
 public:
  explicit BenesRouter(int ports) : shape_{ports} {}

  Module build();

 private:
  /// What every output of a network wants, one hot.
  using Wants = std::vector<Expr>;

  /// Of both subnetworks.
  struct Halves {
    Wants upper, lower;
  };

  void route(const BenesShape& shape, const std::string& name, const Wants& wants);
  Halves divide(const BenesShape& shape, const std::string& name, const Wants& wants,
                const std::vector<Expr>& crossed);
  void input_switches(const BenesShape& shape, const Halves& halves);
  Wants inner(const BenesShape& shape, const std::string& name, const Wants& wants, int wired);
  Constraints constraints(const BenesShape& shape, const Wants& wants) const;
  std::vector<Expr> output_switches(const Constraints& known, const std::string& name);
  void declare(Constraints& known, const std::string& name, int length, bool end);
  static void close(Constraints& known);
  Expr set(const Expr& value) {
    m_.assign(setting_.bit(next_++), value);
    return value;
  }

  BenesShape shape_;
  Module m_{
      "benes_router",
      "Sets the switches of a Benes network, from what its outputs want.\n"
      "Outputs of one switch must come from different subnetworks, and so must outputs that want\n"
      "inputs of one switch. Each such pair of outputs says of two output switches that they are\n"
      "set alike, or differently; what follows from that is found by closing the relation. The\n"
      "first switch of every group that hangs together is set straight. Then every subnetwork is\n"
      "routed the same way. Purely combinational."};
  Width ports_ = m_.localparam("Ports", shape_.ports, "Inputs, and outputs.");
  Width switches_ = m_.localparam("Switches", shape_.switches(), "Switches.");
  Expr want_ = m_.input("want_i", ports_* ports_,
                        "Input wanted by every output, one hot, or none; output 0 lowest.");
  Expr setting_ = m_.output("setting_o", switches_, "Switch exchanges its ports.");
  int next_ = 0;  ///< Switch to be set.
};

Module BenesRouter::build() {
  m_.set_unit("planner");
  Wants wants;
  for (int port = 0; port < shape_.ports; ++port) wants.push_back(want_.lane(port, ports_));
  route(shape_, "net", wants);
  return m_;
}

/// Outputs x and y want inputs of one switch.
Expr share_a_switch(const BenesShape& shape, const Expr& x, const Expr& y) {
  std::vector<Expr> terms;
  for (int pair = 0; pair < shape.pairs(); ++pair) {
    const int first = shape.first(pair);
    terms.push_back(x.bit(first) && y.bit(first + 1));
    terms.push_back(x.bit(first + 1) && y.bit(first));
  }
  return any_of(terms);
}

/// Vertices are the pairs of outputs; of an odd number of ports, vertex 0 is the wired output and
/// those of the pairs follow.
Constraints BenesRouter::constraints(const BenesShape& shape, const Wants& wants) const {
  const int odd = shape.odd(), vertices = shape.pairs() + odd;
  Constraints known(vertices);
  const auto output = [&](int vertex, int second) -> const Expr& {
    return wants[at(vertex < odd ? 0 : shape.first(vertex - odd) + second)];
  };
  for (int a = 0; a < vertices; ++a)
    for (int b = a + 1; b < vertices; ++b)
      for (const int x : {0, 1})
        for (const int y : {0, 1}) {
          if (a < odd && x == 1) continue;
          auto& edge = (x == y ? known.different : known.same)[at(a)][at(b)];
          edge.push_back(share_a_switch(shape, output(a, x), output(b, y)));
        }
  // Who wants the wired input is served by the upper subnetwork.
  for (int b = odd; odd == 1 && b < vertices; ++b) {
    known.same[0][at(b)].push_back(output(b, 0).bit(0));
    known.different[0][at(b)].push_back(output(b, 1).bit(0));
  }
  return known;
}

/// Names what is known of paths of at most `length` edges. In the end nobody asks whether a vertex
/// is set like the one before it.
void BenesRouter::declare(Constraints& known, const std::string& name, int length, bool end) {
  for (int a = 0; a < known.vertices; ++a)
    for (int b = a + 1; b < known.vertices; ++b) {
      auto& same = known.same[at(a)][at(b)];
      auto& different = known.different[at(a)][at(b)];
      const std::string pair = fmt::format("{}_{}_{}_within_{}", name, a, b, length);
      if (!end || a + 1 < b) same = {m_.let(pair + "_alike", any_of(same))};
      different = {m_.let(pair + "_apart", any_of(different))};
    }
}

/// One step of following the relation: paths of twice the length.
void BenesRouter::close(Constraints& known) {
  Constraints next(known.vertices);
  const auto edge = [](const auto& edges, int a, int b) {
    return edges[at(std::min(a, b))][at(std::max(a, b))].front();
  };
  for (int a = 0; a < known.vertices; ++a)
    for (int b = a + 1; b < known.vertices; ++b) {
      std::vector<Expr> same = known.same[at(a)][at(b)], different = known.different[at(a)][at(b)];
      for (int by = 0; by < known.vertices; ++by) {
        if (by == a || by == b) continue;
        const Expr same_a = edge(known.same, a, by), other_a = edge(known.different, a, by);
        const Expr same_b = edge(known.same, by, b), other_b = edge(known.different, by, b);
        same.push_back(same_a && same_b);
        same.push_back(other_a && other_b);
        different.push_back(same_a && other_b);
        different.push_back(other_a && same_b);
      }
      next.same[at(a)][at(b)] = same;
      next.different[at(a)][at(b)] = different;
    }
  known = next;
}

/// Per vertex, whether its switch is crossed: it differs from the first of its group.
std::vector<Expr> BenesRouter::output_switches(const Constraints& direct, const std::string& name) {
  Constraints known = direct;
  int length = 1;  // of the paths that have been followed
  for (; length < known.vertices - 1; length *= 2) {
    declare(known, name, length, false);
    close(known);
  }
  declare(known, name, length, true);
  std::vector<Expr> crossed = {hdl::lit(0, 1)};
  for (int vertex = 1; vertex < known.vertices; ++vertex) {
    std::vector<Expr> terms, before;
    for (int first = 0; first < vertex; ++first) {
      const Expr& same = known.same[at(first)][at(vertex)].front();
      const Expr& different = known.different[at(first)][at(vertex)].front();
      terms.push_back(before.empty() ? different : different && !any_of(before));
      if (first + 1 < vertex) before.push_back(same || different);
    }
    crossed.push_back(m_.let(fmt::format("{}_crossed_{}", name, vertex), any_of(terms)));
  }
  return crossed;
}

void BenesRouter::route(const BenesShape& shape, const std::string& name, const Wants& wants) {
  if (shape.ports == 1) return;
  m_.section(fmt::format("{}: {} ports", name, shape.ports));
  if (shape.ports == 2) {
    set(wants[0].bit(1) || wants[1].bit(0));
    m_.unused(cat({wants[0].bit(0), wants[1].bit(1)}), "unused_" + name);
    return;
  }
  const std::vector<Expr> crossed = output_switches(constraints(shape, wants), name);
  const Halves halves = divide(shape, name, wants, crossed);
  input_switches(shape, halves);
  route(shape.upper(), name + "_upper", inner(shape, name + "_upper", halves.upper, shape.odd()));
  if (shape.lower().ports > 1)
    route(shape.lower(), name + "_lower", inner(shape, name + "_lower", halves.lower, 0));
  else
    m_.unused(halves.lower[0].bit(1), "unused_" + name);
  m_.section(fmt::format("{}: output stage", name));
  for (int pair = shape.first_output_switch(); pair < shape.pairs(); ++pair)
    set(crossed[at(pair + shape.odd())]);
}

/// What each subnetwork has to deliver, of all inputs; a wired one is never asked of the lower.
BenesRouter::Halves BenesRouter::divide(const BenesShape& shape, const std::string& name,
                                        const Wants& wants, const std::vector<Expr>& crossed) {
  const int odd = shape.odd();
  Halves halves{{wants.begin(), wants.begin() + odd}, {}};
  for (int pair = 0; pair < shape.pairs(); ++pair) {
    const Expr& first = wants[at(shape.first(pair))];
    const Expr& second = wants[at(shape.first(pair) + 1)];
    const auto chosen = [&](const char* side, const Expr& crossing, const Expr& straight) {
      return m_.let(fmt::format("{}_{}_{}", name, side, pair),
                    pair + odd == 0 ? straight : mux(crossed[at(pair + odd)], crossing, straight));
    };
    const auto switched = [&](const Expr& want) { return want.slice(odd, shape.ports - odd); };
    halves.upper.push_back(chosen("upper", second, first));
    halves.lower.push_back(chosen("lower", switched(first), switched(second)));
  }
  return halves;
}

/// The first port of a pair goes down when the lower subnetwork delivers it, or the upper one the
/// second.
void BenesRouter::input_switches(const BenesShape& shape, const Halves& halves) {
  for (int pair = 0; pair < shape.pairs(); ++pair) {
    const int first = shape.first(pair);
    std::vector<Expr> terms;
    for (const Expr& want : halves.lower) terms.push_back(want.bit(first - shape.odd()));
    for (const Expr& want : halves.upper) terms.push_back(want.bit(first + 1));
    set(any_of(terms));
  }
}

/// The same by a subnetwork's own inputs, one of every pair, and before these the `wired` one.
BenesRouter::Wants BenesRouter::inner(const BenesShape& shape, const std::string& name,
                                      const Wants& wants, int wired) {
  Wants inner;
  for (std::size_t output = 0; output < wants.size(); ++output) {
    std::vector<Expr> bits;
    for (int pair = shape.pairs() - 1; pair >= 0; --pair)
      bits.push_back(reduce_or(wants[output].slice(2 * pair + wired, 2)));
    if (wired == 1) bits.push_back(wants[output].bit(0));
    inner.push_back(m_.let(fmt::format("{}_want_{}", name, output), cat(bits)));
  }
  return inner;
}

}  // namespace

Module benes_router(int ports) {
  return BenesRouter(ports).build();
}

}  // namespace hasse::units
