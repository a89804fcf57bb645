// SPDX-License-Identifier: Apache-2.0
// The hand-written modules the harness is tested on.
#pragma once

#include <string>

#include "verif/harness/rtl_source.hpp"
#include "verif/harness/verilated_library.hpp"

namespace hasse::harness {

/// Module `name` of verif/harness/tests/rtl.
inline RtlSource test_module(const std::string& name,
                             std::map<std::string, std::int64_t> parameters = {}) {
  return {HASSE_SOURCE_DIR "/verif/harness/tests/rtl", {name + ".v"}, name, std::move(parameters)};
}

}  // namespace hasse::harness
