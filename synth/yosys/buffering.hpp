// SPDX-License-Identifier: Apache-2.0
// Puts buffer trees on nets that load their driver too much.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "synth/yosys/load_model.hpp"

namespace hasse::synth {

/// What a module looks like from outside, in the library's capacitance unit, by port name: the load
/// of every bit of an input, the load that every bit of an output can drive.
using PortLoads = std::map<std::string, std::vector<double>>;

/// Inserts buffers into one mapped module, given as Yosys's write_json describes it. ABC sees only
/// the gates between registers, so nets that start at a port or a register, or that end at
/// registers, full adders, memories and other modules, are left to this step. clk_i and rst_ni are
/// left alone. `children` holds the port loads of the modules inside. Returns the loads of its own
/// inputs.
PortLoads buffer_module(nlohmann::json& module, const LoadModel& model,
                        const std::map<std::string, PortLoads>& children);

}  // namespace hasse::synth
