// SPDX-License-Identifier: Apache-2.0
// Published systems, and the schema of policy files.
#include "golden/attention/policy.hpp"

#include <array>
#include <utility>

#include "golden/attention/policy_fields.hpp"

namespace hasse::attention {
namespace {

using Json = nlohmann::ordered_json;

HeadPolicy quest() {
  HeadPolicy policy;
  policy.select = Select::pages;
  return policy;
}

HeadPolicy quest_evaluation() {
  HeadPolicy policy = quest();
  policy.pages.force_last = false;
  policy.pages.score_partial = true;
  policy.pages.min_pages = 3;
  return policy;
}

HeadPolicy lserve() {
  HeadPolicy policy = quest();
  policy.pages.page = 64;
  policy.pages.budget = 4096;
  policy.pages.min_pages = 3;
  policy.pages.dense_when = DenseWhen::history_fits;
  policy.pages.reuse = 4;
  return policy;
}

HeadPolicy lserve_streaming() {
  HeadPolicy policy;
  policy.select = Select::stream;
  policy.stream = {.sink = 128,
                   .recent = 256,
                   .unit = StreamUnit::blocks,
                   .block = 64,
                   .prefill = StreamPrefill::window,
                   .prefill_recent = 8192};
  return policy;
}

HeadPolicy duo_streaming() {
  HeadPolicy policy;
  policy.select = Select::stream;
  return policy;
}

HeadPolicy duo_training() {
  HeadPolicy policy = duo_streaming();
  policy.stream.sink = 128;
  policy.stream.prefill = StreamPrefill::window;
  return policy;
}

HeadPolicy twilight() {
  HeadPolicy policy;
  policy.prune = true;
  policy.group_union = true;
  return policy;
}

HeadPolicy twilight_quest() {
  HeadPolicy policy = twilight();
  policy.select = Select::pages;
  policy.pages.budget = 8192;
  policy.pages.rounding = Rounding::up;
  policy.pages.force_last = false;
  policy.pages.score_partial = true;
  policy.top_p.p = 0.85;
  return policy;
}

HeadPolicy twilight_kernel() {
  HeadPolicy policy = twilight_quest();
  policy.top_p.start = TopPStart::first;
  return policy;
}

const std::array<std::pair<const char*, HeadPolicy (*)()>, 9>& systems() {
  static const std::array<std::pair<const char*, HeadPolicy (*)()>, 9> table = {
      {{"quest", quest},
       {"quest_evaluation", quest_evaluation},
       {"lserve", lserve},
       {"lserve_streaming", lserve_streaming},
       {"duo_streaming", duo_streaming},
       {"duo_training", duo_training},
       {"twilight", twilight},
       {"twilight_quest", twilight_quest},
       {"twilight_kernel", twilight_kernel}}};
  return table;
}

struct SchemaOf {
  Json operator()(const IntegerRange& range) const {
    return {{"type", "integer"}, {"minimum", range.minimum}, {"maximum", range.maximum}};
  }
  Json operator()(const NumberRange& range) const {
    return {{"type", "number"}, {"minimum", range.minimum}, {"maximum", range.maximum}};
  }
  Json operator()(const Flag&) const { return {{"type", "boolean"}}; }
  Json operator()(const WordChoice& choice) const {
    return {{"type", "string"}, {"enum", choice.words}};
  }
};

/// The properties that default, rules and the two sides of gates share.
Json head_properties() {
  Json properties;
  properties["like"] = {{"description", "Published system whose defaults apply."},
                        {"type", "string"},
                        {"enum", system_names()}};
  for (const PolicyField& field : policy_fields()) {
    Json property = std::visit(SchemaOf{}, field.allowed);
    property["description"] = field.description;
    if (const Json value = field.get(HeadPolicy{}); !value.is_null()) property["default"] = value;
    properties[field.name] = property;
  }
  return properties;
}

Json object_of(const Json& properties) {
  return {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
}

Json range_schema(const char* description) {
  return {{"description", description},
          {"oneOf", Json::array({{{"type", "integer"}, {"minimum", 0}},
                                 {{"type", "array"},
                                  {"items", {{"type", "integer"}, {"minimum", 0}}},
                                  {"minItems", 2},
                                  {"maxItems", 2}}})}};
}

Json rule_schema() {
  Json properties;
  properties["layers"] =
      range_schema("A layer, or the first and last of a range; all if left out.");
  properties["kv_heads"] =
      range_schema("A KV head, or the first and last of a range; all if left out.");
  properties.update(head_properties());
  return object_of(properties);
}

Json gates_schema() {
  const Json head = {{"$ref", "#/$defs/head"}};
  Json result = object_of(
      {{"file", {{"description", "Gate file, relative to this file."}, {"type", "string"}}},
       {"streaming",
        {{"description", "Share of the heads that stream."},
         {"type", "number"},
         {"minimum", 0},
         {"maximum", 1},
         {"default", 0.5}}},
       {"rule",
        {{"description", "Gates at or above the quantile retrieve, or exactly the share."},
         {"type", "string"},
         {"enum", {"quantile", "ranked"}},
         {"default", "quantile"}}},
       {"retrieval", head},
       {"stream", head}});
  result["required"] = {"file"};
  return result;
}

}  // namespace

Policy dense_policy(const ModelShape& shape) {
  Policy policy;
  policy.heads.assign(shape.layers, std::vector<HeadPolicy>(shape.kv_heads));
  return policy;
}

std::vector<std::string> system_names() {
  std::vector<std::string> names;
  for (const auto& [name, make] : systems()) names.emplace_back(name);
  return names;
}

std::optional<HeadPolicy> system_policy(const std::string& name) {
  for (const auto& [known, make] : systems()) {
    if (name == known) return make();
  }
  return std::nullopt;
}

Json policy_schema() {
  Json properties;
  properties["$schema"] = {{"description", "Where editors find this schema; ignored by hasse."},
                           {"type", "string"}};
  properties["name"] = {{"description", "Shown in tables."}, {"type", "string"}};
  properties["kv_bits"] = {{"description", "Bits of cached keys and values, per token and head."},
                           {"type", "integer"},
                           {"enum", {4, 8, 16}},
                           {"default", 16}};
  properties["default"] = {{"$ref", "#/$defs/head"},
                           {"description", "Heads that no rule covers; dense if left out."}};
  properties["gates"] = gates_schema();
  properties["rules"] = {{"description", "Heads that differ; no head twice."},
                         {"type", "array"},
                         {"items", rule_schema()}};
  Json result = {
      {"$schema", "https://json-schema.org/draft/2020-12/schema"},
      {"title", "Hasse attention policy"},
      {"description",
       "What every KV head of a model reads, for hasse attend. Heads that the model does "
       "not have, heads that two rules cover and combinations that cannot work are "
       "refused by hasse itself."}};
  result.update(object_of(properties));
  result["$defs"]["head"] = object_of(head_properties());
  return result;
}

std::string name_of(Select select) {
  HeadPolicy policy;
  policy.select = select;
  return policy_fields().front().get(policy).get<std::string>();
}

}  // namespace hasse::attention
