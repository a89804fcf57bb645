// SPDX-License-Identifier: Apache-2.0
#include "synth/energy/scaling.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "synth/error.hpp"

namespace hasse::synth {
namespace {

/// One row of the tables: area relative to 180 nm, energy as a polynomial of the supply, a V^2 + b
/// V
/// + c, in units common to all nodes.
struct Row {
  int nm;
  double area, a, b, c, volts;
};

constexpr std::array<Row, 7> kRows = {{{180, 1.0, 0, 24.64, -17.98, 1.8},
                                       {130, 0.34, 7.171, -6.709, 2.904, 1.2},
                                       {90, 0.15, 4.762, -4.781, 2.092, 1.1},
                                       {65, 0.08, 3.755, -4.398, 1.975, 1.1},
                                       {45, 0.053, 1.018, -0.3107, 0.1539, 1.0},
                                       {32, 0.025, 0.8367, -0.4341, 0.1701, 0.9},
                                       {20, 0.011, 0.373, -0.1582, 0.04104, 0.9}}};

const Row& row(int nm) {
  const auto found = std::ranges::find(kRows, nm, &Row::nm);
  if (found == kRows.end())
    throw InputError(
        fmt::format("the node is {} nm; expected one of {}", nm, fmt::join(known_nodes(), ", ")));
  return *found;
}

/// `value` of a row, at 28 nm between its neighbours.
template <class Value>
double at(int nm, Value value) {
  if (nm != 28) return value(row(nm));
  const double part = std::log(32.0 / 28.0) / std::log(32.0 / 20.0);
  return std::pow(value(row(32)), 1 - part) * std::pow(value(row(20)), part);
}

double energy(const Node& node) {
  return at(node.nm,
            [&](const Row& r) { return r.a * node.volts * node.volts + r.b * node.volts + r.c; });
}

}  // namespace

const std::vector<int>& known_nodes() {
  static const std::vector<int> nodes = {180, 130, 90, 65, 45, 32, 28};
  return nodes;
}

double usual_volts(int nm) {
  return at(nm, [](const Row& r) { return r.volts; });
}

double area_factor(int from, int to) {
  const auto area = [](const Row& r) { return r.area; };
  return at(to, area) / at(from, area);
}

double energy_factor(const Node& from, const Node& to) {
  return energy(to) / energy(from);
}

}  // namespace hasse::synth
