// SPDX-License-Identifier: Apache-2.0
// The Python dictionary at the start of an .npy file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hasse::tensor {

/// The three entries of an .npy header, as written.
struct NpyHeader {
  std::string descr;
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;
};

/// Parses `text`, "{'descr': '<i2', 'fortran_order': False, 'shape': (3, 4), }" followed by spaces
/// and one newline. Every key has to be there once and no other may be. Throws FormatError, calling
/// the file `name`.
NpyHeader parse_npy_header(std::string_view text, const std::string& name);

}  // namespace hasse::tensor
