// SPDX-License-Identifier: Apache-2.0
// A cell library: what costing a design needs to know of a Liberty file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "synth/liberty/syntax.hpp"

namespace hasse::synth {

/// What a cell does, as far as its area report cares.
enum class CellKind { combinational, flip_flop, latch, other };

/// A signal pin of a cell.
struct LibertyPin {
  std::string name;
  bool is_output = false;
  bool is_clock = false;
  /// Input capacitance in the library's unit.
  double capacitance = 0.0;
  /// Boolean function of an output, empty when none is stated.
  std::string function;
};

/// One cell of the library.
struct LibertyCell {
  std::string name;
  /// In um2, the unit Liberty areas are taken to be in; absent when the file states none.
  std::optional<double> area;
  CellKind kind = CellKind::other;
  std::vector<LibertyPin> pins;
  /// For flip-flops: the pin that is stored when there is only one, else empty.
  std::string data_pin;
  /// For flip-flops: the clock pin, else empty.
  std::string clock_pin;
  /// Line of the cell in the file.
  int line = 0;
  /// Position of the cell among the groups of the library.
  std::size_t group = 0;

  /// Names of the pins that are not outputs, in the order of the file.
  std::vector<std::string> inputs() const;
  /// The pin of that name, or nullptr.
  const LibertyPin* pin(std::string_view pin_name) const;
};

/// A cell that adds three bits, and which of its pins is which.
struct FullAdder {
  std::string cell;
  double area = 0.0;
  std::string a;
  std::string b;
  /// The input with the smallest capacitance, so that carry chains are fast.
  std::string carry_in;
  std::string sum;
  std::string carry_out;
};

/// Picofarads of a `library` group's capacitance unit, 1 if it states none. Throws InputError with
/// source and line for one that is none.
double liberty_capacitance_pf(const LibertyGroup& library, const std::string& source);

/// A Liberty file, read and understood.
class Library {
 public:
  /// Reads a file, plain or .gz. Throws InputError with file and line when it is not Liberty, or
  /// in words when mapping to it is impossible (no flip-flop, no inverter, no two-input gate).
  static Library load(const std::filesystem::path& file);

  /// As load, of a library in several files: cells of `more` are added to those of `file`. Throws
  /// InputError as well when units or voltages of the files differ, naming file, field and values.
  static Library load(const std::filesystem::path& file,
                      const std::vector<std::filesystem::path>& more);

  /// As load, from text; `source` names it in messages.
  static Library parse(std::string text, const std::string& source);

  /// The library's own name.
  const std::string& name() const { return name_; }
  /// The file it was read from.
  const std::string& source() const { return source_; }
  /// The decompressed text.
  const std::string& text() const { return text_; }
  /// The statements of the file.
  const LibertyGroup& tree() const { return tree_; }
  const std::vector<LibertyCell>& cells() const { return cells_; }
  /// Nanoseconds per time unit.
  double time_unit_ns() const { return time_unit_ns_; }
  /// Picofarads per capacitance unit.
  double capacitance_unit_pf() const { return capacitance_unit_pf_; }

  /// The cell of that name, or nullptr.
  const LibertyCell* find(std::string_view cell_name) const;
  /// The statements of a cell.
  const LibertyGroup& group_of(const LibertyCell& cell) const { return tree_.groups[cell.group]; }

  /// The smallest flip-flop that stores one pin, set and reset allowed.
  const LibertyCell& smallest_flip_flop() const { return cells_[flip_flop_]; }
  /// The smallest inverter.
  const LibertyCell& smallest_inverter() const { return cells_[inverter_]; }
  /// Area of the smallest two-input NAND (or NOR when there is none), in um2: one gate equivalent.
  double gate_area() const { return gate_area_; }
  /// The smallest full adder, when the library has one.
  const std::optional<FullAdder>& full_adder() const { return full_adder_; }
  /// Area of a full adder built from the library's smallest simple gates, in um2, when it has them.
  std::optional<double> full_adder_area_from_gates() const;

  /// What the library lacks, one sentence each; empty when nothing is missing.
  const std::vector<std::string>& remarks() const { return remarks_; }

 private:
  void read_units();
  void read_cells();
  void find_landmarks();
  void find_full_adder();
  void collect_remarks();
  std::optional<std::size_t> smallest(CellKind kind, std::size_t inputs,
                                      std::uint64_t function) const;

  std::string name_;
  std::string source_;
  std::string text_;
  LibertyGroup tree_;
  std::vector<LibertyCell> cells_;
  std::map<std::string, std::size_t, std::less<>> index_;
  double time_unit_ns_ = 1.0;
  double capacitance_unit_pf_ = 1.0;
  std::size_t flip_flop_ = 0;
  std::size_t inverter_ = 0;
  double gate_area_ = 0.0;
  std::optional<FullAdder> full_adder_;
  std::vector<std::string> remarks_;
};

}  // namespace hasse::synth
