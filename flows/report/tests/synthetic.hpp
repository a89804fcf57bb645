// SPDX-License-Identifier: Apache-2.0
// Realistic result files for the tests of the report.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace hasse::report::synthetic {

/// The lattice over `dimension` bits built by rotations of necklaces, read by 256 pseudo-random
/// TransRows.
nlohmann::json subtile(int dimension);
/// The manifest of a small banked design.
nlohmann::json manifest(const std::string& name);
/// verify.json with a sub-tile over `dimension` bits, an occupation window and a cycle breakdown.
nlohmann::json verify(int dimension = 7);
/// synth.json with areas by unit and by module.
nlohmann::json synth();

/// A directory of its own under the system's temporary directory, removed at the end.
class Directory {
 public:
  Directory();
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Writes `text` to a file below the directory.
  void put(const std::filesystem::path& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

/// Writes the manifest and all three results of a design named `name` into `where`/`name`.
std::filesystem::path write_design(const Directory& where, const std::string& name,
                                   int dimension = 7);

/// The whole of a file.
std::string slurp(const std::filesystem::path& file);

}  // namespace hasse::report::synthetic
