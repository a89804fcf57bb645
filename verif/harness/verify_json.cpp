// SPDX-License-Identifier: Apache-2.0
// The result of a verification as JSON.
#include "verif/harness/verify.hpp"

namespace hasse::harness {

nlohmann::ordered_json to_json(const VerifyResult& result) {
  nlohmann::ordered_json wrong = nlohmann::ordered_json::array();
  for (const Mismatch& mismatch : result.first_mismatches) {
    wrong.push_back({{"row", mismatch.row},
                     {"column", mismatch.column},
                     {"expected", mismatch.expected},
                     {"actual", mismatch.actual}});
  }
  nlohmann::ordered_json json = {{"workload", result.workload},
                                 {"n", result.shape.n},
                                 {"k", result.shape.k},
                                 {"m", result.shape.m},
                                 {"weight_bits", result.shape.weight_bits},
                                 {"mismatches", result.mismatches},
                                 {"outputs", result.outputs},
                                 {"first_mismatches", wrong},
                                 {"cycles", result.counters.cycles},
                                 {"transrows", result.counters.transrows},
                                 {"zero_transrows", result.counters.zero_transrows},
                                 {"nodes_built", result.counters.nodes_built},
                                 {"accumulate_utilisation", result.accumulate_utilisation},
                                 {"prefix_utilisation", result.prefix_utilisation},
                                 {"stall_cycles", result.counters.stall_cycles},
                                 {"simulated_hz", result.simulated_hz},
                                 {"planner", result.planner},
                                 {"si_misses", result.counters.si_misses},
                                 {"units", result.units},
                                 {"subtiles", result.subtiles},
                                 {"cycles_per_subtile", result.cycles_per_subtile},
                                 {"bound_cycles_per_subtile", result.bound_cycles_per_subtile},
                                 {"bound_cycles", result.bound_cycles},
                                 {"mac_per_cycle", result.mac_per_cycle},
                                 {"model", {{"predicted_cycles", result.insight.predicted_cycles}}},
                                 {"cycle_breakdown", result.insight.cycle_breakdown},
                                 {"seed", result.seed},
                                 {"stall", result.stall},
                                 {"bytes", result.bytes},
                                 {"simulation_cached", result.library.from_cache},
                                 {"verilate_seconds", result.library.verilate_seconds},
                                 {"compile_seconds", result.library.compile_seconds}};
  if (result.memory)
    json["memory"] = {{"bandwidth", result.memory->bandwidth},
                      {"latency", result.memory->latency},
                      {"prefetch", result.memory->prefetch}};
  // Engines without a Hasse graph of their own have none to show.
  if (!result.insight.occupation.is_null()) json["occupation"] = result.insight.occupation;
  if (!result.insight.subtile.is_null()) json["subtile"] = result.insight.subtile;
  return json;
}

}  // namespace hasse::harness
