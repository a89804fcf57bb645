// SPDX-License-Identifier: Apache-2.0
// hasse gates as its user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "flows/tests/run.hpp"

namespace hasse::flows {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kQuick = "gates --steps 3 --samples 1 --windows 1 --draws 1 --json - -o ";

TEST(Gates, WritesWhatAttendReads) {
  const Folder folder;
  const std::string first = (folder / "a.tsv").string(), again = (folder / "b.tsv").string();
  const Ran ran = hasse(kQuick + first);
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.err, IsEmpty());
  const json result = json::parse(ran.out)["gates"];
  EXPECT_EQ(result["losses"].size(), 3U);
  ASSERT_EQ(result["choices"].size(), 4U);
  EXPECT_EQ(result["choices"][0]["distillation"], 0) << "dense is what is to be met";
  EXPECT_GT(result["choices"][2]["distillation"], 0);
  ASSERT_EQ(hasse(kQuick + again).exit_code, 0);
  EXPECT_EQ(read(first), read(again)) << "the same seed";

  const Ran attend = hasse("attend --windows 1 --json - --policy " + (folder / "a.json").string());
  ASSERT_EQ(attend.exit_code, 0) << attend.err;
  EXPECT_EQ(json::parse(attend.out)["attend"]["bits_per_byte"],
            result["choices"][1]["bits_per_byte"]);
}

TEST(Gates, RefusesWhatItCannotUse) {
  const Folder folder;
  const std::string out = " -o " + (folder / "g.tsv").string();
  put(folder / "short.txt", "short");
  const auto refuse = [&](const std::string& arguments, const std::string& words) {
    const Ran ran = hasse("gates " + arguments);
    EXPECT_EQ(ran.exit_code, 2) << arguments;
    EXPECT_THAT(ran.err, HasSubstr(words)) << arguments;
    EXPECT_THAT(ran.out, IsEmpty()) << arguments;
  };
  refuse("--text /nowhere.txt" + out, "/nowhere.txt: path is missing");
  refuse("--text " + (folder / "short.txt").string() + out,
         "size is 5 bytes, expected at least one window of 512");
  refuse("--shortest 59" + out, "--shortest is 59, expected 60 to 512 bytes");
  refuse("--shortest 513" + out, "--shortest is 513, expected 60 to 512 bytes");
  refuse("-o gates.json", "gates.json: expected a name ending in .tsv");
  refuse("--steps 0" + out, "--steps");
}

}  // namespace
}  // namespace hasse::flows
