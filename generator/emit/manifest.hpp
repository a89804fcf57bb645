// SPDX-License-Identifier: Apache-2.0
// manifest.json: the only thing later steps read about a generated directory.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "generator/design/design.hpp"
#include "generator/emit/digest.hpp"
#include "generator/hdl/module.hpp"

namespace hasse::emit {

/// Version of the manifest's layout.
inline constexpr int manifest_format = 1;

/// Where the source of `module` lies in the output directory.
std::string rtl_path(const hdl::Module& module);

/// The manifest of `modules` (in compile order, top last), whose sources are `rtl`.
nlohmann::ordered_json manifest(const design::Design& design,
                                const std::vector<hdl::Module>& modules,
                                const std::vector<File>& rtl);

}  // namespace hasse::emit
