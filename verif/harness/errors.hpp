// SPDX-License-Identifier: Apache-2.0
// What the harness throws.
#pragma once

#include <stdexcept>

namespace hasse::harness {

/// Input the harness cannot use: tensors that do not fit, a port that does not exist, a broken
/// cache.
class HarnessError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The simulated hardware broke a rule of its interface, or stopped making progress.
class ProtocolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace hasse::harness
