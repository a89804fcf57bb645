// SPDX-License-Identifier: Apache-2.0
// Puts a bundle on disk, all of it or nothing.
#pragma once

#include <filesystem>
#include <stdexcept>

#include "generator/emit/bundle.hpp"

namespace hasse::emit {

/// An output directory that cannot be written, or that holds something Hasse did not make.
class OutputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Writes `bundle` to directory `target`, creating its parents. The files are written to a sibling
/// first, which then takes the place of `target` by being renamed: at no time does `target` hold
/// half of a bundle. Of an earlier output, results/ and synth/ survive when the RTL's digest is
/// unchanged, and files that are not the generator's survive always. Throws OutputError, leaving
/// `target` as it was, when `target` exists but is neither empty nor an earlier output, or when the
/// file system refuses.
void write(const Bundle& bundle, const std::filesystem::path& target);

}  // namespace hasse::emit
