// SPDX-License-Identifier: Apache-2.0
// Which lane was busy in which cycle.
#include <fmt/format.h>

#include <algorithm>

#include "flows/report/charts.hpp"
#include "flows/report/numbers.hpp"
#include "flows/report/svg.hpp"

namespace hasse::report {
namespace {

constexpr double kWidth = 1110;
constexpr double kLeft = 110;  ///< Lane names.
constexpr double kRight = 64;  ///< Utilisation.
constexpr double kRow = 17;
constexpr double kBar = 13;
constexpr double kGap = 34;  ///< Above each group: its heading.

Activity read_activity(const Field& row, std::int64_t cycles) {
  const std::vector<Field> bits = row.elements();
  if (static_cast<std::int64_t>(bits.size()) != cycles) {
    row.fail(fmt::format("{} entries, one a cycle, not {}", cycles, bits.size()));
  }
  Activity lane;
  for (const Field& bit : bits) lane.push_back(bit.integer(0, 1) == 1);
  return lane;
}

std::vector<Activity> read_lanes(const Field& lanes, std::int64_t cycles) {
  std::vector<Activity> out;
  for (const Field& row : lanes.elements()) out.push_back(read_activity(row, cycles));
  return out;
}

/// Busy runs of one lane as rectangles.
Element runs(const Activity& lane, const Occupation& window, const Scale& x, double y,
             std::string_view cls) {
  Element group("g");
  for (std::size_t begin = 0; begin < lane.size();) {
    if (!lane[begin]) {
      ++begin;
      continue;
    }
    std::size_t end = begin;
    while (end < lane.size() && lane[end]) ++end;
    const double from = static_cast<double>(window.first_cycle) + static_cast<double>(begin);
    const double upto = static_cast<double>(window.first_cycle) + static_cast<double>(end);
    const auto first = window.first_cycle + static_cast<std::int64_t>(begin);
    const auto length = static_cast<std::int64_t>(end - begin);
    group.add(
        with_tooltip(box(x(from), y, x(upto) - x(from), kBar, cls),
                     fmt::format("busy from cycle {}, {}", whole(first), plural(length, "cycle"))));
    begin = end;
  }
  return group;
}

struct LaneGroup {
  std::string_view heading;
  const std::vector<Activity>& lanes;
  bool by_colour;  ///< Lanes wear the colours of the Hasse graph.
};

double mean_utilisation(const std::vector<Activity>& lanes) {
  double sum = 0;
  for (const Activity& lane : lanes) sum += utilisation(lane);
  return lanes.empty() ? 0.0 : sum / static_cast<double>(lanes.size());
}

/// Draws a group whose heading starts at `top`; returns the y below it.
double draw_group(Element& svg, const LaneGroup& group, const Occupation& window, const Scale& x,
                  double top) {
  const double right = kWidth - kRight;
  svg.add(label(4, top + 20, group.heading, "t b"));
  svg.add(label(kWidth - 4, top + 20, percent(mean_utilisation(group.lanes)), "t b", Anchor::kEnd));
  double y = top + kGap;
  const auto count = static_cast<int>(group.lanes.size());
  for (int lane = 0; lane < count; ++lane, y += kRow) {
    const Activity& activity = group.lanes[static_cast<std::size_t>(lane)];
    svg.add(label(4, y + 11, fmt::format("lane {}", lane), "t dim"));
    svg.add(box(kLeft, y, right - kLeft, kBar, "track"));
    svg.add(runs(activity, window, x, y, group.by_colour ? lane_class(lane, count) : "acc"));
    svg.add(label(kWidth - 4, y + 11, percent(utilisation(activity)), "t dim", Anchor::kEnd));
  }
  return y;
}

std::string summary(const Occupation& window) {
  return fmt::format(
      "{} from cycle {}: {} prefix lanes busy {} of the time, {} accumulate lanes {}; {} "
      "completed.",
      plural(window.cycles, "cycle"), whole(window.first_cycle), window.prefix.size(),
      percent(mean_utilisation(window.prefix)), window.accumulate.size(),
      percent(mean_utilisation(window.accumulate)),
      plural(static_cast<std::int64_t>(window.boundaries.size()), "sub-tile"));
}

}  // namespace

double utilisation(const Activity& lane) {
  if (lane.empty()) return 0.0;
  const auto busy = std::count(lane.begin(), lane.end(), true);
  return static_cast<double>(busy) / static_cast<double>(lane.size());
}

Occupation read_occupation(const Field& field) {
  Occupation out;
  out.first_cycle = field.at("first_cycle").count();
  out.cycles = field.at("cycles").integer(1, 1'000'000);
  out.prefix = read_lanes(field.at("prefix"), out.cycles);
  out.accumulate = read_lanes(field.at("accumulate"), out.cycles);
  if (const auto boundaries = field.find("subtile_boundaries")) {
    for (const Field& cycle : boundaries->elements()) {
      out.boundaries.push_back(cycle.integer(out.first_cycle, out.first_cycle + out.cycles));
    }
  }
  return out;
}

Element draw_occupation(const Occupation& window, std::string_view id) {
  const auto lanes = static_cast<double>(window.prefix.size() + window.accumulate.size());
  const double height = 2 * kGap + lanes * kRow + 58;
  const Scale x(static_cast<double>(window.first_cycle),
                static_cast<double>(window.first_cycle + window.cycles), kLeft, kWidth - kRight);
  Element svg = drawing(id, kWidth, height, "Lane occupation per cycle", summary(window));
  double y = draw_group(svg, {"Prefix lanes", window.prefix, true}, window, x, 0);
  y = draw_group(svg, {"Accumulate lanes", window.accumulate, false}, window, x, y);
  Path boundaries;
  for (const std::int64_t cycle : window.boundaries) {
    boundaries.line(x(static_cast<double>(cycle)), kGap - 8, x(static_cast<double>(cycle)), y + 4);
  }
  if (!window.boundaries.empty()) svg.add(boundaries.element("boundary"));
  svg.add(axis(x, y + 8, kLeft, kWidth - kRight, 10));
  svg.add(label(4, y + 26, "cycle", "t dim"));
  if (!window.boundaries.empty()) {
    svg.add(label(kLeft, y + 48, "Dashed rules: a sub-tile has been fully read.", "t dim small"));
  }
  return svg;
}

}  // namespace hasse::report
