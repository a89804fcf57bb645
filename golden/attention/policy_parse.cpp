// SPDX-License-Identifier: Apache-2.0
// From JSON text to a policy, or to the list of everything that is wrong with the text.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "golden/attention/head_gates.hpp"
#include "golden/attention/policy_fields.hpp"
#include "golden/tensor/file.hpp"
#include "golden/tensor/format_error.hpp"

namespace hasse::attention {
namespace {

using Json = nlohmann::json;
using Pointer = nlohmann::json::json_pointer;

constexpr std::size_t kLongestValue = 60;

/// The first and the last of a range.
using Range = std::pair<std::size_t, std::size_t>;

std::string quote(const Json& value) {
  if (value.is_object()) return "an object";
  const std::string text = value.dump();
  return text.size() <= kLongestValue ? text : text.substr(0, kLongestValue) + "...";
}

/// Reads one document, noting its problems as it goes.
class PolicyReader {
 public:
  PolicyReader(std::filesystem::path file, const ModelShape& shape)
      : file_(std::move(file)), shape_(shape), policy_(dense_policy(shape)) {}

  Policy read(std::string_view text) {
    const Json document = parse_json(text);
    if (document.is_object()) {
      read_document(document);
    } else {
      note(Pointer(), quote(document), "an object");
    }
    if (!problems_.empty()) {
      throw PolicyError(fmt::format("{}", fmt::join(problems_, "\n")));
    }
    return policy_;
  }

 private:
  void note(const Pointer& where, const std::string& value, const std::string& expected) {
    const std::string pointer = where.empty() ? "(document)" : where.to_string();
    problems_.push_back(
        fmt::format("{}: {}: {}: expected {}", file_.string(), pointer, value, expected));
  }

  /// Parses, refusing a key that one object has twice.
  Json parse_json(std::string_view text) {
    std::vector<std::set<std::string>> keys;
    const auto check = [&](int, Json::parse_event_t event, Json& parsed) {
      if (event == Json::parse_event_t::object_start) keys.emplace_back();
      if (event == Json::parse_event_t::object_end) keys.pop_back();
      if (event == Json::parse_event_t::key && !keys.back().insert(parsed).second) {
        note(Pointer(), parsed.dump(), "each field once");
      }
      return true;
    };
    try {
      return Json::parse(text, check);
    } catch (const Json::exception& error) {
      throw PolicyError(
          fmt::format("{}: (document): invalid JSON: {}", file_.string(), error.what()));
    }
  }

  void read_document(const Json& document) {
    const std::vector<std::string> known = {"$schema", "name",  "kv_bits",
                                            "default", "gates", "rules"};
    for (const auto& [key, value] : document.items()) {
      if (std::ranges::find(known, key) == known.end())
        unknown_field(Pointer() / key, value, known);
    }
    policy_.name = file_.stem().string();
    read_name(document);
    read_kv_bits(document);
    read_default(document);
    if (document.contains("gates")) read_gates(document["gates"]);
    if (document.contains("rules")) read_rules(document["rules"]);
  }

  void unknown_field(const Pointer& where, const Json& value,
                     const std::vector<std::string>& known) {
    note(where, quote(value), fmt::format("no such field, only {}", fmt::join(known, ", ")));
  }

  void read_name(const Json& document) {
    if (!document.contains("name")) return;
    const Json& name = document["name"];
    if (name.is_string() && !name.get_ref<const std::string&>().empty()) {
      policy_.name = name;
    } else {
      note(Pointer("/name"), quote(name), "a word");
    }
  }

  void read_kv_bits(const Json& document) {
    if (!document.contains("kv_bits")) return;
    const Json& bits = document["kv_bits"];
    if (bits == 4 || bits == 8 || bits == 16) {
      policy_.kv_bits = bits;
    } else {
      note(Pointer("/kv_bits"), quote(bits), "4, 8 or 16");
    }
  }

  void read_default(const Json& document) {
    if (!document.contains("default")) return;
    if (document.contains("gates")) {
      note(Pointer("/default"), quote(document["default"]), "none beside gates, which cover all");
    }
    const HeadPolicy head = read_head(document["default"], Pointer("/default"), {});
    for (auto& layer : policy_.heads) std::ranges::fill(layer, head);
  }

  /// The fields of one head; `others` may stand beside them.
  HeadPolicy read_head(const Json& object, const Pointer& where,
                       const std::vector<std::string>& others) {
    HeadPolicy head;
    if (!object.is_object()) {
      note(where, quote(object), "an object");
      return head;
    }
    const std::size_t before = problems_.size();
    if (object.contains("like")) head = read_like(object["like"], where / "like");
    for (const auto& [key, value] : object.items()) {
      if (key == "like" || std::ranges::find(others, key) != others.end()) continue;
      read_field(key, value, where / key, head);
    }
    std::string field;
    const std::string expected = refusal(head, field);
    if (problems_.size() == before && !expected.empty()) {
      const auto at = std::ranges::find(policy_fields(), field, &PolicyField::name);
      note(where / field, at->get(head).dump(), expected);
    }
    return head;
  }

  HeadPolicy read_like(const Json& name, const Pointer& where) {
    const auto system = name.is_string() ? system_policy(name) : std::nullopt;
    if (system) return *system;
    note(where, quote(name), fmt::format("one of {}", fmt::join(system_names(), ", ")));
    return {};
  }

  void read_field(const std::string& key, const Json& value, const Pointer& where,
                  HeadPolicy& head) {
    const auto field = std::ranges::find(policy_fields(), key, &PolicyField::name);
    if (field == policy_fields().end()) {
      std::vector<std::string> names = {"like"};
      for (const PolicyField& known : policy_fields()) names.push_back(known.name);
      unknown_field(where, value, names);
    } else if (accepts(*field, value)) {
      field->set(head, value);
    } else {
      note(where, quote(value), allowed_text(*field));
    }
  }

  void read_rules(const Json& rules) {
    if (!rules.is_array()) {
      note(Pointer("/rules"), quote(rules), "a list of rules");
      return;
    }
    std::vector<std::vector<int>> owner(shape_.layers, std::vector<int>(shape_.kv_heads, -1));
    for (std::size_t i = 0; i < rules.size(); ++i) {
      read_rule(rules[i], Pointer("/rules") / i, static_cast<int>(i), owner);
    }
  }

  void read_rule(const Json& rule, const Pointer& where, int number,
                 std::vector<std::vector<int>>& owner) {
    const HeadPolicy head = read_head(rule, where, {"layers", "kv_heads"});
    if (!rule.is_object()) return;
    const auto layers = read_range(rule, "layers", shape_.layers, where);
    const auto heads = read_range(rule, "kv_heads", shape_.kv_heads, where);
    if (!layers || !heads) return;
    for (std::size_t layer = layers->first; layer <= layers->second; ++layer) {
      for (std::size_t kv_head = heads->first; kv_head <= heads->second; ++kv_head) {
        if (int& taken = owner[layer][kv_head]; taken >= 0) {
          note(where, fmt::format("layer {}, KV head {}", layer, kv_head),
               fmt::format("a head that /rules/{} does not cover", taken));
          return;
        } else {
          taken = number;
        }
        policy_.heads[layer][kv_head] = head;
      }
    }
  }

  /// A number below `count`, or a list of a first and a last one; all when the key is missing.
  std::optional<Range> read_range(const Json& rule, const std::string& key, std::size_t count,
                                  const Pointer& where) {
    if (!rule.contains(key)) return Range{0, count - 1};
    const Json& value = rule[key];
    const auto below = [count](const Json& item) {
      return item.is_number_unsigned() && item.get<std::size_t>() < count;
    };
    if (below(value)) return Range{value, value};
    if (value.is_array() && value.size() == 2 && below(value[0]) && below(value[1]) &&
        value[0] <= value[1]) {
      return Range{value[0], value[1]};
    }
    note(where / key, quote(value),
         fmt::format("an integer from 0 to {0}, or [first, last] of those", count - 1));
    return std::nullopt;
  }

  void read_gates(const Json& gates) {
    const Pointer where("/gates");
    if (!gates.is_object() || !gates.contains("file") || !gates["file"].is_string()) {
      note(where, quote(gates), "an object with a file");
      return;
    }
    const std::vector<std::string> known = {"file", "streaming", "rule", "retrieval", "stream"};
    for (const auto& [key, value] : gates.items()) {
      if (std::ranges::find(known, key) == known.end()) unknown_field(where / key, value, known);
    }
    const HeadPolicy retrieval = read_side(gates, "retrieval", HeadPolicy{});
    const HeadPolicy stream = read_side(gates, "stream", *system_policy("duo_streaming"));
    apply_gates(gates, read_streaming(gates), retrieval, stream);
  }

  HeadPolicy read_side(const Json& gates, const std::string& key, const HeadPolicy& otherwise) {
    return gates.contains(key) ? read_head(gates[key], Pointer("/gates") / key, {}) : otherwise;
  }

  double read_streaming(const Json& gates) {
    if (!gates.contains("streaming")) return 0.5;
    const Json& share = gates["streaming"];
    if (share.is_number() && share >= 0 && share <= 1) return share;
    note(Pointer("/gates/streaming"), quote(share), "a number from 0 to 1");
    return 0;
  }

  GateRule read_gate_rule(const Json& gates) {
    const Json rule = gates.value("rule", Json("quantile"));
    if (rule != "quantile" && rule != "ranked") {
      note(Pointer("/gates/rule"), quote(rule), "one of quantile, ranked");
    }
    return rule == "ranked" ? GateRule::ranked : GateRule::quantile;
  }

  void apply_gates(const Json& gates, double streaming, const HeadPolicy& retrieval,
                   const HeadPolicy& stream) {
    const auto values = load_gates(file_.parent_path() / gates["file"].get<std::string>());
    const GateRule rule = read_gate_rule(gates);
    if (values.rows() != shape_.layers || values.cols() != shape_.kv_heads) {
      note(Pointer("/gates/file"), fmt::format("{} x {} gates", values.rows(), values.cols()),
           fmt::format("{} x {}, layers by KV heads", shape_.layers, shape_.kv_heads));
      return;
    }
    const auto full = retrieval_heads(values, streaming, rule);
    for (std::size_t layer = 0; layer < shape_.layers; ++layer) {
      for (std::size_t head = 0; head < shape_.kv_heads; ++head) {
        policy_.heads[layer][head] = full(layer, head) != 0 ? retrieval : stream;
      }
    }
  }

  std::filesystem::path file_;
  ModelShape shape_;
  Policy policy_;
  std::vector<std::string> problems_;
};

}  // namespace

Policy parse_policy(std::string_view text, const std::filesystem::path& file,
                    const ModelShape& shape) {
  return PolicyReader(file, shape).read(text);
}

Policy load_policy(const std::filesystem::path& path, const ModelShape& shape) {
  return parse_policy(tensor::read_file(path), path, shape);
}

}  // namespace hasse::attention
