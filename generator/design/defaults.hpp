// SPDX-License-Identifier: Apache-2.0
// What a design is where its file says nothing: it depends on the engine.
#pragma once

#include <string>

#include "generator/design/design.hpp"

namespace hasse::design {

/// The engine of a design that names none.
inline constexpr const char* kDefaultEngine = "split";

/// All fields of a design that only names `engine`, one of those that the field accepts.
Design defaults(const std::string& engine);

}  // namespace hasse::design
