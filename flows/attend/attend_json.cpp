// SPDX-License-Identifier: Apache-2.0
// The JSON of hasse attend.
#include <nlohmann/json.hpp>

#include "flows/attend/attend.hpp"

namespace hasse::attend {
namespace {

using Json = nlohmann::ordered_json;

void add_queries(Json& json, const attention::QueryFigures& figures) {
  json["kept_mass"] = figures.mean_mass();
  json["recall"] = figures.mean_recall();
  json["tokens_kept"] = {{"mean", figures.kept.mean()},
                         {"p50", figures.kept.quantile(.5)},
                         {"p90", figures.kept.quantile(.9)}};
}

void add_caches(Json& json, const attention::CacheFigures& figures) {
  json["steps"] = figures.steps;
  json["selections"] = figures.selections;
  json["pages_read"] = figures.pages_read;
  json["kv_bytes_read"] = figures.bytes_read();
  json["kv_bytes_dense"] = figures.dense_bytes;
  json["kv_bytes"] = {{"page_bounds", figures.stats_bytes},
                      {"estimate", figures.estimate_bytes},
                      {"tokens", figures.token_bytes}};
}

Json head_json(const PolicyResult& result, std::size_t layer, std::size_t kv_head) {
  const attention::Figures& figures = result.evaluation.figures;
  const std::size_t queries = figures.queries[layer].size() / figures.caches[layer].size();
  attention::QueryFigures group;
  Json each = Json::array();
  for (std::size_t i = 0; i < queries; ++i) {
    const attention::QueryFigures& query = figures.queries[layer][kv_head * queries + i];
    Json json = {{"query_head", kv_head * queries + i}};
    add_queries(json, query);
    each.push_back(json);
    group.add(query);
  }
  const attention::HeadPolicy& policy = result.policy.heads[layer][kv_head];
  Json json = {{"layer", layer},
               {"kv_head", kv_head},
               {"select", attention::name_of(policy.select)},
               {"top_p", policy.prune ? Json(policy.top_p.p) : Json()}};
  add_queries(json, group);
  add_caches(json, figures.caches[layer][kv_head]);
  json["query_heads"] = each;
  return json;
}

Json passkey_json(const std::vector<attention::PasskeyScore>& scores) {
  Json json = Json::array();
  for (const attention::PasskeyScore& score : scores) {
    json.push_back({{"length", score.length},
                    {"depth", score.depth},
                    {"keys", score.keys},
                    {"keys_found", score.keys_found},
                    {"digits_found", score.digits_found},
                    {"bits_per_digit", score.mean_bits()}});
  }
  return json;
}

Json policy_json(const PolicyResult& result) {
  const attention::Evaluation& evaluation = result.evaluation;
  Json json = {{"policy", result.policy.name},
               {"kv_bits", result.policy.kv_bits},
               {"windows", evaluation.windows},
               {"bits_per_byte", evaluation.bits_per_byte()}};
  add_queries(json, evaluation.figures.all_queries());
  add_caches(json, evaluation.figures.all_caches());
  json["heads"] = Json::array();
  for (std::size_t layer = 0; layer < result.policy.heads.size(); ++layer) {
    for (std::size_t head = 0; head < result.policy.heads[layer].size(); ++head) {
      json["heads"].push_back(head_json(result, layer, head));
    }
  }
  if (!result.passkey.empty()) json["passkey"] = passkey_json(result.passkey);
  return json;
}

}  // namespace

Json to_json(const AttendResult& result) {
  Json json = {{"model", result.model},
               {"text", result.text},
               {"prefill", result.schedule.prefill},
               {"chunk", result.schedule.chunk},
               {"from", result.schedule.from}};
  json.update(policy_json(result.policies.front()));
  json["others"] = Json::array();
  for (std::size_t i = 1; i < result.policies.size(); ++i) {
    json["others"].push_back(policy_json(result.policies[i]));
  }
  return json;
}

}  // namespace hasse::attend
