// SPDX-License-Identifier: Apache-2.0
#include "synth/energy/opensta_power.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

#include "synth/error.hpp"
#include "synth/files.hpp"
#include "synth/process/process.hpp"

namespace hasse::synth {
namespace {

/// Sums over the arcs of one pin.
struct PinArcs {
  double watts = 0, duty = 0;
  double per_event() const { return duty > 0 ? watts / (2 * duty) : 0; }
};

/// Adds the line "power:  A -> Y when activity duty energy watts no pg_pin", when left out if there
/// is none.
void add_arc(const std::string& line, PinArcs& pin) {
  std::istringstream text(line);
  const std::vector<std::string> words{std::istream_iterator<std::string>(text), {}};
  constexpr std::size_t kAfterDuty = 5;  // Duty, energy, watts, "no pg_pin" or a name.
  const std::size_t named = words.back() == "pg_pin" ? 0 : 1;
  pin.duty += std::stod(words.at(words.size() + named - kAfterDuty));
  pin.watts += std::stod(words.at(words.size() + named - kAfterDuty + 2));
}

}  // namespace

PowerReport read_power_log(std::istream& log) {
  PowerReport report;
  PinArcs pin;
  for (std::string line; std::getline(log, line);) {
    if (line.starts_with("power: internal ")) {
      report.internal_per_event += pin.per_event();
      pin = {};
    } else if (line.starts_with("power:") && line.find(" -> ") != std::string::npos) {
      add_arc(line, pin);
    } else if (line.starts_with("Total ")) {
      std::istringstream words(line);
      std::string name;
      words >> name >> report.internal >> report.switching >> report.leakage;
      report.internal_per_event += pin.per_event();
      return report;
    }
  }
  throw ToolError("sta reported no power");
}

PowerReport opensta_power(const std::filesystem::path& folder, const std::string& top,
                          double clock_ns, double activity, const std::filesystem::path& work) {
  const auto at = [&](const char* name) {
    return std::filesystem::absolute(folder / name).string();
  };
  std::string script = fmt::format("read_liberty {}\n", at("library.lib"));
  if (std::filesystem::exists(folder / "memories.lib"))
    script += fmt::format("read_liberty {}\n", at("memories.lib"));
  script += fmt::format(
      "read_verilog {}\nlink_design {}\ncreate_clock -name clk -period {} [get_ports clk_i]\n"
      "set_power_activity -global -activity {} -duty 0.5\nsta::set_debug power 2\n"
      "report_power -digits 6\nexit\n",
      at("netlist.v"), top, clock_ns, activity);
  write_file(work / "power.tcl", script);
  const std::filesystem::path log = work / "power.log";
  run_checked({{"sta", "-no_splash", "-exit", "power.tcl"}, work, log});
  try {
    std::ifstream lines(log);
    const PowerReport report = read_power_log(lines);
    std::filesystem::remove(log);  // It has a line for every arc.
    return report;
  } catch (const ToolError& error) {
    throw ToolError(
        fmt::format("{}; the end of {}:\n{}", error.what(), log.string(), tail_of_file(log, 10)));
  }
}

}  // namespace hasse::synth
