// SPDX-License-Identifier: Apache-2.0
// The options by which verbs choose what an attention engine decodes.
#pragma once

#include <CLI/App.hpp>
#include <set>
#include <string>

#include "verif/attention/decode_sequence.hpp"
#include "verif/harness/workload.hpp"

namespace hasse::flows {

/// Declares --policy, --layer, --kv-head, --steps and --random-heads.
void declare_decoding(CLI::App& command, harness::DecodeOptions& decode);

/// What `command` was given for an attention engine; --model, --text and --tokens are declared as
/// those of `workload`. Throws HarnessError naming the options that only products take, which are
/// all but these and `more`.
harness::DecodeOptions decoding(const CLI::App& command, const harness::DecodeOptions& decode,
                                const harness::WorkloadOptions& workload,
                                const std::set<std::string>& more);

/// Throws HarnessError naming the options that only attention engines take, if `command` was given
/// any.
void refuse_decoding(const CLI::App& command);

}  // namespace hasse::flows
