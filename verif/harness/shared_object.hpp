// SPDX-License-Identifier: Apache-2.0
// The C++ that Verilator generated, compiled and linked.
#pragma once

#include <filesystem>

#include "verif/harness/toolchain.hpp"
#include "verif/harness/verilated_library.hpp"

namespace hasse::harness {

/// Compiles the C++ files of the folder `work` with the Verilated runtime into the shared object
/// `object`. Runtime objects and headers are kept in `cache`. Throws synth::ToolError with what the
/// compiler said.
void compile_shared_object(const Toolchain& tools, const std::filesystem::path& work,
                           const std::filesystem::path& cache, const BuildOptions& options,
                           const std::filesystem::path& object);

/// Everything the compiler is told beside file names, for the cache key.
std::string compile_recipe(const BuildOptions& options);

}  // namespace hasse::harness
