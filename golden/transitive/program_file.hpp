// SPDX-License-Identifier: Apache-2.0
// Compiled programs as files.
#pragma once

#include <filesystem>

#include "golden/transitive/program.hpp"

namespace hasse::transitive {

/// Writes the words of `program`, each in whole 32-bit parts, lowest part and byte first; a file
/// that is there is replaced when all is written. Throws tensor::FormatError when that fails.
void write_program(const std::filesystem::path& file, const Program& program);

/// Reads a program that was made for `shape` on the units of `config`. Throws tensor::FormatError
/// naming the file, the field of the header, what it holds and what was expected when it is another
/// one, and when the file ends within a word. Signatures are left to the hardware.
Program read_program(const std::filesystem::path& file, const ArrayConfig& config,
                     const Shape& shape);

}  // namespace hasse::transitive
