// SPDX-License-Identifier: Apache-2.0
// A file name of a test's own, so that tests may run side by side.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace hasse::tensor {

/// The path of a file that no other process uses; removed at the end of the test.
class ScratchFile {
 public:
  ScratchFile() : path_(testing::TempDir() + "hasse_golden_" + std::to_string(getpid())) {}
  ~ScratchFile() { std::filesystem::remove(path_); }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace hasse::tensor
