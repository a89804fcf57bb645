// SPDX-License-Identifier: Apache-2.0
// The two ways costing a design can fail.
#pragma once

#include <stdexcept>

namespace hasse::synth {

/// What was handed in cannot be used: a manifest, a Liberty file, an option. The message names the
/// file, the place in it, the value and what was expected.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A manifest.json that is missing, malformed or names files that are not there.
class ManifestError : public InputError {
 public:
  using InputError::InputError;
};

/// An external tool is missing or failed. The message names the tool and the Debian package that
/// has it, or the log file and its last lines.
class ToolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace hasse::synth
