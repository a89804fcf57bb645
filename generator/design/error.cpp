// SPDX-License-Identifier: Apache-2.0
// Wording of the message of a refused design.
#include "generator/design/error.hpp"

#include <fmt/format.h>

#include <utility>

namespace hasse::design {
namespace {

std::string describe(const std::string& file, const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    const std::string where = problem.pointer.empty() ? "(document)" : problem.pointer;
    text += text.empty() ? "" : "\n";
    text += problem.value.empty()
                ? fmt::format("{}: {}: {}", file, where, problem.allowed)
                : fmt::format("{}: {}: {}: {}", file, where, problem.value, problem.allowed);
  }
  return text;
}

}  // namespace

DesignError::DesignError(const std::string& file, std::vector<Problem> problems)
    : std::runtime_error(describe(file, problems)), problems_(std::move(problems)) {}

}  // namespace hasse::design
