// SPDX-License-Identifier: Apache-2.0
// Asks the installed tools who they are.
#include "verif/harness/toolchain.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include "golden/tensor/file.hpp"
#include "synth/process/process.hpp"
#include "verif/harness/errors.hpp"

namespace hasse::harness {
namespace {

namespace fs = std::filesystem;

std::string output_of(const Arguments& command, const fs::path& folder) {
  const fs::path log = folder / "output";
  synth::run_checked({command, {}, log});
  return tensor::read_file(log);
}

Toolchain ask(const fs::path& scratch) {
  const Workspace work(scratch);
  const std::string root = output_of({"verilator", "--getenv", "VERILATOR_ROOT"}, work.path());
  return {output_of({"verilator", "--version"}, work.path()) +
              output_of({"g++", "--version"}, work.path()),
          fs::path(root.substr(0, root.find_first_of("\r\n"))) / "include"};
}

}  // namespace

Arguments operator+(Arguments left, const Arguments& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

Workspace::Workspace(const fs::path& parent) {
  std::error_code ignored;
  fs::create_directories(parent, ignored);
  std::string pattern = (parent / "build-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) {
    throw HarnessError(fmt::format("{}: no folder can be made in here", parent.string()));
  }
  path_ = pattern;
}

Workspace::~Workspace() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

const Toolchain& Toolchain::installed(const fs::path& scratch) {
  static const Toolchain tools = ask(scratch);
  return tools;
}

}  // namespace hasse::harness
