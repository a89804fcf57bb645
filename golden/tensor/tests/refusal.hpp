// SPDX-License-Identifier: Apache-2.0
// How the tests state that something is refused, and with which words.
#pragma once

#include <gmock/gmock.h>

#include <string>

#include "golden/tensor/format_error.hpp"

namespace hasse::tensor {

/// Expects `action` to throw `Error` with a message that contains `words`.
template <class Error = FormatError, class Action>
void expect_refusal(Action&& action, const std::string& words) {
  try {
    action();
    ADD_FAILURE() << "nothing was thrown, expected a message with: " << words;
  } catch (const Error& error) {
    EXPECT_THAT(std::string(error.what()), testing::HasSubstr(words));
  }
}

}  // namespace hasse::tensor
