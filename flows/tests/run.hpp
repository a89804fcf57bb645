// SPDX-License-Identifier: Apache-2.0
// Runs the hasse command as a user would.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace hasse::flows {

/// How a command ended.
struct Ran {
  int exit_code = -1;
  std::string out;
  std::string err;
};

/// Runs `hasse` with `arguments` (shell syntax), standard output and error in pipes or files;
/// `environment` is put in front, e.g. "PATH=/nowhere".
Ran hasse(const std::string& arguments, const std::string& environment = "");

/// A new folder for one test, removed with it.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  /// The path of `name` in the folder.
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The bytes of a file.
std::string read(const std::filesystem::path& path);

/// Writes a file, making its folder.
void put(const std::filesystem::path& path, const std::string& text);

/// Every file below `directory`, relative to it, sorted.
std::vector<std::string> files_below(const std::filesystem::path& directory);

/// The example design `name`.
std::string example(const std::string& name);

}  // namespace hasse::flows
