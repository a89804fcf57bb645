// SPDX-License-Identifier: Apache-2.0
// The Hasse graph of one sub-tile and the forest that built it.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <tuple>

#include "flows/report/charts.hpp"
#include "flows/report/numbers.hpp"
#include "flows/report/svg.hpp"

namespace hasse::report {
namespace {

constexpr int kLargestDimension = 10;
constexpr int kMostLanes = 1024;
constexpr double kGutter = 92;  ///< Left margin, holds the level labels.
constexpr double kMargin = 18;
constexpr double kLegendRow = 24;
constexpr double kCrowded = 15;  ///< Below this spacing a level is drawn in zigzag.

struct Point {
  double x = 0, y = 0;
};

LatticeNode read_node(const Field& field, int dimension) {
  const std::int64_t top = (std::int64_t{1} << dimension) - 1;
  const std::optional<Field> field_mirrored = field.find("uses_mirrored");
  LatticeNode node;
  node.code = static_cast<std::uint32_t>(field.at("code").integer(0, top));
  node.parent = field.at("parent").integer(-1, top);
  node.lane = static_cast<int>(field.at("lane").integer(0, kMostLanes - 1));
  node.step = field.at("step").count();
  node.uses = field.at("uses").count();
  if (field_mirrored) node.uses_mirrored = field_mirrored->integer(0, node.uses);
  return node;
}

/// Built nodes by code, children of each, and the place of each in a depth-first walk from the
/// roots.
class Forest {
 public:
  explicit Forest(const Subtile& subtile) {
    for (const LatticeNode& node : subtile.nodes) children_[node.parent].push_back(node.code);
    walk(-1);
  }

  /// Place in the walk; -1 when no root leads to the code.
  int place(std::int64_t code) const {
    const auto found = place_.find(code);
    return found == place_.end() ? -1 : found->second;
  }

 private:
  void walk(std::int64_t code) {
    const auto found = children_.find(code);
    if (found == children_.end()) return;
    for (const std::int64_t child : found->second) {
      place_[child] = static_cast<int>(place_.size());
      walk(child);
    }
  }

  std::map<std::int64_t, std::vector<std::int64_t>> children_;
  std::map<std::int64_t, int> place_;
};

/// Where every code of the lattice stands.
class Layout {
 public:
  explicit Layout(const Subtile& subtile) : dimension_(subtile.dimension) {
    std::size_t widest = 1;
    std::vector<std::vector<std::uint32_t>> levels = ordered_levels(subtile);
    for (const auto& level : levels) widest = std::max(widest, level.size());
    const auto most = static_cast<double>(widest);
    spacing_ = std::clamp(1000.0 / most, 10.0, 92.0);
    row_ = crowded() ? 104.0 : 88.0;
    plot_ = std::max(spacing_ * most, 460.0);
    points_.resize(std::size_t{1} << dimension_);
    for (std::size_t level = 0; level < levels.size(); ++level) {
      place_level(levels[level], static_cast<int>(level), most);
    }
  }

  Point operator[](std::int64_t code) const { return points_[static_cast<std::size_t>(code)]; }
  double width() const { return kGutter + plot_ + kMargin; }
  double height() const { return kMargin * 2 + 16 + row_ * dimension_; }
  double level_y(int level) const { return kMargin + 8 + row_ * (dimension_ - level); }
  double largest_radius() const { return std::min(12.0, (crowded() ? 0.72 : 0.44) * spacing_); }

 private:
  bool crowded() const { return spacing_ < kCrowded; }

  /// The codes of each level: built ones by lane, then in the order of the walk; then the others.
  static std::vector<std::vector<std::uint32_t>> ordered_levels(const Subtile& subtile) {
    const Forest forest(subtile);
    std::map<std::uint32_t, int> lane_of;
    for (const LatticeNode& node : subtile.nodes) lane_of[node.code] = node.lane;
    const auto key = [&](std::uint32_t code) {
      const auto lane = lane_of.find(code);
      return std::tuple(lane == lane_of.end() ? kMostLanes : lane->second, forest.place(code),
                        code);
    };
    std::vector<std::vector<std::uint32_t>> levels(static_cast<std::size_t>(subtile.dimension) + 1);
    for (std::uint32_t code = 0; code < (1U << subtile.dimension); ++code) {
      levels[static_cast<std::size_t>(std::popcount(code))].push_back(code);
    }
    for (auto& level : levels) {
      std::sort(level.begin(), level.end(), [&](auto a, auto b) { return key(a) < key(b); });
    }
    return levels;
  }

  /// Spreads a level around the middle; small levels are stretched, so the graph is a lens, not a
  /// needle.
  void place_level(const std::vector<std::uint32_t>& level, int number, double widest) {
    const auto count = static_cast<double>(level.size());
    const double span = plot_ * std::pow(count / widest, 0.62);
    for (std::size_t at = 0; at < level.size(); ++at) {
      const double share = (static_cast<double>(at) + 0.5) / count - 0.5;
      const double shift = crowded() && level.size() > 16 ? (at % 2 == 0 ? -7.0 : 7.0) : 0.0;
      points_[level[at]] = {kGutter + plot_ / 2 + share * span, level_y(number) + shift};
    }
  }

  int dimension_;
  double spacing_ = 0, row_ = 0, plot_ = 0;
  std::vector<Point> points_;
};

std::int64_t most_uses(const Subtile& subtile) {
  std::int64_t most = 1;
  for (const LatticeNode& node : subtile.nodes) most = std::max(most, node.uses);
  return most;
}

double radius(double largest, std::int64_t uses, std::int64_t most) {
  const double smallest = std::max(2.2, 0.36 * largest);
  return smallest +
         (largest - smallest) * std::sqrt(static_cast<double>(uses) / static_cast<double>(most));
}

/// Every edge of the lattice, as one path.
Element lattice_edges(const Subtile& subtile, const Layout& layout) {
  Path path;
  for (std::uint32_t code = 0; code < (1U << subtile.dimension); ++code) {
    for (int bit = 0; bit < subtile.dimension; ++bit) {
      if ((code >> bit) & 1U) continue;
      const Point low = layout[code];
      const Point high = layout[code | (1U << bit)];
      path.line(low.x, low.y, high.x, high.y);
    }
  }
  return path.element("lattice");
}

/// The edges of the forest, one path a lane.
Element forest_edges(const Subtile& subtile, const Layout& layout) {
  std::map<int, Path> by_lane;
  for (const LatticeNode& node : subtile.nodes) {
    if (node.parent < 0) continue;
    const Point from = layout[node.parent];
    const Point to = layout[node.code];
    by_lane[node.lane].vertical_curve(from.x, from.y, to.x, to.y);
  }
  Element group("g");
  for (const auto& [lane, path] : by_lane) {
    group.add(path.element(lane_class(lane, subtile.lanes) + " tree"));
  }
  return group;
}

std::string describe(const LatticeNode& node, const Subtile& subtile) {
  const std::string parent =
      node.parent < 0 ? "none (root)"
                      : binary(static_cast<std::uint64_t>(node.parent), subtile.dimension);
  std::string text = fmt::format("code {}\nparent {}\nlane {}\nstep {}\nread by {}",
                                 binary(node.code, subtile.dimension), parent, node.lane,
                                 whole(node.step), plural(node.uses, "TransRow"));
  if (subtile.mirrored()) text += fmt::format(", {} mirrored", whole(node.uses_mirrored));
  return text;
}

Element draw_node(const LatticeNode& node, const Subtile& subtile, const Layout& layout,
                  std::int64_t most) {
  const Point at = layout[node.code];
  const double r = radius(layout.largest_radius(), node.uses, most);
  const std::string cls =
      lane_class(node.lane, subtile.lanes) + (node.uses > 0 ? " node" : " idle");
  return with_tooltip(disc(at.x, at.y, r, cls), describe(node, subtile));
}

/// Built nodes as discs; codes that were not built as small grey rings.
Element nodes(const Subtile& subtile, const Layout& layout) {
  const std::int64_t most = most_uses(subtile);
  std::vector<bool> built(std::size_t{1} << subtile.dimension, false);
  for (const LatticeNode& node : subtile.nodes) built[node.code] = true;
  Element group("g");
  for (std::uint32_t code = 0; code < built.size(); ++code) {
    if (built[code]) continue;
    group.add(with_tooltip(disc(layout[code].x, layout[code].y, 2, "ghost"),
                           fmt::format("code {}\nnot built", binary(code, subtile.dimension))));
  }
  for (const LatticeNode& node : subtile.nodes) {
    group.add(draw_node(node, subtile, layout, most));
    if (subtile.dimension > 4) continue;
    const Point at = layout[node.code];
    group.add(label(at.x + layout.largest_radius() + 4, at.y + 4,
                    binary(node.code, subtile.dimension), "t code"));
  }
  return group;
}

Element level_labels(const Subtile& subtile, const Layout& layout) {
  std::vector<std::int64_t> built(static_cast<std::size_t>(subtile.dimension) + 1, 0);
  for (const LatticeNode& node : subtile.nodes) {
    ++built[static_cast<std::size_t>(std::popcount(node.code))];
  }
  Element group("g");
  for (int level = 0; level <= subtile.dimension; ++level) {
    const double y = layout.level_y(level);
    group.add(label(4, y, fmt::format("level {}", level), "t"));
    group.add(
        label(4, y + 15, plural(built[static_cast<std::size_t>(level)], "node"), "t dim small"));
  }
  return group;
}

/// Places legend entries from left to right, wrapping at the drawing's width.
class Legend {
 public:
  Legend(double top, double right) : y_(top), right_(right) {}

  /// Adds a symbol `symbol_width` wide, drawn at (x, y middle), and its text.
  template <typename Draw>
  void entry(double symbol_width, std::string_view text, Draw draw) {
    const double width = symbol_width + 6 + text_width(text, 12) + 16;
    if (x_ + width > right_ && x_ > 4) row();
    group_.add(draw(x_ + symbol_width / 2, y_));
    group_.add(label(x_ + symbol_width + 6, y_ + 4, text, "t dim"));
    x_ += width;
  }
  void row() {
    x_ = 4;
    y_ += kLegendRow;
  }
  double bottom() const { return y_ + kLegendRow; }
  Element take() { return std::move(group_); }

 private:
  double x_ = 4, y_, right_;
  Element group_{"g"};
};

void lane_entries(Legend& legend, const Subtile& subtile) {
  std::map<int, std::int64_t> built;
  for (const LatticeNode& node : subtile.nodes) ++built[node.lane];
  for (const auto& [lane, count] : built) {
    const std::string cls = lane_class(lane, subtile.lanes) + " node";
    legend.entry(12, fmt::format("lane {}: {}", lane, plural(count, "node")),
                 [&](double x, double y) { return disc(x, y, 6, cls); });
  }
}

void size_entries(Legend& legend, const Subtile& subtile, double largest) {
  const std::int64_t most = most_uses(subtile);
  const std::string hue = lane_class(0, std::max(subtile.lanes, 1));
  const auto sized = [&](std::int64_t uses, const char* cls, const std::string& text) {
    const double r = radius(largest, uses, most);
    legend.entry(2 * r, text, [&](double x, double y) { return disc(x, y, r, hue + cls); });
  };
  sized(0, " idle", "built, read by no TransRow");
  sized(1, " node", "read by 1 TransRow");
  if (most > 1) sized(most, " node", "read by " + whole(most));
}

void edge_entries(Legend& legend, const Subtile& subtile) {
  const std::string tree = lane_class(0, std::max(subtile.lanes, 1)) + " tree";
  const auto stroke = [&](std::string_view cls) {
    return [cls](double x, double y) { return Path().line(x - 12, y, x + 12, y).element(cls); };
  };
  legend.entry(24, "built from (one addition)", stroke(tree));
  legend.entry(24, "other edges of the Hasse graph", stroke("lattice key"));
  if (subtile.nodes.size() < (std::size_t{1} << subtile.dimension)) {
    legend.entry(4, "code not built", [](double x, double y) { return disc(x, y, 2, "ghost"); });
  }
}

std::string summary(const Subtile& subtile) {
  std::int64_t additions = 0;
  std::int64_t unread = 0;
  for (const LatticeNode& node : subtile.nodes) {
    additions += node.parent >= 0 ? 1 : 0;
    unread += node.uses == 0 ? 1 : 0;
  }
  return fmt::format(
      "{} of the {} codes of {} bits, bottom to top by number of ones; {} build them in {}; {} "
      "read by "
      "no TransRow.",
      plural(static_cast<std::int64_t>(subtile.nodes.size()), "node"),
      whole(std::int64_t{1} << subtile.dimension), subtile.dimension, plural(additions, "addition"),
      plural(subtile.lanes, "lane"), plural(unread, "node"));
}

}  // namespace

Subtile read_subtile(const Field& field) {
  Subtile subtile;
  subtile.tile_bits = static_cast<int>(field.at("tile_bits").integer(1, kLargestDimension));
  subtile.dimension = static_cast<int>(field.at("dimension").integer(1, subtile.tile_bits));
  const std::vector<Field> elements = field.at("nodes").elements();
  std::map<std::uint32_t, const Field*> seen;
  for (const Field& element : elements) {
    const LatticeNode node = read_node(element, subtile.dimension);
    if (!seen.emplace(node.code, &element).second) element.at("code").fail("each code once");
    subtile.nodes.push_back(node);
    subtile.lanes = std::max(subtile.lanes, node.lane + 1);
  }
  const Forest forest(subtile);
  for (const LatticeNode& node : subtile.nodes) {
    if (forest.place(node.code) >= 0) continue;
    seen[node.code]->at("parent").fail("the code of a node that leads to a root (-1)");
  }
  std::sort(subtile.nodes.begin(), subtile.nodes.end(),
            [](const LatticeNode& a, const LatticeNode& b) { return a.code < b.code; });
  return subtile;
}

Element draw_hasse_graph(const Subtile& subtile, std::string_view id) {
  const Layout layout(subtile);
  Legend legend(layout.height() + 12, layout.width());
  lane_entries(legend, subtile);
  legend.row();
  size_entries(legend, subtile, layout.largest_radius());
  edge_entries(legend, subtile);
  Element svg =
      drawing(id, layout.width(), legend.bottom(), "Hasse graph of one sub-tile", summary(subtile));
  svg.add(lattice_edges(subtile, layout));
  svg.add(forest_edges(subtile, layout));
  svg.add(nodes(subtile, layout));
  svg.add(level_labels(subtile, layout));
  svg.add(legend.take());
  return svg;
}

}  // namespace hasse::report
