// SPDX-License-Identifier: Apache-2.0
// Processes and files for the tests of the command.
#include "flows/tests/run.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace hasse::flows {

namespace fs = std::filesystem;

Ran hasse(const std::string& arguments, const std::string& environment) {
  const Folder folder;
  const int status =
      std::system(fmt::format("{} {} {} >{} 2>{} </dev/null", environment, HASSE_COMMAND, arguments,
                              (folder / "out").string(), (folder / "err").string())
                      .c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read(folder / "out"), read(folder / "err")};
}

Folder::Folder() {
  static int count = 0;
  path_ = fs::temp_directory_path() / fmt::format("hasse_flows_{}_{}", getpid(), count++);
  fs::create_directories(path_);
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void put(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

std::vector<std::string> files_below(const fs::path& directory) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) {
      files.push_back(fs::relative(entry.path(), directory).string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string example(const std::string& name) {
  return fmt::format("{}/flows/designs/{}.json", HASSE_SOURCE_DIR, name);
}

}  // namespace hasse::flows
