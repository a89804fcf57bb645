// SPDX-License-Identifier: Apache-2.0
#include "synth/energy/opensta_power.hpp"

#include <fmt/format.h>

#include <optional>
#include <sstream>

#include "synth/error.hpp"
#include "synth/files.hpp"
#include "synth/process/process.hpp"

namespace hasse::synth {
namespace {

/// The row "Total  internal switching leakage total 100.0%".
std::optional<PowerReport> total_of(const std::string& log) {
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    PowerReport report;
    if (words >> name >> report.internal >> report.switching >> report.leakage && name == "Total")
      return report;
  }
  return std::nullopt;
}

}  // namespace

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
      "set_power_activity -global -activity {} -duty 0.5\nreport_power -digits 6\nexit\n",
      at("netlist.v"), top, clock_ns, activity);
  write_file(work / "power.tcl", script);
  const std::filesystem::path log = work / "power.log";
  run_checked({{"sta", "-no_splash", "-exit", "power.tcl"}, work, log});
  const std::optional<PowerReport> report = total_of(read_file(log));
  if (!report)
    throw ToolError(fmt::format("sta reported no power; the end of {}:\n{}", log.string(),
                                tail_of_file(log, 10)));
  return *report;
}

}  // namespace hasse::synth
