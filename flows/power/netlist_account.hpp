// SPDX-License-Identifier: Apache-2.0
// The mapped netlist of a generated directory, and what the switching of a simulation costs on it:
// the part of a measurement that does not ask what is computed.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "synth/activity/simulator.hpp"
#include "synth/energy/energy.hpp"
#include "synth/energy/memory_energy.hpp"
#include "synth/synth.hpp"

namespace hasse::power {

/// How a netlist is made and accounted for.
struct NetlistOptions {
  /// Directory, library and clock period; a netlist that is there and up to date is kept.
  synth::Options synth;
  /// Where the result is kept; empty: DIR/results/power.json.
  std::filesystem::path kept{};
  /// Of random operands and of what is undefined at the start.
  std::uint64_t seed = 1;
  synth::WireModel wires;
  /// Node of the library in nm, for memories and scaling; none: 180 for OSU's, 130 for IHP's, and
  /// 130 with a remark for others.
  std::optional<int> node_nm;
  /// Liberty files of memory macros, taken as they are; empty: the model of memory_energy.hpp.
  std::vector<std::filesystem::path> memory_liberty{};
};

/// Told what is being done, and the share of it done or a negative number.
using ProgressFn = std::function<void(const std::string& what, double share)>;

/// Joules of memory macros, and their area.
struct MemoryCost {
  double accesses = 0, leakage = 0, area_um2 = 0;
  double joules() const { return accesses + leakage; }
};

/// What a simulation cost.
struct SimulationCost {
  synth::Activity activity;
  synth::NetlistEnergy logic;
  MemoryCost memory;
  std::map<std::string, double> by_unit{};  ///< Joules of registers and gates, by area bucket.

  double seconds() const { return activity.cycles * activity.clock_ns * 1e-9; }
};

/// See the file's head. Member functions in the order of their use.
class NetlistAccount {
 public:
  /// `options` and `progress` must outlive the account.
  NetlistAccount(const NetlistOptions& options, const ProgressFn& progress)
      : options_(options), progress_(progress) {}

  void tell(const std::string& what, double share = -1) const {
    if (progress_) progress_(what, share);
  }

  /// Maps the directory. Throws what synth::run throws.
  void map();
  /// What was kept of a measurement with the same netlist, options and `inputs`, a text of
  /// everything else that the answer depends on.
  std::optional<nlohmann::ordered_json> kept(const std::string& inputs);
  /// Reads the netlist. Throws what the readers throw.
  void load();

  const synth::Result& mapped() const { return mapped_; }
  const synth::Library& library() const { return library_; }
  const synth::Netlist& netlist() const { return netlist_; }
  const std::string& top() const { return top_; }
  /// A folder for the files of tools.
  std::filesystem::path work() const { return mapped_.netlist.parent_path() / "power"; }
  synth::Node node() const;

  /// What `simulator` has counted since its restart.
  SimulationCost cost(const synth::GateSimulator& simulator) const;

  /// Adds the library's corner, clock and wires to `result`.
  void add_corner(nlohmann::ordered_json& result) const;
  /// Adds the nets, and how many of them moved.
  void add_coverage(nlohmann::ordered_json& result, const synth::Activity& activity) const;
  /// Adds what to know before believing the figures, `more` at the end.
  void add_remarks(nlohmann::ordered_json& result, const std::vector<std::string>& more = {}) const;
  /// Writes `result` where kept() finds it.
  void keep(nlohmann::ordered_json& result) const;

 private:
  std::filesystem::path kept_file() const;
  MemoryCost memories(const synth::GateSimulator& simulator, double seconds) const;
  std::map<std::string, double> by_unit(const synth::NetlistEnergy& energy) const;

  const NetlistOptions& options_;
  const ProgressFn& progress_;
  synth::Result mapped_;
  synth::Library library_;
  synth::Netlist netlist_;
  std::string top_, digest_;
};

}  // namespace hasse::power
