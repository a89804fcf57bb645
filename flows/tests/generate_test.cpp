// SPDX-License-Identifier: Apache-2.0
// hasse generate: what it writes, and what it leaves alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "flows/tests/run.hpp"

namespace hasse::flows {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

std::string generate(const std::string& design, const fs::path& directory,
                     const std::string& more = "") {
  return "generate " + design + " -o " + directory.string() + " " + more;
}

TEST(Generate, WritesACompleteDirectoryQuietly) {
  const Folder folder;
  const Ran ran = hasse(generate(example("default"), folder / "out"));
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_THAT(ran.err, IsEmpty());
  EXPECT_THAT(ran.out, AllOf(HasSubstr("modules"), HasSubstr("lines of Verilog")));
  EXPECT_THAT(files_below(folder / "out"),
              AllOf(Contains("manifest.json"), Contains("hasse.f"), Contains("hasse.core"),
                    Contains("doc/index.md"), Contains("rtl/transitive_gemm.v")));
}

TEST(Generate, ListsExactlyTheFilesItWrote) {
  const Folder folder;
  ASSERT_EQ(hasse(generate(example("tiny"), folder / "out")).exit_code, 0);
  const json manifest = json::parse(read(folder / "out/manifest.json"));
  std::vector<std::string> listed = manifest["files"];
  std::string file_list;
  for (const std::string& file : listed) {
    file_list += file + "\n";
  }
  EXPECT_EQ(read(folder / "out/hasse.f"), file_list);
  std::sort(listed.begin(), listed.end());
  std::vector<std::string> written;
  for (const std::string& file : files_below(folder / "out/rtl")) {
    written.push_back("rtl/" + file);
  }
  EXPECT_EQ(listed, written);
}

TEST(Generate, IsTheSameByteForByte) {
  const Folder folder;
  for (const std::string name : {"default", "tiny", "tall", "attention"}) {
    ASSERT_EQ(hasse(generate(example(name), folder / "a")).exit_code, 0);
    ASSERT_EQ(hasse(generate(example(name), folder / "elsewhere/b")).exit_code, 0);
    const std::vector<std::string> files = files_below(folder / "a");
    EXPECT_EQ(files, files_below(folder / "elsewhere/b"));
    for (const std::string& file : files) {
      EXPECT_EQ(read(folder.path() / "a" / file), read(folder.path() / "elsewhere/b" / file))
          << file;
    }
  }
}

TEST(Generate, WritesJsonToStandardOutputAlone) {
  const Folder folder;
  const Ran ran = hasse(generate(example("default"), folder / "out", "--json -"));
  EXPECT_THAT(ran.err, IsEmpty());
  const json result = json::parse(ran.out)["generate"];
  EXPECT_GT(result["modules"], 5);
  EXPECT_GT(result["lines"], 500);
  EXPECT_GT(result["milliseconds"], 0);
}

TEST(Generate, WritesJsonToAFileInANewFolder) {
  const Folder folder;
  const std::string file = (folder / "new/result.json").string();
  ASSERT_EQ(hasse(generate(example("tiny"), folder / "out", "--json " + file)).exit_code, 0);
  EXPECT_TRUE(json::parse(read(file))["generate"].contains("milliseconds"));
}

TEST(Generate, NamesEveryProblemAndWritesNothing) {
  const Folder folder;
  put(folder / "bad.json", R"({"tile_bits": 11, "lanse": 4, "rows": "many"})");
  const std::string file = (folder / "bad.json").string();
  const std::string result = (folder / "result.json").string();
  const Ran ran = hasse(generate(file, folder / "out", "--json " + result));
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(
      ran.err,
      AllOf(HasSubstr(file + ": /tile_bits: 11: expected an integer from 2 to 10\n"),
            HasSubstr("did you mean \"lanes\"?\n"), HasSubstr("/rows: \"many\": expected")));
  EXPECT_THAT(ran.out, IsEmpty());
  EXPECT_THAT(files_below(folder.path()), testing::ElementsAre("bad.json"));
}

TEST(Generate, LeavesTheExistingOutputWhenTheDesignIsBad) {
  const Folder folder;
  ASSERT_EQ(hasse(generate(example("tiny"), folder / "out")).exit_code, 0);
  const std::string before = read(folder / "out/manifest.json");
  put(folder / "bad.json", "{");
  EXPECT_EQ(hasse(generate((folder / "bad.json").string(), folder / "out")).exit_code, 2);
  EXPECT_EQ(read(folder / "out/manifest.json"), before);
}

TEST(Generate, LeavesOtherPeoplesFoldersAlone) {
  const Folder folder;
  put(folder / "home/thesis.tex", "years of work");
  const Ran ran = hasse(generate(example("tiny"), folder / "home"));
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, HasSubstr("is not empty"));
  EXPECT_THAT(files_below(folder.path()), testing::ElementsAre("home/thesis.tex"));
}

TEST(Generate, ForgetsResultsOfOtherRtl) {
  const Folder folder;
  const fs::path result = folder / "out/results/verify.json";
  ASSERT_EQ(hasse(generate(example("tiny"), folder / "out")).exit_code, 0);
  put(result, "{}");
  ASSERT_EQ(hasse(generate(example("tiny"), folder / "out")).exit_code, 0);
  EXPECT_TRUE(fs::exists(result));
  ASSERT_EQ(hasse(generate(example("decode"), folder / "out")).exit_code, 0);
  EXPECT_FALSE(fs::exists(result));
}

TEST(Generate, NamesAFileThatIsNotThere) {
  const Folder folder;
  const Ran ran = hasse(generate("/nowhere/design.json", folder / "out"));
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, HasSubstr("/nowhere/design.json: "));
  EXPECT_FALSE(fs::exists(folder / "out"));
}

}  // namespace
}  // namespace hasse::flows
