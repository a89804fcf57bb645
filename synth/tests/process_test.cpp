// SPDX-License-Identifier: Apache-2.0
// External tools: found, run, logged, and refused with the reason.
#include "synth/process/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "synth/error.hpp"
#include "synth/files.hpp"
#include "synth/tests/fixture.hpp"

namespace hasse::synth {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(Process, CapturesOutputAndExitCodeInTheLog) {
  const testing::TemporaryDirectory folder;
  const Outcome outcome =
      run_process({{"sh", "-c", "echo out; echo err >&2; exit 3"}, {}, folder.path() / "log"});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_EQ(read_file(folder.path() / "log"), "out\nerr\n");
}

TEST(Process, PassesArgumentsWithoutAShell) {
  EXPECT_EQ(run_captured({"printf", "%s|", "a b", "$HOME", "'"}), "a b|$HOME|'|");
}

TEST(Process, RunsInTheDirectoryAskedFor) {
  const testing::TemporaryDirectory folder;
  const std::string path = run_captured({"pwd"}, folder.path());
  EXPECT_EQ(path, std::filesystem::canonical(folder.path()).string() + "\n");
}

TEST(Process, ReportsASignalAsExitCode) {
  EXPECT_EQ(run_process({{"sh", "-c", "kill -9 $$"}, {}, {}}).exit_code, 128 + 9);
}

TEST(Process, NamesThePackageOfAMissingTool) {
  const std::string path = std::getenv("PATH");
  setenv("PATH", "/nowhere", 1);
  EXPECT_THAT([] { find_tool("sta"); },
              ThrowsMessage<ToolError>(AllOf(HasSubstr("sta: not found"), HasSubstr("opensta"))));
  EXPECT_THAT(
      [] {
        run_process({{"yosys"}, {}, {}});
      },
      ThrowsMessage<ToolError>(HasSubstr("apt-get install yosys")));
  setenv("PATH", path.c_str(), 1);
}

TEST(Process, ShowsTheEndOfTheLogOfAFailedTool) {
  const testing::TemporaryDirectory folder;
  const Command command{{"sh", "-c", "echo this went wrong; exit 1"}, {}, folder.path() / "log"};
  EXPECT_THAT([&] { run_checked(command); },
              ThrowsMessage<ToolError>(AllOf(HasSubstr("exit status 1"),
                                             HasSubstr("this went wrong"), HasSubstr("log"))));
}

TEST(Process, RunsManyAndReportsTheFirstFailure) {
  const testing::TemporaryDirectory folder;
  std::vector<Command> commands;
  for (const char* code : {"0", "0", "4", "5"}) {
    commands.push_back({{"sh", "-c", std::string("exit ") + code}, {}, folder.path() / code});
  }
  std::size_t finished = 0;
  EXPECT_THAT([&] { run_parallel(commands, 1, [&](std::size_t) { ++finished; }); },
              ThrowsMessage<ToolError>(HasSubstr("exit status 4")));
  EXPECT_EQ(finished, 2U);
  commands.resize(2);
  run_parallel(commands, 8);
}

}  // namespace
}  // namespace hasse::synth
