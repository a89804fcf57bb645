// SPDX-License-Identifier: Apache-2.0
// Writes the OpenSTA script and reads its answer.
#include "synth/timing/opensta.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "synth/error.hpp"
#include "synth/files.hpp"
#include "synth/process/process.hpp"
#include "synth/yosys/scripts.hpp"

namespace hasse::synth {
namespace {

constexpr const char* kClock = "clk_i";
constexpr const char* kReset = "rst_ni";
constexpr const char* kAnswer = "hasse_worst ";
constexpr const char* kDone = "hasse_done";

bool has_port(const ManifestModule& top, std::string_view name) {
  return std::any_of(top.ports.begin(), top.ports.end(),
                     [&](const ManifestPort& port) { return port.name == name; });
}

/// External delays of zero at all ports of one direction, clock and reset left out.
std::string external_delays(const ManifestModule& top) {
  std::string result;
  for (const ManifestPort& port : top.ports) {
    if (port.name == kClock || port.name == kReset) {
      continue;
    }
    const bool input = port.direction == PortDirection::input;
    result +=
        fmt::format("set_{}_delay 0 -clock clk [get_ports {{{}}}]\n", input ? "input" : "output",
                    port.width > 1 ? port.name + "[*]" : port.name);
  }
  return result;
}

std::string script(const ManifestModule& top, double clock_ns, bool has_memories) {
  return fmt::format(
      R"(read_liberty {0}
{1}read_verilog netlist.v
link_design {2}
create_clock -name clk -period {3} [get_ports {4}]
{5}{6}report_checks -path_delay max -path_group clk -format full_clock_expanded -fields {{slew cap}} -digits 4 > timing.rpt
foreach path [find_timing_paths -path_delay max -path_group clk] {{
  set start [get_full_name [get_property $path startpoint]]
  set end [get_full_name [get_property $path endpoint]]
  puts "{7}[get_property $path slack] $start $end"
}}
puts {8}
exit
)",
      kLibraryFile, has_memories ? "read_liberty memories.lib\n" : "", top.name, clock_ns, kClock,
      has_port(top, kReset) ? fmt::format("set_false_path -from [get_ports {}]\n", kReset) : "",
      external_delays(top), kAnswer, kDone);
}

std::optional<CriticalPath> read_answer(const std::string& line, double clock_ns) {
  std::istringstream words(line.substr(std::string(kAnswer).size()));
  double slack = 0.0;
  std::string start;
  std::string end;
  if (!(words >> slack >> start >> end)) {
    return std::nullopt;
  }
  return CriticalPath{rtl_name(start), rtl_name(end), clock_ns - slack};
}

}  // namespace

std::string rtl_name(const std::string& pin) {
  std::string name;
  std::copy_if(pin.begin(), pin.end(), std::back_inserter(name), [](char c) { return c != '\\'; });
  constexpr std::string_view kSuffix = "_reg/";
  const std::size_t suffix = name.rfind(kSuffix);
  if (suffix != std::string::npos && name.find('/', suffix + kSuffix.size()) == std::string::npos) {
    name.resize(suffix);
  }
  std::replace(name.begin(), name.end(), '/', '.');
  return name;
}

std::optional<CriticalPath> time_netlist(const ManifestModule& top, double clock_ns,
                                         bool has_memories, const std::filesystem::path& work) {
  if (!has_port(top, kClock)) {
    return std::nullopt;
  }
  write_file(work / "timing.tcl", script(top, clock_ns, has_memories));
  const std::filesystem::path log = work / "timing.log";
  run_checked({{"sta", "-no_splash", "-exit", "timing.tcl"}, work, log});
  std::istringstream lines(read_file(log));
  std::optional<CriticalPath> worst;
  bool done = false;
  bool failed = false;
  for (std::string line; std::getline(lines, line);) {
    done = done || line == kDone;
    failed = failed || line.starts_with("Error") || line.find("black box") != std::string::npos;
    if (line.starts_with(kAnswer)) {
      const std::optional<CriticalPath> path = read_answer(line, clock_ns);
      if (path && (!worst || path->delay_ns > worst->delay_ns)) {
        worst = path;
      }
    }
  }
  if (failed || !done) {
    throw ToolError(fmt::format("sta could not time the netlist; its log is {}, which ends:\n{}",
                                log.string(), tail_of_file(log, 12)));
  }
  return worst;
}

}  // namespace hasse::synth
