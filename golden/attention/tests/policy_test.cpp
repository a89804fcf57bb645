// SPDX-License-Identifier: Apache-2.0
// Policy files: what is read from them, and every way they are refused.
#include "golden/attention/policy.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "golden/attention/policy_fields.hpp"
#include "golden/tensor/file.hpp"
#include "golden/tensor/tests/refusal.hpp"
#include "golden/tensor/tests/scratch_file.hpp"

namespace hasse::attention {
namespace {

using tensor::expect_refusal;

constexpr ModelShape kShape{4, 2};

Policy parse(const std::string& text) {
  return parse_policy(text, "p.json", kShape);
}

void refuse(const std::string& text, const std::string& words) {
  expect_refusal<PolicyError>([&text] { parse(text); }, words);
}

TEST(Policy, EmptyObjectIsDense) {
  const Policy policy = parse("{}");
  EXPECT_EQ(policy.name, "p");
  EXPECT_EQ(policy.kv_bits, 16);
  for (const auto& layer : policy.heads) {
    ASSERT_EQ(layer.size(), 2U);
    for (const HeadPolicy& head : layer) EXPECT_EQ(head.select, Select::all);
  }
}

TEST(Policy, RulesCoverRangesAndLeaveTheRestToTheDefault) {
  const Policy policy = parse(R"({
    "name": "mixed", "kv_bits": 4, "default": {"like": "twilight", "top_p": 0.85},
    "rules": [{"layers": [0, 1], "select": "all"},
              {"layers": 3, "kv_heads": 1, "like": "lserve", "budget": 128}]})");
  EXPECT_EQ(policy.name, "mixed");
  EXPECT_EQ(policy.kv_bits, 4);
  EXPECT_FALSE(policy.heads[1][1].prune);
  EXPECT_TRUE(policy.heads[2][0].prune);
  EXPECT_EQ(policy.heads[2][0].top_p.p, 0.85);
  EXPECT_TRUE(policy.heads[3][0].prune);
  const HeadPolicy& last = policy.heads[3][1];
  EXPECT_EQ(last.select, Select::pages);
  EXPECT_EQ(last.pages.page, 64U);
  EXPECT_EQ(last.pages.budget, 128U);
  EXPECT_EQ(last.pages.reuse, 4U);
  EXPECT_EQ(last.pages.dense_when, DenseWhen::history_fits);
}

TEST(Policy, EverySystemCanWork) {
  for (const std::string& name : system_names()) {
    std::string field;
    EXPECT_EQ(refusal(*system_policy(name), field), "") << name << ' ' << field;
    EXPECT_NO_THROW(parse(R"({"default": {"like": ")" + name + "\"}}"));
  }
  EXPECT_FALSE(system_policy("quset"));
}

TEST(Policy, EveryFieldIsSetAndRead) {
  for (const PolicyField& field : policy_fields()) {
    HeadPolicy policy;
    nlohmann::json value = 1;
    if (const auto* words = std::get_if<WordChoice>(&field.allowed)) value = words->words.back();
    if (std::holds_alternative<Flag>(field.allowed)) value = true;
    ASSERT_TRUE(accepts(field, value)) << field.name;
    field.set(policy, value);
    EXPECT_EQ(nlohmann::json(field.get(policy)), value) << field.name;
  }
}

TEST(Policy, EdgesOfTopP) {
  EXPECT_NO_THROW(parse(R"({"default": {"top_p": 0}})"));
  EXPECT_NO_THROW(parse(R"({"default": {"top_p": 1}})"));
  refuse(R"({"default": {"top_p": 1.01}})",
         "p.json: /default/top_p: 1.01: expected a number from 0 to 1");
  refuse(R"({"default": {"top_p": -0.5}})", "/default/top_p: -0.5: expected a number");
  refuse(R"({"default": {"top_p": "x"}})", "/default/top_p: \"x\": expected a number");
}

TEST(PolicyRefusal, NamesEveryProblemAtOnce) {
  const std::string text = R"({"kv_bits": 5, "rules": [{"page": 0}, {"budgt": 3}]})";
  refuse(text, "p.json: /kv_bits: 5: expected 4, 8 or 16");
  refuse(text, "p.json: /rules/0/page: 0: expected an integer from 1 to 4096");
  refuse(text, "p.json: /rules/1/budgt: 3: expected no such field, only like, select, page");
}

TEST(PolicyRefusal, HeadsThatTheModelDoesNotHave) {
  refuse(R"({"rules": [{"layers": 4}]})",
         "/rules/0/layers: 4: expected an integer from 0 to 3, or [first, last] of those");
  refuse(R"({"rules": [{"layers": [2, 1]}]})", "/rules/0/layers: [2,1]: expected");
  refuse(R"({"rules": [{"kv_heads": [0, 2]}]})", "/rules/0/kv_heads: [0,2]: expected");
  refuse(R"({"rules": [{"kv_heads": -1}]})", "/rules/0/kv_heads: -1: expected");
  refuse(R"({"rules": [{"kv_heads": [0, 1, 1]}]})", "/rules/0/kv_heads: [0,1,1]: expected");
}

TEST(PolicyRefusal, OverlappingRules) {
  refuse(R"({"rules": [{"layers": [0, 2]}, {"layers": 3}, {"layers": [2, 3], "kv_heads": 1}]})",
         "/rules/2: layer 2, KV head 1: expected a head that /rules/0 does not cover");
}

TEST(PolicyRefusal, CombinationsThatCannotWork) {
  refuse(R"({"default": {"page": 16, "logical_page": 5}})",
         "/default/logical_page: 5: expected a divisor of page, 16");
  refuse(R"({"default": {"page": 16, "reuse": 3}})", "/default/reuse: 3: expected a divisor of");
  refuse(R"({"default": {"force_last": false}})",
         "/default/score_partial: false: expected true where force_last is false");
  refuse(R"({"default": {"estimate_bits": 12}})",
         "/default/estimate_bits: 12: expected 1 to 8, or");
}

TEST(PolicyRefusal, WrongTypes) {
  refuse("[]", "p.json: (document): []: expected an object");
  refuse("{", "p.json: (document): invalid JSON");
  refuse(R"({"a": 1, "a": 2})", "\"a\": expected each field once");
  refuse(R"({"rules": {}})", "/rules: an object: expected a list of rules");
  refuse(R"({"rules": [7]})", "/rules/0: 7: expected an object");
  refuse(R"({"name": ""})", "/name: \"\": expected a word");
  refuse(R"({"default": {"like": "quset"}})", "/default/like: \"quset\": expected one of quest,");
  refuse(R"({"default": {"ties": "random"}})", "expected one of lowest, highest");
  refuse(R"({"default": {"group_union": 1}})", "/default/group_union: 1: expected true or false");
}

TEST(PolicyGates, DecideWhoStreams) {
  const tensor::ScratchFile gates;
  tensor::write_file(gates.path(), "1 0.2\n0.3 0.9\n0 1\n0.1 0.8\n");
  const std::string file = nlohmann::json(gates.path()).dump();
  const Policy policy = parse(R"({"gates": {"file": )" + file +
                              R"(, "retrieval": {"like": "quest"}, "stream": {"select": "stream",
                                 "recent": 64}}, "rules": [{"layers": 0, "select": "all"}]})");
  EXPECT_EQ(policy.heads[0][1].select, Select::all) << "rules come after gates";
  EXPECT_EQ(policy.heads[1][0].select, Select::stream);
  EXPECT_EQ(policy.heads[1][0].stream.recent, 64U);
  EXPECT_EQ(policy.heads[3][1].select, Select::pages);
}

TEST(PolicyGates, AreRefused) {
  const tensor::ScratchFile gates;
  tensor::write_file(gates.path(), "1 0.2 3\n0.3 0.9 0\n");
  const std::string file = R"({"gates": {"file": )" + nlohmann::json(gates.path()).dump();
  refuse(file + "}}", "/gates/file: 2 x 3 gates: expected 4 x 2, layers by KV heads");
  refuse(file + R"(, "streaming": 2}})", "/gates/streaming: 2: expected a number from 0 to 1");
  refuse(file + R"(, "rule": "best"}})", "/gates/rule: \"best\": expected one of quantile, ranked");
  refuse(file + R"(, "x": 2}})", "/gates/x: 2: expected no such field");
  refuse(file + R"(}, "default": {}})", "/default: an object: expected none beside gates");
  refuse(R"({"gates": {}})", "/gates: an object: expected an object with a file");
  expect_refusal([] { parse(R"({"gates": {"file": "nowhere.tsv"}})"); },
                 "nowhere.tsv: path is mis");
}

TEST(PolicySchema, IsThePublishedOne) {
  const std::filesystem::path path = HASSE_SOURCE_DIR "/flows/policies/policy.schema.json";
  const std::string text = policy_schema().dump(2) + "\n";
  if (std::getenv("HASSE_UPDATE_GOLDEN") != nullptr) tensor::write_file(path, text);
  EXPECT_EQ(tensor::read_file(path), text) << "HASSE_UPDATE_GOLDEN=1 writes it anew";
}

}  // namespace
}  // namespace hasse::attention
