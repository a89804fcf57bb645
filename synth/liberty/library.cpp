// SPDX-License-Identifier: Apache-2.0
// From Liberty statements to cells.
#include "synth/liberty/library.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "synth/error.hpp"
#include "synth/liberty/function.hpp"
#include "synth/liberty/text.hpp"

namespace hasse::synth {
namespace {

constexpr std::uint64_t kInvert = 0b01;
constexpr std::uint64_t kNand = 0b0111;
constexpr std::uint64_t kNor = 0b0001;
constexpr std::uint64_t kXor = 0b0110;
constexpr std::uint64_t kXnor = 0b1001;
constexpr std::uint64_t kXorOfThree = 0b10010110;
constexpr std::uint64_t kMajority = 0b11101000;

double number(const LibertyGroup& group, const std::string& name, const std::string& source,
              double otherwise) {
  const LibertyAttribute* attribute = group.attribute(name);
  if (attribute == nullptr) {
    return otherwise;
  }
  const std::vector<double> values = liberty_numbers(*attribute, source);
  if (values.size() != 1) {
    throw InputError(fmt::format("{}:{}: '{}' holds {} numbers instead of one", source,
                                 attribute->line, name, values.size()));
  }
  return values.front();
}

/// Factor of an SI prefix in front of `unit`, such as 1e-12 for "p".
double prefix_factor(std::string_view prefix) {
  constexpr std::array<std::pair<char, double>, 6> kPrefixes{
      {{'f', 1e-15}, {'p', 1e-12}, {'n', 1e-9}, {'u', 1e-6}, {'m', 1e-3}, {'k', 1e3}}};
  for (const auto& [letter, factor] : kPrefixes) {
    if (!prefix.empty() && std::tolower(static_cast<unsigned char>(prefix.front())) == letter) {
      return factor;
    }
  }
  return 1.0;
}

std::optional<double> direct_area(const LibertyGroup& group, const std::string& source) {
  return group.attribute("area") == nullptr ? std::nullopt
                                            : std::optional(number(group, "area", source, 0.0));
}

LibertyPin read_pin(const LibertyGroup& group, const std::string& name, const std::string& source) {
  LibertyPin pin;
  pin.name = name;
  pin.is_output = group.value("direction").value_or("") == "output";
  pin.is_clock = group.value("clock").value_or("") == "true";
  pin.capacitance = number(group, "capacitance", source, 0.0);
  pin.function = group.value("function").value_or("");
  return pin;
}

std::string without_blanks_and_parentheses(const std::string& text) {
  std::string result;
  std::copy_if(text.begin(), text.end(), std::back_inserter(result),
               [](char c) { return c != ' ' && c != '(' && c != ')'; });
  return result;
}

CellKind kind_of(const LibertyGroup& group, const std::vector<LibertyPin>& pins) {
  if (group.group("ff") != nullptr) {
    return CellKind::flip_flop;
  }
  if (group.group("latch") != nullptr) {
    return CellKind::latch;
  }
  const bool three_state =
      std::any_of(group.groups.begin(), group.groups.end(),
                  [](const LibertyGroup& pin) { return pin.attribute("three_state") != nullptr; });
  const bool has_function = std::any_of(
      pins.begin(), pins.end(), [](const LibertyPin& pin) { return !pin.function.empty(); });
  return has_function && !three_state ? CellKind::combinational : CellKind::other;
}

LibertyCell read_cell(const LibertyGroup& group, const std::string& source) {
  LibertyCell cell;
  cell.line = group.line;
  if (group.arguments.empty()) {
    throw InputError(fmt::format("{}:{}: this cell has no name", source, group.line));
  }
  cell.name = group.arguments.front();
  cell.area = direct_area(group, source);
  for (const LibertyGroup& pin : group.groups) {
    for (std::size_t i = 0; pin.name == "pin" && i < pin.arguments.size(); ++i) {
      cell.pins.push_back(read_pin(pin, pin.arguments[i], source));
    }
  }
  cell.kind = kind_of(group, cell.pins);
  if (const LibertyGroup* flip_flop = group.group("ff")) {
    const std::string data =
        without_blanks_and_parentheses(flip_flop->value("next_state").value_or(""));
    const std::string clock =
        without_blanks_and_parentheses(flip_flop->value("clocked_on").value_or(""));
    cell.data_pin = cell.pin(data) == nullptr ? "" : data;
    cell.clock_pin = clock.starts_with('!') ? clock.substr(1) : clock;
  }
  return cell;
}

/// The output of a cell that computes `function` of its inputs, or an empty name.
std::string output_computing(const LibertyCell& cell, std::uint64_t function) {
  const std::vector<std::string> inputs = cell.inputs();
  for (const LibertyPin& pin : cell.pins) {
    if (pin.is_output && truth_table(pin.function, inputs) == std::optional(function)) {
      return pin.name;
    }
  }
  return {};
}

std::optional<FullAdder> as_full_adder(const LibertyCell& cell) {
  std::vector<std::string> inputs = cell.inputs();
  if (cell.kind != CellKind::combinational || inputs.size() != 3 || cell.pins.size() != 5 ||
      cell.area.value_or(0.0) <= 0.0) {
    return std::nullopt;
  }
  const std::string sum = output_computing(cell, kXorOfThree);
  const std::string carry = output_computing(cell, kMajority);
  if (sum.empty() || carry.empty()) {
    return std::nullopt;
  }
  std::stable_sort(inputs.begin(), inputs.end(), [&](const auto& x, const auto& y) {
    return cell.pin(x)->capacitance > cell.pin(y)->capacitance;
  });
  return FullAdder{cell.name, *cell.area, inputs[0], inputs[1], inputs[2], sum, carry};
}

}  // namespace

std::vector<std::string> LibertyCell::inputs() const {
  std::vector<std::string> result;
  for (const LibertyPin& item : pins) {
    if (!item.is_output) {
      result.push_back(item.name);
    }
  }
  return result;
}

const LibertyPin* LibertyCell::pin(std::string_view pin_name) const {
  const auto found = std::find_if(pins.begin(), pins.end(),
                                  [&](const LibertyPin& item) { return item.name == pin_name; });
  return found == pins.end() ? nullptr : &*found;
}

Library Library::load(const std::filesystem::path& file) {
  return parse(read_text(file), file.string());
}

namespace {

/// What has to be the same in all files of a library.
constexpr std::array<const char*, 4> kCommon = {"time_unit", "capacitive_load_unit", "nom_voltage",
                                                "leakage_power_unit"};

/// Refuses `other`, read from `source`, when it is not of the same library as `first`.
void check_common(const LibertyGroup& first, const LibertyGroup& other, const std::string& source) {
  const auto text = [](const LibertyGroup& group, const char* name) {
    const LibertyAttribute* attribute = group.attribute(name);
    return attribute == nullptr ? "missing" : fmt::format("{}", fmt::join(attribute->values, ", "));
  };
  for (const char* name : kCommon)
    if (text(first, name) != text(other, name))
      throw InputError(fmt::format("{}: {}: {}, expected {} as in the first file of the library",
                                   source, name, text(other, name), text(first, name)));
}

/// What stands between the outermost braces.
std::string body_of(const std::string& text) {
  const std::size_t open = text.find('{'), close = text.rfind('}');
  return text.substr(open + 1, close - open - 1);
}

}  // namespace

Library Library::load(const std::filesystem::path& file,
                      const std::vector<std::filesystem::path>& more) {
  if (more.empty()) return load(file);
  std::string text = read_text(file), source = file.string();
  const LibertyGroup first = parse_liberty(text, source);
  text.erase(text.rfind('}'));
  for (const std::filesystem::path& other : more) {
    const std::string addition = read_text(other);
    check_common(first, parse_liberty(addition, other.string()), other.string());
    text += body_of(addition);
    source += " + " + other.filename().string();
  }
  return parse(text + "}\n", source);
}

Library Library::parse(std::string text, const std::string& source) {
  Library library;
  library.source_ = source;
  library.text_ = std::move(text);
  library.tree_ = parse_liberty(library.text_, source);
  library.name_ = library.tree_.arguments.empty() ? "" : library.tree_.arguments.front();
  library.read_units();
  library.read_cells();
  library.find_landmarks();
  library.find_full_adder();
  library.collect_remarks();
  return library;
}

void Library::read_units() {
  const std::string time = tree_.value("time_unit").value_or("1ns");
  const auto letter = std::find_if(time.begin(), time.end(), [](char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0;
  });
  const double count = std::strtod(time.c_str(), nullptr);
  time_unit_ns_ = count * prefix_factor(std::string(letter, time.end())) * 1e9;
  if (!(time_unit_ns_ > 0.0))
    throw InputError(fmt::format("{}: time_unit is {}, expected more than 0", source_, time));
  capacitance_unit_pf_ = liberty_capacitance_pf(tree_, source_);
}

double liberty_capacitance_pf(const LibertyGroup& library, const std::string& source) {
  const LibertyAttribute* unit = library.attribute("capacitive_load_unit");
  if (unit == nullptr) return 1;
  if (unit->values.size() != 2)
    throw InputError(
        fmt::format("{}:{}: 'capacitive_load_unit' needs a number and a unit", source, unit->line));
  const double pf =
      std::strtod(unit->values[0].c_str(), nullptr) * prefix_factor(unit->values[1]) * 1e12;
  if (!(pf > 0.0))
    throw InputError(fmt::format("{}:{}: 'capacitive_load_unit' is {} {}, expected more than 0",
                                 source, unit->line, unit->values[0], unit->values[1]));
  return pf;
}

void Library::read_cells() {
  for (std::size_t i = 0; i < tree_.groups.size(); ++i) {
    if (tree_.groups[i].name != "cell") {
      continue;
    }
    LibertyCell cell = read_cell(tree_.groups[i], source_);
    cell.group = i;
    if (!index_.emplace(cell.name, cells_.size()).second) {
      throw InputError(
          fmt::format("{}:{}: cell '{}' is defined twice", source_, cell.line, cell.name));
    }
    cells_.push_back(std::move(cell));
  }
}

std::optional<std::size_t> Library::smallest(CellKind kind, std::size_t inputs,
                                             std::uint64_t function) const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const LibertyCell& cell = cells_[i];
    const std::vector<std::string> names = cell.inputs();
    const bool single = cell.pins.size() == inputs + 1 && names.size() == inputs;
    if (cell.kind != kind || !cell.area || *cell.area <= 0.0 || !single) {
      continue;
    }
    const auto output = std::find_if(cell.pins.begin(), cell.pins.end(),
                                     [](const LibertyPin& pin) { return pin.is_output; });
    const bool matches = truth_table(output->function, names) == std::optional(function);
    if (matches && (!best || *cell.area < *cells_[*best].area)) {
      best = i;
    }
  }
  return best;
}

void Library::find_landmarks() {
  std::optional<std::size_t> flip_flop;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const LibertyCell& cell = cells_[i];
    const bool candidate =
        cell.kind == CellKind::flip_flop && !cell.data_pin.empty() && cell.area.value_or(0.0) > 0.0;
    if (candidate && (!flip_flop || *cell.area < *cells_[*flip_flop].area)) {
      flip_flop = i;
    }
  }
  const std::optional<std::size_t> inverter = smallest(CellKind::combinational, 1, kInvert);
  std::optional<std::size_t> gate = smallest(CellKind::combinational, 2, kNand);
  gate = gate ? gate : smallest(CellKind::combinational, 2, kNor);
  if (cells_.empty() || !flip_flop || !inverter || !gate) {
    const std::string_view lacking = cells_.empty() ? "no cells"
                                     : !flip_flop   ? "no D flip-flop with an area"
                                     : !inverter    ? "no inverter with an area"
                                                    : "no two-input NAND or NOR with an area";
    throw InputError(fmt::format("{}: library '{}' has {}: logic cannot be mapped to it", source_,
                                 name_, lacking));
  }
  flip_flop_ = *flip_flop;
  inverter_ = *inverter;
  gate_area_ = *cells_[*gate].area;
}

void Library::find_full_adder() {
  for (const LibertyCell& cell : cells_) {
    const std::optional<FullAdder> adder = as_full_adder(cell);
    if (adder && (!full_adder_ || adder->area < full_adder_->area)) {
      full_adder_ = adder;
    }
  }
}

std::optional<double> Library::full_adder_area_from_gates() const {
  const std::optional<std::size_t> exclusive = smallest(CellKind::combinational, 2, kXor);
  const std::optional<std::size_t> equal = smallest(CellKind::combinational, 2, kXnor);
  if (!exclusive && !equal) {
    return std::nullopt;
  }
  const double half = std::min(exclusive ? *cells_[*exclusive].area : *cells_[*equal].area,
                               equal ? *cells_[*equal].area : *cells_[*exclusive].area);
  return 2.0 * half + 3.0 * gate_area_;
}

void Library::collect_remarks() {
  const auto count = [&](auto&& predicate) {
    return std::count_if(cells_.begin(), cells_.end(), predicate);
  };
  const auto without_area = count([](const LibertyCell& cell) { return !cell.area; });
  if (without_area > 0) {
    remarks_.push_back(fmt::format("{} of {} cells state no area", without_area, cells_.size()));
  }
  if (count([](const LibertyCell& cell) { return cell.kind == CellKind::latch; }) == 0) {
    remarks_.emplace_back("there is no latch");
  }
  if (!full_adder_) {
    remarks_.emplace_back("there is no full-adder cell, so adders are made from simple gates");
  }
  if (tree_.attribute("time_unit") == nullptr) {
    remarks_.emplace_back("there is no time_unit, so 1 ns is assumed");
  }
  if (tree_.attribute("capacitive_load_unit") == nullptr) {
    remarks_.emplace_back("there is no capacitive_load_unit, so 1 pF is assumed");
  }
  if (std::none_of(tree_.groups.begin(), tree_.groups.end(),
                   [](const LibertyGroup& group) { return group.name == "lu_table_template"; })) {
    remarks_.emplace_back("there are no timing tables");
  }
}

const LibertyCell* Library::find(std::string_view cell_name) const {
  const auto found = index_.find(cell_name);
  return found == index_.end() ? nullptr : &cells_[found->second];
}

}  // namespace hasse::synth
