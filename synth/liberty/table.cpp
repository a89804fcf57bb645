// SPDX-License-Identifier: Apache-2.0
// Reads and interpolates Liberty tables.
#include "synth/liberty/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "synth/error.hpp"

namespace hasse::synth {
namespace {

const LibertyGroup* find_template(const LibertyGroup& library, const std::string& name) {
  for (const LibertyGroup& group : library.groups) {
    const bool form = group.name == "lu_table_template" || group.name == "power_lut_template";
    if (form && !group.arguments.empty() && group.arguments.front() == name) {
      return &group;
    }
  }
  return nullptr;
}

std::optional<TimingTable::Axis> axis_named(const std::string& name) {
  using enum TimingTable::Axis;
  if (name == "input_net_transition" || name == "input_transition_time") {
    return slew;
  }
  if (name == "total_output_net_capacitance") {
    return load;
  }
  if (name == "constrained_pin_transition") {
    return constrained_slew;
  }
  if (name == "related_pin_transition") {
    return related_slew;
  }
  return std::nullopt;
}

/// Where a value lies on a scale: the point below it and the distance to it, in steps.
std::pair<std::size_t, double> locate(const std::vector<double>& points, double value) {
  if (points.size() < 2) {
    return {0, 0.0};
  }
  const auto above = std::upper_bound(points.begin() + 1, points.end() - 1, value);
  const auto index = static_cast<std::size_t>(above - points.begin()) - 1;
  return {index, (value - points[index]) / (points[index + 1] - points[index])};
}

}  // namespace

TimingTable::TimingTable(const LibertyGroup& group, const LibertyGroup& library,
                         const std::string& source) {
  const auto fail = [&](const std::string& message) {
    throw InputError(fmt::format("{}:{}: {}: {}", source, group.line, group.name, message));
  };
  const LibertyAttribute* values = group.attribute("values");
  if (values == nullptr) {
    fail("has no 'values'");
  }
  values_ = liberty_numbers(*values, source);
  const std::string shape = group.arguments.empty() ? "scalar" : group.arguments.front();
  const LibertyGroup* form = shape == "scalar" ? nullptr : find_template(library, shape);
  if (form == nullptr && shape != "scalar") {
    fail(fmt::format("the library has no template '{}'", shape));
  }
  std::size_t expected = 1;
  for (int k = 1; form != nullptr && k <= 2; ++k) {
    const std::optional<std::string> name = form->value(fmt::format("variable_{}", k));
    if (!name) {
      break;
    }
    const std::string index = fmt::format("index_{}", k);
    const LibertyAttribute* points = group.attribute(index);
    points = points == nullptr ? form->attribute(index) : points;
    const std::optional<Axis> axis = axis_named(*name);
    if (points == nullptr || !axis) {
      fail(fmt::format("axis {} ('{}') is not understood or has no '{}'", k, *name, index));
    }
    scales_.push_back({*axis, liberty_numbers(*points, source)});
    expected *= scales_.back().points.size();
  }
  if (values_.size() != expected || values_.empty()) {
    fail(fmt::format("has {} values where its axes ask for {}", values_.size(), expected));
  }
}

double TimingTable::at(double slew, double load) const {
  const auto coordinate = [&](const Scale& scale) {
    const bool first = scale.axis == Axis::slew || scale.axis == Axis::constrained_slew;
    return locate(scale.points, first ? slew : load);
  };
  if (scales_.empty()) {
    return values_.front();
  }
  const auto [row, row_part] = coordinate(scales_.front());
  const std::size_t width = scales_.size() > 1 ? scales_[1].points.size() : 1;
  const auto [column, column_part] =
      scales_.size() > 1 ? coordinate(scales_[1]) : std::pair<std::size_t, double>{0, 0.0};
  const auto along_row = [&, column = column, part = column_part](std::size_t r) {
    const double low = values_[r * width + column];
    return part == 0.0 ? low : low + part * (values_[r * width + column + 1] - low);
  };
  const double low = along_row(row);
  return row_part == 0.0 ? low : low + row_part * (along_row(row + 1) - low);
}

}  // namespace hasse::synth
