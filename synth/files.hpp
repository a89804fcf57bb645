// SPDX-License-Identifier: Apache-2.0
// Whole files in and out.
#pragma once

#include <filesystem>
#include <string>

namespace hasse::synth {

/// Writes a file, replacing what is there. Throws InputError naming the file when it cannot.
void write_file(const std::filesystem::path& file, const std::string& text);

/// The bytes of a file. Throws InputError naming the file when it cannot be read.
std::string read_file(const std::filesystem::path& file);

}  // namespace hasse::synth
