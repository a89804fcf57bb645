// SPDX-License-Identifier: Apache-2.0
// The verbs of the `hasse` command, one source file each.
#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <string>

#include "flows/outcome.hpp"
#include "flows/progress.hpp"

namespace hasse::flows {

/// One use of a verb.
struct Call {
  Progress& progress;
  std::string command;  ///< as it was typed, for the record
};

/// Runs a verb with the options that the command line gave it.
using Action = std::function<Outcome(const Call&)>;

// Each declares its options on `command` and returns the verb; call it after parsing.
Action declare_generate(CLI::App& command);
Action declare_compile(CLI::App& command);
Action declare_verify(CLI::App& command);
Action declare_synth(CLI::App& command);
Action declare_power(CLI::App& command);
Action declare_model(CLI::App& command);
Action declare_attend(CLI::App& command);
Action declare_gates(CLI::App& command);
Action declare_report(CLI::App& command);
Action declare_compare(CLI::App& command);
Action declare_quantize(CLI::App& command);
Action declare_eval(CLI::App& command);
Action declare_attribute(CLI::App& command);

}  // namespace hasse::flows
