// SPDX-License-Identifier: Apache-2.0
// Names and defaults of requests.
#include "flows/quantize/request.hpp"

#include <algorithm>
#include <array>

namespace hasse::quantize {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"rtn", "affine", "awq", "qserve", "olive"};
constexpr int kDefaultGroup = 128;

}  // namespace

std::string_view name_of(Scheme scheme) {
  return kNames.at(static_cast<std::size_t>(scheme));
}

std::optional<Scheme> scheme_of(std::string_view name) {
  const auto* found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Scheme>(found - kNames.begin());
}

int Request::group_in_force() const {
  const bool whole_rows = scheme == Scheme::rtn || scheme == Scheme::olive;
  return group.value_or(whole_rows ? 0 : kDefaultGroup);
}

}  // namespace hasse::quantize
