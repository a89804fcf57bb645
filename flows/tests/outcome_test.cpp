// SPDX-License-Identifier: Apache-2.0
// Tables, result files and progress.
#include "flows/outcome.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include "flows/progress.hpp"
#include "flows/tests/run.hpp"

namespace hasse::flows {
namespace {

TEST(Grouped, SeparatesThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(grouped(-123456), "-123,456");
}

TEST(FormatTable, AlignsTheSecondColumn) {
  EXPECT_EQ(format_table("title", {{"a", "1"}, {"long", "2"}}), "title\n  a     1\n  long  2\n");
}

TEST(WriteJson, ReplacesTheFileAndLeavesNothingElse) {
  const Folder folder;
  write_json(folder / "new/x.json", {{"a", 1}});
  write_json(folder / "new/x.json", {{"a", 2}});
  EXPECT_EQ(read(folder / "new/x.json"), "{\n  \"a\": 2\n}\n");
  EXPECT_THAT(files_below(folder.path()), testing::ElementsAre("new/x.json"));
}

TEST(WriteJson, NamesTheFileThatCannotBeWritten) {
  EXPECT_THROW(write_json("/proc/nowhere/x.json", {}), std::runtime_error);
}

TEST(StoreResult, KeepsItUnderTheVerb) {
  const Folder folder;
  store_result(folder.path(), "verify", {{"mismatches", 0}});
  EXPECT_EQ(read(folder / "results/verify.json"),
            "{\n  \"verify\": {\n    \"mismatches\": 0\n  }\n}\n");
}

TEST(Progress, SaysHowMuchIsDone) {
  EXPECT_EQ(progress_line("simulating", 0.423), "simulating  42 %");
  EXPECT_EQ(progress_line("simulating", 7), "simulating 100 %");
  EXPECT_EQ(progress_line("building", -1), "building ...");
}

TEST(Progress, IsSilentInAPipe) {
  const Folder folder;
  std::FILE* file = std::fopen((folder / "err").c_str(), "w");
  Progress(file).show("simulating", 0.5);
  std::fclose(file);
  EXPECT_EQ(read(folder / "err"), "");
}

TEST(Progress, RewritesOneLineOfATerminalAndWipesIt) {
  int controller = -1;
  int terminal = -1;
  ASSERT_EQ(openpty(&controller, &terminal, nullptr, nullptr, nullptr), 0);
  std::FILE* stream = fdopen(terminal, "w");
  {
    Progress progress(stream);
    progress.show("simulating", 0.5);
    progress.show("simulating", 0.51);
  }
  std::fclose(stream);
  // A terminal hands over what was written in pieces, as it likes; its end comes after all of them.
  std::string text;
  char piece[64];
  for (ssize_t length = 0; (length = ::read(controller, piece, sizeof piece)) > 0;)
    text.append(piece, static_cast<std::size_t>(length));
  close(controller);
  EXPECT_EQ(text, "\r\033[Ksimulating  50 %\r\033[K");
}

}  // namespace
}  // namespace hasse::flows
