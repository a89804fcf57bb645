// SPDX-License-Identifier: Apache-2.0
// Drive limits from the slopes of delay tables.
#include "synth/yosys/load_model.hpp"

#include <algorithm>
#include <optional>

#include "synth/liberty/function.hpp"
#include "synth/liberty/table.hpp"
#include "synth/timing/memory_model.hpp"

namespace hasse::synth {
namespace {

constexpr double kPatienceInFo4 = 3.0;
/// A buffer slower than this without load is a delay cell.
constexpr double kSlowestBufferInFo4 = 4.0;
constexpr std::uint64_t kIdentity = 0b10;

struct Line {
  double offset = 0.0;
  double slope = 0.0;
};

/// Delay against load of the slowest arc of an output, in library units.
std::optional<Line> slowest_arc(const Library& library, const LibertyCell& cell,
                                const std::string& pin, double slew, double load) {
  std::optional<Line> worst;
  for (const LibertyGroup& group : library.group_of(cell).groups) {
    const bool wanted =
        group.name == "pin" && !group.arguments.empty() &&
        std::find(group.arguments.begin(), group.arguments.end(), pin) != group.arguments.end();
    for (std::size_t i = 0; wanted && i < group.groups.size(); ++i) {
      for (const LibertyGroup& entry : group.groups[i].groups) {
        if (entry.name != "cell_rise" && entry.name != "cell_fall") {
          continue;
        }
        const TimingTable table(entry, library.tree(), library.source());
        const double low = table.at(slew, load);
        const Line line{low, (table.at(slew, 2.0 * load) - low) / load};
        if (!worst || line.slope > worst->slope) {
          worst = line;
        }
      }
    }
  }
  return worst;
}

}  // namespace

LoadModel::LoadModel(const Library& library, const LibrarySpeed& speed)
    : library_(library), speed_(speed) {
  const LibertyCell& flip_flop = library.smallest_flip_flop();
  default_load_ = flip_flop.pin(flip_flop.data_pin)->capacitance;
  const LibertyCell& inverter = library.smallest_inverter();
  for (const LibertyPin& pin : inverter.pins) {
    if (pin.is_output) {
      weakest_limit_ = measure_limit(inverter, pin.name);
    }
  }
  for (const LibertyCell& cell : library.cells()) {
    for (const LibertyPin& pin : cell.pins) {
      if (pin.is_output && cell.kind != CellKind::other) {
        limits_[{cell.name, pin.name}] = measure_limit(cell, pin.name);
      }
    }
  }
  choose_buffer();
}

double LoadModel::measure_limit(const LibertyCell& cell, const std::string& pin) const {
  const double slew = speed_.slew_ns / library_.time_unit_ns();
  const LibertyCell& inverter = library_.smallest_inverter();
  const double load = 4.0 * inverter.pin(inverter.inputs().front())->capacitance;
  const std::optional<Line> line = slowest_arc(library_, cell, pin, slew, load);
  if (!line || !(line->slope > 0.0)) {
    return weakest_limit_;
  }
  return kPatienceInFo4 * speed_.fo4_ns / library_.time_unit_ns() / line->slope;
}

void LoadModel::choose_buffer() {
  const double slew = speed_.slew_ns / library_.time_unit_ns();
  const double slowest = kSlowestBufferInFo4 * speed_.fo4_ns / library_.time_unit_ns();
  double best = 0.0;
  for (const LibertyCell& cell : library_.cells()) {
    const std::vector<std::string> inputs = cell.inputs();
    if (cell.kind != CellKind::combinational || inputs.size() != 1 || cell.pins.size() != 2 ||
        cell.area.value_or(0.0) <= 0.0) {
      continue;
    }
    const LibertyPin& output = cell.pins[cell.pins[0].is_output ? 0 : 1];
    const double load = cell.pin(inputs.front())->capacitance;
    if (truth_table(output.function, inputs) != std::optional(kIdentity) || !(load > 0.0)) {
      continue;
    }
    const std::optional<Line> line = slowest_arc(library_, cell, output.name, slew, load);
    const double limit = drive_limit(cell.name, output.name);
    if (line && line->offset <= slowest && limit / *cell.area > best) {
      best = limit / *cell.area;
      buffer_ = BufferCell{cell.name, inputs.front(), output.name, load, limit};
    }
  }
}

double LoadModel::pin_load(const std::string& cell, const std::string& pin) const {
  const LibertyCell* known = library_.find(cell);
  const LibertyPin* found = known == nullptr ? nullptr : known->pin(pin);
  return found == nullptr ? default_load_ : found->capacitance;
}

double LoadModel::drive_limit(const std::string& cell, const std::string& pin) const {
  const auto found = limits_.find({cell, pin});
  return found == limits_.end() ? kMemoryStrength * weakest_limit_ : found->second;
}

}  // namespace hasse::synth
