// SPDX-License-Identifier: Apache-2.0
#include "generator/hdl/tests/support.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "generator/hdl/error.hpp"

namespace hasse::hdl::testing {

void expect_error(const std::function<void()>& body, const std::vector<std::string>& fragments) {
  try {
    body();
  } catch (const HdlError& error) {
    const std::string message = error.what();
    for (const std::string& fragment : fragments) {
      EXPECT_NE(message.find(fragment), std::string::npos)
          << "no '" << fragment << "' in: " << message;
    }
    return;
  }
  ADD_FAILURE() << "no HdlError, expected one with '" << fragments.front() << "'";
}

void expect_golden(const std::string& name, const std::string& text) {
  const std::filesystem::path path =
      std::filesystem::path(HASSE_SOURCE_DIR) / "generator/hdl/tests/golden" / name;
  if (std::getenv("HASSE_UPDATE_GOLDEN") != nullptr) write_file(path, text);
  EXPECT_EQ(read_text(path), text)
      << "set HASSE_UPDATE_GOLDEN=1 to accept the new text of " << path;
}

bool has_tool(const std::string& program) {
  return run_tool("command -v " + program).status == 0;
}

ToolResult run_tool(const std::string& command) {
  ToolResult result;
  std::FILE* pipe = popen(("( " + command + " ) 2>&1").c_str(), "r");
  if (pipe == nullptr) return {-1, "popen failed"};
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    result.output.append(buffer, n);
  }
  const int status = pclose(pipe);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

std::filesystem::path scratch_directory() {
  const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
  std::string name = std::string(info->test_suite_name()) + "." + info->name();
  for (char& c : name) c = c == '/' ? '_' : c;
  const std::filesystem::path path =
      std::filesystem::path(::testing::TempDir()) / "hasse_hdl" / name;
  std::filesystem::remove_all(path);
  std::filesystem::create_directories(path);
  return path;
}

std::filesystem::path write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

std::string read_text(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace hasse::hdl::testing
