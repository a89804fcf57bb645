// SPDX-License-Identifier: Apache-2.0
// How an output directory is written, replaced and protected.
#include "generator/emit/directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace hasse::emit {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

Bundle make_bundle(const std::string& digest, const std::string& rtl = "module a;\n") {
  Bundle bundle;
  bundle.digest = digest;
  bundle.files = {{"rtl/a.v", rtl},
                  {"manifest.json", R"({"generator": "0", "digest": ")" + digest + "\"}"}};
  return bundle;
}

std::string read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

void put(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

std::vector<std::string> entries(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

class DirectoryTest : public testing::Test {
 protected:
  DirectoryTest() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    root_ = fs::temp_directory_path() /
            ("hasse_" + std::string(test->name()) + std::to_string(getpid()));
    fs::create_directories(root_);
  }
  ~DirectoryTest() override { fs::remove_all(root_); }

  fs::path root_;
};

TEST_F(DirectoryTest, WritesNewDirectoriesWithTheirParents) {
  write(make_bundle("1"), root_ / "a" / "b/");
  EXPECT_EQ(read(root_ / "a" / "b" / "rtl" / "a.v"), "module a;\n");
  EXPECT_THAT(entries(root_ / "a"), UnorderedElementsAre("b"));
}

TEST_F(DirectoryTest, WritesIntoAnEmptyDirectory) {
  fs::create_directory(root_ / "out");
  write(make_bundle("1"), root_ / "out");
  EXPECT_THAT(entries(root_ / "out"), UnorderedElementsAre("rtl", "manifest.json"));
}

TEST_F(DirectoryTest, ReplacesAnEarlierOutput) {
  write(make_bundle("1"), root_ / "out");
  put(root_ / "out" / "rtl" / "stale.v", "");
  write(make_bundle("2", "module b;\n"), root_ / "out");
  EXPECT_THAT(entries(root_ / "out" / "rtl"), UnorderedElementsAre("a.v"));
  EXPECT_EQ(read(root_ / "out" / "rtl" / "a.v"), "module b;\n");
  EXPECT_THAT(entries(root_), UnorderedElementsAre("out"));
}

TEST_F(DirectoryTest, KeepsResultsOfUnchangedRtlOnly) {
  write(make_bundle("1"), root_ / "out");
  put(root_ / "out" / "results" / "verify.json", "{}");
  put(root_ / "out" / "synth" / "osu018" / "netlist.v", "module");
  write(make_bundle("1"), root_ / "out");
  EXPECT_TRUE(fs::exists(root_ / "out" / "results" / "verify.json"));
  EXPECT_TRUE(fs::exists(root_ / "out" / "synth" / "osu018" / "netlist.v"));
  write(make_bundle("2"), root_ / "out");
  EXPECT_FALSE(fs::exists(root_ / "out" / "results"));
  EXPECT_FALSE(fs::exists(root_ / "out" / "synth"));
}

TEST_F(DirectoryTest, KeepsFilesThatAreNotTheGenerators) {
  write(make_bundle("1"), root_ / "out");
  put(root_ / "out" / "report.html", "page");
  put(root_ / "out" / "mine" / "notes", "text");
  write(make_bundle("2"), root_ / "out");
  EXPECT_EQ(read(root_ / "out" / "report.html"), "page");
  EXPECT_EQ(read(root_ / "out" / "mine" / "notes"), "text");
}

TEST_F(DirectoryTest, LeavesOtherPeoplesDirectoriesAlone) {
  put(root_ / "home" / "thesis.tex", "years of work");
  EXPECT_THROW(write(make_bundle("1"), root_ / "home"), OutputError);
  put(root_ / "home" / "manifest.json", "{\"name\": \"somebody's\"}");
  EXPECT_THROW(write(make_bundle("1"), root_ / "home"), OutputError);
  put(root_ / "file", "");
  EXPECT_THROW(write(make_bundle("1"), root_ / "file"), OutputError);
  EXPECT_THAT(entries(root_ / "home"), UnorderedElementsAre("thesis.tex", "manifest.json"));
  EXPECT_THAT(entries(root_), UnorderedElementsAre("home", "file"));
}

TEST_F(DirectoryTest, LeavesTheOldOutputWhenTheNewOneCannotBeWritten) {
  write(make_bundle("1"), root_ / "out");
  Bundle broken = make_bundle("2");
  broken.files.push_back({"rtl/a.v/impossible", ""});
  EXPECT_THROW(write(broken, root_ / "out"), OutputError);
  EXPECT_EQ(read(root_ / "out" / "rtl" / "a.v"), "module a;\n");
  EXPECT_THAT(entries(root_), UnorderedElementsAre("out"));
}

TEST_F(DirectoryTest, FollowsALinkToTheOutput) {
  write(make_bundle("1"), root_ / "real");
  fs::create_directory_symlink(root_ / "real", root_ / "link");
  write(make_bundle("2", "module b;\n"), root_ / "link");
  EXPECT_TRUE(fs::is_symlink(root_ / "link"));
  EXPECT_EQ(read(root_ / "real" / "rtl" / "a.v"), "module b;\n");
}

TEST_F(DirectoryTest, NamesTheDirectoryThatCannotBeWritten) {
  try {
    write(make_bundle("1"), "/proc/hasse/out");
    FAIL() << "written";
  } catch (const OutputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("/proc/hasse/out: "));
  }
}

}  // namespace
}  // namespace hasse::emit
