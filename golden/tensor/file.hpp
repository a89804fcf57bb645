// SPDX-License-Identifier: Apache-2.0
// Whole files in and out, with errors that name the file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace hasse::tensor {

/// The bytes of the regular file `path`. Throws FormatError when it is missing, not a regular file
/// or unreadable.
std::string read_file(const std::filesystem::path& path);

/// Replaces the content of `path` by `bytes`. Throws FormatError when that fails.
void write_file(const std::filesystem::path& path, std::string_view bytes);

}  // namespace hasse::tensor
