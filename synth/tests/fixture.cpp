// SPDX-License-Identifier: Apache-2.0
// Writes small designs.
#include "synth/tests/fixture.hpp"

#include <unistd.h>

#include <atomic>
#include <fstream>
#include <utility>
#include <vector>

#include "synth/files.hpp"

namespace hasse::synth::testing {
namespace {

using nlohmann::json;

constexpr const char* kLane = R"(module shift_lane (
  input  logic clk_i,
  input  logic data_i,
  output logic data_o
);
  logic [2:0] history_q;
  always_ff @(posedge clk_i) begin
    history_q <= {history_q[1:0], data_i};
  end
  assign data_o = history_q[2];
endmodule
)";

constexpr const char* kTop = R"(module tiny_top (
  input  logic       clk_i,
  input  logic       enable_i,
  input  logic [3:0] address_i,
  input  logic [3:0] data_i,
  output logic [3:0] data_o,
  output logic       idle_o
);
  logic [3:0] read_data;
  assign idle_o = ~enable_i;
  ram_1r1w #(
    .Width (4),
    .Depth (16)
  ) u_ram (
    .clk_i           (clk_i),
    .write_enable_i  (enable_i),
    .write_address_i (address_i),
    .write_data_i    (data_i),
    .read_enable_i   (enable_i),
    .read_address_i  (address_i),
    .read_data_o     (read_data)
  );
  genvar i;
  generate
    for (i = 0; i < 4; i = i + 1) begin : gen_lane
      shift_lane u_lane (
        .clk_i  (clk_i),
        .data_i (read_data[i]),
        .data_o (data_o[i])
      );
    end
  endgenerate
endmodule
)";

json port(const std::string& name, int width) {
  return {{"name", name},
          {"direction", name.ends_with("_o") ? "output" : "input"},
          {"width", width},
          {"signed", false},
          {"doc", "A port."}};
}

json module(const std::string& name, const std::string& unit, json ports, json instances) {
  return {{"name", name},
          {"file", "rtl/" + name + ".v"},
          {"doc", "A module."},
          {"unit", unit},
          {"memory", unit == "memory"},
          {"parameters", json::array()},
          {"ports", std::move(ports)},
          {"instances", std::move(instances)}};
}

json manifest_of(const std::string& top, json modules) {
  json files = json::array();
  for (const json& item : modules) {
    files.push_back(item.at("file"));
  }
  return {{"format", 1},
          {"generator", "0.1.0"},
          {"name", top},
          {"top", top},
          {"design", json::object()},
          {"derived", json::object()},
          {"files", files},
          {"digest", "0"},
          {"modules", std::move(modules)}};
}

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "hasse-synth-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw std::runtime_error("no temporary directory");
  }
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

json tiny_manifest() {
  json lane_ports = json::array({port("clk_i", 1), port("data_i", 1), port("data_o", 1)});
  json top_ports = json::array({port("clk_i", 1), port("enable_i", 1), port("address_i", 4),
                                port("data_i", 4), port("data_o", 4), port("idle_o", 1)});
  json instances = json::array({{{"name", "u_ram"}, {"module", "ram_1r1w"}, {"count", 1}},
                                {{"name", "u_lane"}, {"module", "shift_lane"}, {"count", 4}}});
  return manifest_of(
      "tiny_top", json::array({module("ram_1r1w", "memory", json::array(), json::array()),
                               module("shift_lane", "accumulate_lanes", lane_ports, json::array()),
                               module("tiny_top", "control", top_ports, instances)}));
}

void write_tiny_design(const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory / "rtl");
  std::filesystem::copy_file(std::filesystem::path(HASSE_SOURCE_DIR) / "rtl/ram_1r1w.v",
                             directory / "rtl/ram_1r1w.v");
  write_file(directory / "rtl/shift_lane.v", kLane);
  write_file(directory / "rtl/tiny_top.v", kTop);
  write_file(directory / "manifest.json", tiny_manifest().dump(2));
}

void write_single_module(const std::filesystem::path& directory, const std::string& name,
                         const std::string& verilog,
                         const std::vector<std::pair<std::string, int>>& ports) {
  json list = json::array();
  for (const auto& [port_name, width] : ports) {
    list.push_back(port(port_name, width));
  }
  std::filesystem::create_directories(directory / "rtl");
  write_file(directory / "rtl" / (name + ".v"), verilog);
  const json modules = json::array({module(name, "control", list, json::array())});
  write_file(directory / "manifest.json", manifest_of(name, modules).dump(2));
}

}  // namespace hasse::synth::testing
