// SPDX-License-Identifier: Apache-2.0
// What went wrong, in words and as an exit code.
#pragma once

#include <exception>
#include <string>

namespace hasse::flows {

/// How a verb that threw ends.
struct Failure {
  int exit_code;
  std::string message;
};

/// Sorts an exception: bad input, a tool that is missing or failed, hardware that broke its own
/// rules, or a mistake of the generator itself.
Failure describe_failure(const std::exception_ptr& error);

}  // namespace hasse::flows
