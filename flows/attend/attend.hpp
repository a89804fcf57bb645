// SPDX-License-Identifier: Apache-2.0
// What hasse attend measures: a model under one policy after another.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "golden/attention/evaluate.hpp"
#include "golden/attention/passkey.hpp"
#include "golden/attention/policy.hpp"

namespace hasse::attend {

/// Where model, text and policies come from, and how much is measured.
struct AttendOptions {
  std::filesystem::path model;      ///< .safetensors, or llama2.c's .bin; empty: the embedded one.
  std::filesystem::path tokenizer;  ///< llama2.c's, for a .bin.
  std::filesystem::path text = "/usr/share/common-licenses/Artistic";
  std::vector<std::filesystem::path> policies;
  std::size_t windows = 4;
  attention::Schedule schedule;
  bool passkey = false;  ///< Whether pass keys are tried, too; needs a byte-level model.
  attention::PasskeyGrid grid;
};

/// One policy's results.
struct PolicyResult {
  attention::Policy policy;
  attention::Evaluation evaluation;
  std::vector<attention::PasskeyScore> passkey;
};

/// All policies' results on one model and text.
struct AttendResult {
  std::string model;
  std::string text;
  attention::Schedule schedule;
  std::vector<PolicyResult> policies;
};

/// Called with what is being done, and the share of it that is.
using Progress = std::function<void(const std::string& what, double share)>;

/// Measures every policy of `options`; dense alone when there is none. Throws tensor::FormatError
/// and attention::PolicyError for files that cannot be used, std::runtime_error for options that do
/// not go together.
AttendResult attend(const AttendOptions& options, const Progress& progress);

/// The members of "attend": those of the first policy, and "others", the same of the rest.
nlohmann::ordered_json to_json(const AttendResult& result);

/// Tables for a terminal: policies side by side, the heads of a single one, pass keys.
std::string to_table(const AttendResult& result);

/// A self-contained page of heat maps.
std::string to_page(const AttendResult& result);

}  // namespace hasse::attend
