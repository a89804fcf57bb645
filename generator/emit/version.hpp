// SPDX-License-Identifier: Apache-2.0
// The version that generated files and `hasse --version` state.
#pragma once

#include <string_view>

namespace hasse::emit {

/// "MAJOR.MINOR.PATCH" of this generator.
std::string_view version();

}  // namespace hasse::emit
