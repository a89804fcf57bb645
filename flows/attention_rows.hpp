// SPDX-License-Identifier: Apache-2.0
// Decode steps of an attention engine as rows for a person.
#pragma once

#include "flows/outcome.hpp"
#include "verif/attention/verify_attention.hpp"

namespace hasse::flows {

/// Series by series: cycles, pages, bytes and their share of a dense step's, means over its steps.
Rows attention_rows_of(const harness::VerifyAttentionResult& result);

}  // namespace hasse::flows
