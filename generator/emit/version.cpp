// SPDX-License-Identifier: Apache-2.0
// The version, as the build states it.
#include "generator/emit/version.hpp"

namespace hasse::emit {

std::string_view version() {
  return HASSE_VERSION;
}

}  // namespace hasse::emit
