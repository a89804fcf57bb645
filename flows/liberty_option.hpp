// SPDX-License-Identifier: Apache-2.0
// The option that names a cell library.
#pragma once

#include <CLI/App.hpp>

#include "synth/synth.hpp"

namespace hasse::flows {

/// Declares --liberty, which may be repeated for a library in several files.
void declare_liberty(CLI::App& command, synth::Options& options);

}  // namespace hasse::flows
