// SPDX-License-Identifier: Apache-2.0
// The register map of a design with AXI ports, for people, programs and C.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "generator/design/design.hpp"
#include "generator/emit/digest.hpp"

namespace hasse::emit {

/// All registers with offset, access, documentation and fields, in the order of their offsets;
/// empty when `design` has no AXI ports.
nlohmann::ordered_json register_json(const design::Design& design);

/// doc/registers.md, doc/registers.json and include/<top>_regs.h; none when `design` has no AXI
/// ports.
std::vector<File> register_files(const design::Design& design, const std::string& top);

}  // namespace hasse::emit
