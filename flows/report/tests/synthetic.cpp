// SPDX-License-Identifier: Apache-2.0
// Making result files up: a true lattice forest, plausible numbers around it.
#include "flows/report/tests/synthetic.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <vector>

namespace hasse::report::synthetic {
namespace {

using nlohmann::json;

unsigned rotate(unsigned code, int by, int bits) {
  const unsigned mask = (1U << bits) - 1U;
  return ((code << by) | (code >> (bits - by))) & mask;
}

/// The codes that are their own smallest rotation, by highest bit and value.
std::vector<unsigned> necklaces(int bits) {
  std::vector<unsigned> out;
  for (unsigned code = 0; code < (1U << bits); ++code) {
    bool smallest = true;
    for (int by = 1; by < bits; ++by) smallest = smallest && code <= rotate(code, by, bits);
    if (smallest) out.push_back(code);
  }
  return out;
}

std::map<unsigned, std::pair<int, int>> reads(int dimension) {
  std::mt19937 random(7);
  std::map<unsigned, std::pair<int, int>> out;
  const unsigned mask = (1U << dimension) - 1U;
  for (int row = 0; row < 256; ++row) {
    const unsigned code = static_cast<unsigned>(random()) & ((mask << 1) | 1U);
    const bool mirrored = code > mask;
    auto& [all, complement] = out[(mirrored ? ~code : code) & mask];
    ++all;
    complement += mirrored ? 1 : 0;
  }
  return out;
}

json lanes_at(int lanes, int cycles, int period, int busy, unsigned seed) {
  std::mt19937 random(seed);
  json rows = json::array();
  for (int lane = 0; lane < lanes; ++lane) {
    json row = json::array();
    for (int cycle = 0; cycle < cycles; ++cycle) {
      const bool waits = (cycle + lane / 4) % period >= busy || random() % 40 == 0;
      row.push_back(waits ? 0 : 1);
    }
    rows.push_back(row);
  }
  return rows;
}

json module(const char* name, const char* unit, const char* doc) {
  return {{"name", name},
          {"file", std::string("rtl/") + name + ".v"},
          {"doc", doc},
          {"unit", unit},
          {"memory", false}};
}

}  // namespace

json subtile(int dimension) {
  std::map<unsigned, json> nodes;
  auto read_by = reads(dimension);
  int step = 0;
  for (const unsigned necklace : necklaces(dimension)) {
    for (int lane = 0; lane < dimension; ++lane) {
      const unsigned code = rotate(necklace, lane, dimension);
      if (nodes.count(code) != 0) continue;
      const unsigned prefix = necklace == 0 ? 0 : necklace & ~std::bit_floor(necklace);
      const int parent = necklace == 0 ? -1 : static_cast<int>(rotate(prefix, lane, dimension));
      nodes[code] = {{"code", code},
                     {"parent", parent},
                     {"lane", lane},
                     {"step", step},
                     {"uses", read_by[code].first},
                     {"uses_mirrored", read_by[code].second}};
    }
    ++step;
  }
  json out{{"tile_bits", dimension + 1}, {"dimension", dimension}, {"nodes", json::array()}};
  for (const auto& [code, node] : nodes) out["nodes"].push_back(node);
  return out;
}

json manifest(const std::string& name) {
  return {
      {"format", 1},
      {"generator", "0.1.0"},
      {"name", name},
      {"top", "transitive_gemm"},
      {"design",
       {{"name", name},
        {"engine", "banked"},
        {"planner", "lattice"},
        {"tile_bits", 8},
        {"lanes", 8},
        {"banks_per_lane", 2},
        {"look_ahead", 4},
        {"columns", 32},
        {"columns_per_adder", 4},
        {"rows", 256},
        {"activation_bits", 8},
        {"weight_bits", 8},
        {"accumulator_bits", 32},
        {"max_n", 65535},
        {"max_k", 65535},
        {"max_m", 65535}}},
      {"derived", {{"prefix_lanes", 7}, {"node_bits", 11}, {"banks", 16}}},
      {"modules",
       {module("transitive_gemm", "control", "Y = W * X by transitive reuse of partial sums."),
        module("prefix_lane", "prefix_lanes", "Builds one node of the lattice per cycle."),
        module("result_crossbar", "crossbar", "Takes node values to the lanes that want them."),
        module("accumulate_lane", "accumulate_lanes", "Sums one weight row, planes MSB first.")}}};
}

json verify(int dimension) {
  return {{"command", "hasse verify out/default --model bytelm.safetensors --tensor layers.0.wq"},
          {"workload", "layers.0.attention.wq of the byte-level Llama, W4A8"},
          {"mismatches", 0},
          {"outputs", 131072},
          {"n", 512},
          {"k", 512},
          {"m", 256},
          {"weight_bits", 4},
          {"activation_bits", 8},
          {"cycles", 136214},
          {"subtiles", 4096},
          {"cycles_per_subtile", 33.04},
          {"transrows", 1048576},
          {"zero_transrows", 5120},
          {"nodes_built", 524288},
          {"accumulate_utilisation", 0.958},
          {"prefix_utilisation", 0.549},
          {"stall_cycles", 0},
          {"stall", 0.0},
          {"model", {{"predicted_cycles", 136214}}},
          {"first_mismatches", json::array()},
          {"simulated_hz", 61234.5},
          {"subtile", subtile(dimension)},
          {"occupation",
           {{"first_cycle", 4000},
            {"cycles", 132},
            {"prefix", lanes_at(7, 132, 33, 20, 1)},
            {"accumulate", lanes_at(8, 132, 33, 32, 2)},
            {"subtile_boundaries", {4033, 4066, 4099, 4132}}}},
          {"cycle_breakdown",
           {{"accumulating", 130432},
            {"bank_conflicts", 2980},
            {"waiting_for_nodes", 1410},
            {"fill_and_drain", 1392},
            {"stalls", 0}}}};
}

json module_area(const char* name, const char* unit, int instances, int cells, double um2) {
  return {{"name", name}, {"unit", unit}, {"instances", instances}, {"cells", cells},
          {"area_um2", um2 / instances}, {"total_um2", um2}};
}

json synth() {
  return {{"command", "hasse synth out/default"},
          {"liberty", "/usr/share/qflow/tech/osu018/osu018_stdcells.lib"},
          {"clock_ns", 8.0},
          {"fmax_mhz", 131.4},
          {"cells", 182345},
          {"area_um2", 41203110.5},
          {"area_logic_um2", 6589120.25},
          {"area_memory_um2", 34613990.25},
          {"kge", 274.547},
          {"area_by_unit",
           {{"accumulate_lanes", 2411040.0},
            {"prefix_lanes", 1242110.5},
            {"crossbar", 1511230.0},
            {"operands", 322100.0},
            {"look_ahead", 402330.75},
            {"drain", 221400.0},
            {"reorder", 181022.0},
            {"planner", 22310.0},
            {"control", 275577.0},
            {"memory", 34613990.25}}},
          {"area_by_module",
           json::array({module_area("accumulate_lane", "accumulate_lanes", 8, 70211, 2411040.0),
                        module_area("bank_select", "crossbar", 8, 50122, 1511230.0),
                        module_area("prefix_lane", "prefix_lanes", 7, 40300, 1242110.5)})}};
}

Directory::Directory() {
  static std::atomic<int> number{0};
  path_ = std::filesystem::temp_directory_path() /
          ("hasse-report-" + std::to_string(getpid()) + "-" + std::to_string(number++));
  std::filesystem::create_directories(path_);
}

Directory::~Directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void Directory::put(const std::filesystem::path& name, const std::string& text) const {
  const std::filesystem::path file = path_ / name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

std::filesystem::path write_design(const Directory& where, const std::string& name, int dimension) {
  where.put(std::filesystem::path(name) / "manifest.json", manifest(name).dump(2));
  const std::filesystem::path results = std::filesystem::path(name) / "results";
  where.put(results / "generate.json",
            json{{"modules", 18}, {"lines", 2210}, {"milliseconds", 11.5}}.dump());
  where.put(results / "verify.json", json{{"verify", verify(dimension)}}.dump());
  where.put(results / "synth.json", synth().dump());
  return where.path() / name;
}

std::string slurp(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace hasse::report::synthetic
