// SPDX-License-Identifier: Apache-2.0
// Which KV head reads what: the policy of a whole model, and its JSON file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "golden/attention/pages.hpp"
#include "golden/attention/streaming.hpp"
#include "golden/attention/top_p.hpp"

namespace hasse::attention {

/// What the tokens of a head are chosen by, before top-p: nothing, their place, or their pages.
enum class Select { all, stream, pages };

/// Everything one KV head and its query heads do. Which fields are read depends on `select`; top-p
/// prunes whatever it leaves.
struct HeadPolicy {
  Select select = Select::all;
  PageRule pages;
  StreamRule stream;
  bool prune = false;  ///< Whether top-p follows; set by naming `top_p`.
  TopPRule top_p;
  int estimate_bits = 4;      ///< Of the keys top-p is estimated with; 16: the exact scores.
  bool estimate_all = false;  ///< Top-p over all tokens first, then the selection.
  bool group_union = false;   ///< All query heads of the KV head read what any of them keeps.
};

/// The heads of a model that a policy has to fit.
struct ModelShape {
  std::size_t layers;
  std::size_t kv_heads;
};

/// A policy for every KV head of a model.
struct Policy {
  std::string name = "dense";
  int kv_bits = 16;                            ///< Of cached keys and values: 4, 8 or 16.
  std::vector<std::vector<HeadPolicy>> heads;  ///< [layer][KV head]
};

/// A policy file that was refused. `what()` has one line for every problem,
/// "FILE: POINTER: VALUE: EXPECTED".
class PolicyError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Every head of `shape` dense.
Policy dense_policy(const ModelShape& shape);

/// Names of the published systems that a rule may be `like`.
std::vector<std::string> system_names();

/// What the system `name` does with its defaults; nothing for an unknown name.
std::optional<HeadPolicy> system_policy(const std::string& name);

/// Reads a policy for a model of `shape` from JSON text; `file` is used in messages, and gate files
/// lie relative to its folder. Throws PolicyError naming every problem at once: unknown fields,
/// values out of range, layers or heads that the model does not have, heads that two rules cover,
/// gate files of another shape, combinations that cannot work.
Policy parse_policy(std::string_view text, const std::filesystem::path& file,
                    const ModelShape& shape);

/// Reads the policy at `path`. Throws as parse_policy, and tensor::FormatError when the file cannot
/// be read.
Policy load_policy(const std::filesystem::path& path, const ModelShape& shape);

/// The published JSON schema (draft 2020-12) of a policy file.
nlohmann::ordered_json policy_schema();

/// The name of `select` in a policy file.
std::string name_of(Select select);

}  // namespace hasse::attention
