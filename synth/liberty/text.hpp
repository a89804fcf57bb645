// SPDX-License-Identifier: Apache-2.0
// Reads text files, plain or gzip-compressed.
#pragma once

#include <filesystem>
#include <string>

namespace hasse::synth {

/// The decompressed contents of a file; plain files are returned as they are, whatever their name.
/// Throws InputError naming the file when it is missing, truncated or corrupt.
std::string read_text(const std::filesystem::path& file);

}  // namespace hasse::synth
