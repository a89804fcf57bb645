// SPDX-License-Identifier: Apache-2.0
#include "verif/system/random_designs.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "generator/design/error.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::system {

std::string RandomDesigns::valid(std::string (RandomDesigns::*draw)()) {
  while (true) {
    std::string json = (this->*draw)();
    try {
      design::parse(json, "random");
      return json;
    } catch (const design::DesignError&) {
      continue;
    }
  }
}

int RandomDesigns::between(int least, int most) {
  return least + unit::below(random_, most - least + 1);
}

int RandomDesigns::edgy(int least, int most) {
  const int choice = between(0, 4);
  if (choice == 0) return least;
  if (choice == 1) return most;
  return choice == 2 ? between(least, std::min(most, least + 15)) : between(least, most);
}

std::string RandomDesigns::candidate() {
  constexpr std::array engines = {"banked",     "split",   "dot_product",
                                  "bit_serial", "bitvert", "systolic"};
  constexpr std::array planners = {"lattice", "orbit", "dynamic", "static", "compiled"};
  const std::string engine = one_of(engines);
  const bool banked = engine == "banked", pairs = engine == "systolic", streams = !banked && !pairs;
  const int per_adder = 1 << between(0, 2),
            lanes = edgy(1, banked ? std::min(16, limits_.lanes) : limits_.lanes),
            weight_bits = edgy(2, 8);
  nlohmann::json design = {
      {"engine", engine},
      {"lanes", lanes},
      {"columns", per_adder * edgy(1, std::max(1, limits_.columns / per_adder))},
      {"columns_per_adder", per_adder},
      {"activation_bits", 4 << between(0, 2)},
      {"weight_bits", weight_bits},
      {"accumulator_bits", edgy(16, 64)},
      {"max_n", edgy(1, limits_.max_side)},
      {"max_k", edgy(1, limits_.max_side)},
      {"max_m", edgy(1, limits_.max_side)}};
  if (!pairs) {
    design["rows"] = std::max(8, lanes * weight_bits + between(0, 1) * between(0, limits_.rows));
    design["tile_bits"] = edgy(2, streams ? 6 : 10);
    design["units"] = between(0, 1) == 0 ? 1 : between(2, limits_.units);
    design["share"] = one_of(std::array{"activations", "weights"});
    design["results"] = one_of(std::array{"merged", "merged", "joined"});
    design["bus"] = one_of(std::array{"native", "axi"});
    design["activations"] = one_of(std::array{"signed", "signed", "either"});
    design["scaling"] = one_of(std::array{"none", "none", "group"});
  }
  if (banked) {
    design["planner"] = one_of(planners);
    design["banks_per_lane"] = edgy(1, 4);
    if (design["planner"] != "compiled") design["look_ahead"] = edgy(1, 8);
  }
  if (streams) {
    design["tables"] = edgy(1, 12);
    design["operand_rows"] = edgy(1, 6);
    design["tree_stages"] = between(0, 1);
    if (engine != "dot_product") design["planes"] = 1 << between(0, 2);
    if (engine == "dot_product") design["recoding"] = one_of(std::array{"none", "booth", "radix4"});
    if (engine == "split") design["turns"] = between(1, 2);
    if (engine == "split" || engine == "dot_product")
      design["operands"] = one_of(std::array{"signed", "magnitude", "symmetric"});
  }
  return design.dump();
}

/// Its tiles are powers of two, so that they fill pages.
std::string RandomDesigns::attention_candidate() {
  const std::string engine = one_of(std::array{"split", "bit_serial", "bitvert", "banked"});
  const bool streams = engine != "banked";
  const int lanes = 1 << between(0, 3), tile_log = between(1, 3), max_pages = edgy(16, 3000);
  nlohmann::json design = {{"engine", engine},
                           {"tile_bits", 1 << tile_log},
                           {"lanes", lanes},
                           {"columns", edgy(1, 8)},
                           {"columns_per_adder", 1},
                           {"rows", 8 * lanes << between(0, 3)},
                           {"activation_bits", 16},
                           {"activations", "either"},
                           {"accumulator_bits", edgy(40, 48)},
                           {"attention",
                            {{"dim", 8 * edgy(2, 64)},
                             {"page", 16 << between(0, 4)},
                             {"logical_pages", 1 << between(0, 4)},
                             {"max_pages", max_pages},
                             {"max_listed", edgy(1, max_pages)},
                             {"sink", edgy(0, 1024)},
                             {"ring", edgy(1, 1024)},
                             {"interval", edgy(1, 1024)}}}};
  if (streams) {
    design["tables"] = 1 << between(0, 4 - tile_log);
    design["operand_rows"] = 1 << between(0, 2);
    design["tree_stages"] = between(0, 1);
    design["planes"] = 1 << between(0, 2);
  } else {
    design["planner"] = one_of(std::array{"lattice", "orbit", "dynamic"});
  }
  return design.dump();
}

}  // namespace hasse::system
