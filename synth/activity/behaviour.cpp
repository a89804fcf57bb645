// SPDX-License-Identifier: Apache-2.0
#include "synth/activity/behaviour.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "synth/error.hpp"
#include "synth/liberty/function.hpp"

namespace hasse::synth {
namespace {

/// Reads the functions of one cell.
class Reader {
 public:
  Reader(const Library& library, const LibertyCell& cell) : library_(library), cell_(cell) {
    for (std::size_t i = 0; i < cell.pins.size(); ++i) {
      if (cell.pins[i].is_output) continue;
      names_.push_back(cell.pins[i].name);
      positions_.push_back(static_cast<int>(i));
    }
  }

  CellBehaviour read() {
    if (cell_.kind == CellKind::latch || cell_.kind == CellKind::other)
      fail("is neither a gate nor a flip-flop");
    behaviour_.stores = cell_.kind == CellKind::flip_flop;
    if (behaviour_.stores) read_storage();
    for (std::size_t i = 0; i < cell_.pins.size(); ++i)
      if (cell_.pins[i].is_output) read_output(static_cast<int>(i));
    return behaviour_;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw InputError(fmt::format("{}:{}: cell '{}' {}, so it cannot be simulated",
                                 library_.source(), cell_.line, cell_.name, what));
  }

  PinFunction function(const std::string& text, const std::vector<std::string>& names) const {
    const std::optional<std::uint64_t> table = truth_table(text, names);
    if (!table) fail(fmt::format("has the function '{}'", text));
    return {*table, positions_};
  }

  void read_storage() {
    const LibertyGroup& storage = *library_.group_of(cell_).group("ff");
    if (storage.arguments.size() != 2) fail("has no names for what it stores");
    const std::string clock = storage.value("clocked_on").value_or("");
    const auto found = std::ranges::find(cell_.pins, cell_.clock_pin, &LibertyPin::name);
    if (found == cell_.pins.end() || clock.find_first_of("!'") != std::string::npos)
      fail(fmt::format("is clocked on '{}'", clock));
    behaviour_.clock_pin = static_cast<int>(found - cell_.pins.begin());
    behaviour_.next = function(storage.value("next_state").value_or(""), names_);
    if (const auto clear = storage.value("clear")) behaviour_.clear = function(*clear, names_);
    if (const auto preset = storage.value("preset")) behaviour_.preset = function(*preset, names_);
    state_ = storage.arguments;
  }

  /// An output of a flip-flop is what it stores, or the complement: by either name.
  void read_output(int pin) {
    const std::string& text = cell_.pins[static_cast<std::size_t>(pin)].function;
    if (!behaviour_.stores) {
      behaviour_.outputs.push_back({pin, function(text, names_)});
      return;
    }
    constexpr std::uint64_t kFirst = 0b1010, kNotFirst = 0b0101, kSecond = 0b1100,
                            kNotSecond = 0b0011;
    const std::uint64_t table = function(text, state_).table;
    if (table != kFirst && table != kNotFirst && table != kSecond && table != kNotSecond)
      fail(fmt::format("has the function '{}'", text));
    behaviour_.outputs.push_back({pin, {}, table == kNotFirst || table == kSecond});
  }

  const Library& library_;
  const LibertyCell& cell_;
  std::vector<std::string> names_, state_;
  std::vector<int> positions_;
  CellBehaviour behaviour_;
};

}  // namespace

CellBehaviour behaviour_of(const Library& library, const LibertyCell& cell) {
  return Reader(library, cell).read();
}

}  // namespace hasse::synth
