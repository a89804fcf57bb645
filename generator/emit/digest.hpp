// SPDX-License-Identifier: Apache-2.0
// A fingerprint of generated files: equal digests mean equal RTL.
#pragma once

#include <string>
#include <vector>

namespace hasse::emit {

/// One file to be written.
struct File {
  std::string path;  ///< relative to the output directory, with `/`
  std::string text;
};

/// XXH3-128 over names, sizes and bytes of `files`, as 32 hexadecimal digits.
std::string digest(const std::vector<File>& files);

}  // namespace hasse::emit
