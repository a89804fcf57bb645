// SPDX-License-Identifier: Apache-2.0
// hasse attend as its user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "flows/tests/run.hpp"

namespace hasse::flows {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kPolicies = HASSE_SOURCE_DIR "/flows/policies/";

TEST(Attend, MeasuresPoliciesSideBySide) {
  const Folder folder;
  const std::string page = (folder / "a.html").string();
  const Ran ran =
      hasse("attend --windows 1 --policy " + kPolicies + "dense.json --policy " + kPolicies +
            "quest.json --policy " + kPolicies + "combined.json -o " + page + " --json -");
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.err, IsEmpty());
  const json dense = json::parse(ran.out)["attend"];
  EXPECT_EQ(dense["kept_mass"], 1);
  EXPECT_EQ(dense["kv_bytes_read"], dense["kv_bytes_dense"]);
  EXPECT_EQ(dense["heads"].size(), 8U);
  const json quest = dense["others"][0];
  EXPECT_EQ(quest["policy"], "quest");
  for (const char* key : {"bits_per_byte", "kept_mass", "recall", "pages_read", "kv_bytes_read"}) {
    EXPECT_GT(quest[key], 0) << key;
  }
  EXPECT_LT(quest["kv_bytes_read"], quest["kv_bytes_dense"]);
  for (const char* key : {"mean", "p50", "p90"}) EXPECT_GT(quest["tokens_kept"][key], 0) << key;
  EXPECT_EQ(dense["others"].size(), 2U);
  EXPECT_THAT(read(page), AllOf(HasSubstr("<!DOCTYPE html>"), HasSubstr("Kept mass")));
}

TEST(Attend, ShowsHeadsAndPassKeysOfOnePolicy) {
  const Ran ran = hasse("attend --windows 1 --policy " + kPolicies +
                        "twilight.json --passkey --passkey-lengths 64,96 --passkey-depths 0,1 "
                        "--passkey-keys 1");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("layer, KV head"), HasSubstr("3, 1"), HasSubstr("pass keys"),
                             HasSubstr("\n96")));
}

TEST(Attend, RefusesWhatItCannotUse) {
  const Folder folder;
  const std::string policy = (folder / "p.json").string();
  put(policy, R"({"rules": [{"layers": 9}]})");
  const auto refuse = [](const std::string& arguments, const std::string& words) {
    const Ran ran = hasse("attend " + arguments);
    EXPECT_EQ(ran.exit_code, 2) << arguments;
    EXPECT_THAT(ran.err, HasSubstr(words)) << arguments;
    EXPECT_THAT(ran.out, IsEmpty()) << arguments;
  };
  refuse("--policy " + policy, policy + ": /rules/0/layers: 9: expected an integer from 0 to 3");
  refuse("--policy /nowhere.json", "/nowhere.json: path is missing");
  refuse("--text /nowhere.txt", "/nowhere.txt: path is missing");
  refuse("--model x.bin", "--tokenizer is missing, expected one for a llama2.c model");
  refuse("--tokenizer t.bin", "--tokenizer is t.bin, expected one for a llama2.c model (.bin) and");
  refuse("--prefill 512", "--prefill and --from are 512 and 0, expected less than a window's 512");
  refuse("--passkey --passkey-lengths 59", "--passkey-lengths has 59, expected 60 to 512 bytes");
  put(folder / "short.txt", "a");
  refuse("--text " + (folder / "short.txt").string(), "size is 1 tokens, expected at least 2");
}

}  // namespace
}  // namespace hasse::flows
