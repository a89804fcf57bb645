// SPDX-License-Identifier: Apache-2.0
#include "verif/harness/verilated_library.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <vector>

#include "verif/harness/model.hpp"
#include "verif/harness/tests/test_modules.hpp"

namespace hasse::harness {
namespace {

namespace fs = std::filesystem;

// A folder with one module whose text no run has used before, so that the shared cache does not
// know it.
class VerilatedLibraryTest : public testing::Test {
 protected:
  VerilatedLibraryTest() {
    std::string pattern = (fs::path(testing::TempDir()) / "hasse-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    write("assign y_o = !a_i;");
  }
  ~VerilatedLibraryTest() override {
    for (const fs::path& object : built_) fs::remove(object);
    fs::remove_all(folder_);
  }

  void write(const std::string& body) {
    std::ofstream(folder_ / "inverter.v")
        << "// " << folder_ << std::chrono::system_clock::now().time_since_epoch().count()
        << "\nmodule inverter (input logic a_i, output logic y_o);\n"
        << body << "\nendmodule\n";
  }
  VerilatedLibrary build() {
    const VerilatedLibrary library =
        VerilatedLibrary::build({folder_, {"inverter.v"}, "inverter", {}}, options_);
    const std::lock_guard lock(mutex_);
    built_.push_back(library.object);
    return library;
  }

  fs::path folder_;
  BuildOptions options_;

 private:
  std::mutex mutex_;
  std::vector<fs::path> built_;
};

TEST_F(VerilatedLibraryTest, BuildsOnceAndAgainWhenTheTextChanges) {
  EXPECT_FALSE(build().from_cache);
  EXPECT_TRUE(build().from_cache);
  write("assign y_o = a_i;");
  const VerilatedLibrary changed = build();
  EXPECT_FALSE(changed.from_cache);
  Model model(changed.object);
  model.set("a_i", 1);
  model.eval();
  EXPECT_EQ(model.get("y_o"), 1U);
}

TEST_F(VerilatedLibraryTest, ConcurrentBuildersAgree) {
  std::vector<std::future<fs::path>> builders;
  for (int i = 0; i < 3; ++i) {
    builders.push_back(std::async(std::launch::async, [this] { return build().object; }));
  }
  const fs::path expected = build().object;
  for (auto& builder : builders) EXPECT_EQ(builder.get(), expected);
  Model model(expected);
  model.eval();
  EXPECT_EQ(model.get("y_o"), 1U);
}

TEST_F(VerilatedLibraryTest, LintWarningsAreErrorsThatSayWhere) {
  write("logic forgotten;\nassign y_o = !a_i;");
  try {
    build();
    FAIL() << "a lint warning passed";
  } catch (const std::exception& error) {
    EXPECT_NE(std::string(error.what()).find("forgotten"), std::string::npos) << error.what();
  }
  options_.lint = false;
  EXPECT_NO_THROW(build());
}

TEST_F(VerilatedLibraryTest, NamesAMissingFile) {
  fs::remove(folder_ / "inverter.v");
  EXPECT_THROW(build(), std::runtime_error);
}

TEST(DefaultCache, FollowsTheEnvironment) {
  const char* before = std::getenv("HASSE_CACHE");
  const std::string kept = before == nullptr ? "" : before;
  setenv("HASSE_CACHE", "/somewhere", 1);
  EXPECT_EQ(default_cache(), "/somewhere");
  if (before == nullptr) {
    unsetenv("HASSE_CACHE");
  } else {
    setenv("HASSE_CACHE", kept.c_str(), 1);
  }
}

}  // namespace
}  // namespace hasse::harness
