// SPDX-License-Identifier: Apache-2.0
// Replaces an output directory in one step.
#include "generator/emit/directory.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

namespace hasse::emit {
namespace {

namespace fs = std::filesystem;

/// What the generator puts into an output directory.
constexpr std::array<std::string_view, 7> owned = {"rtl",     "doc",        "include",      "waves",
                                                   "hasse.f", "hasse.core", "manifest.json"};
/// What later steps learn about the RTL, worthless when that changes.
constexpr std::array<std::string_view, 2> results = {"results", "synth"};

void write_file(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream stream(path, std::ios::binary);
  stream.write(text.data(), static_cast<std::streamsize>(text.size()));
  stream.close();
  if (!stream) {
    throw OutputError(fmt::format("{}: cannot be written", path.string()));
  }
}

/// The digest that the manifest of `directory` states; empty when there is no manifest of ours.
std::string stated_digest(const fs::path& directory) {
  std::ifstream stream(directory / "manifest.json");
  const nlohmann::json manifest = nlohmann::json::parse(stream, nullptr, false);
  const bool ours = manifest.is_object() && manifest.contains("digest") &&
                    manifest["digest"].is_string() && manifest.contains("generator");
  return ours ? manifest["digest"].get<std::string>() : "";
}

void check_replaceable(const fs::path& target) {
  if (!fs::exists(target)) {
    return;
  }
  if (!fs::is_directory(target)) {
    throw OutputError(fmt::format("{}: is a file; expected a directory", target.string()));
  }
  if (!fs::is_empty(target) && stated_digest(target).empty()) {
    throw OutputError(fmt::format(
        "{}: is not empty and holds no manifest.json of an earlier output; expected a new or empty "
        "directory, or one that hasse generate wrote",
        target.string()));
  }
}

/// A folder that is gone when this goes out of scope, however that happens.
class Scratch {
 public:
  explicit Scratch(fs::path path) : path_(std::move(path)) { fs::remove_all(path_); }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

bool survives(const std::string& name, bool same_rtl) {
  const auto is_in = [&](const auto& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  return is_in(results) ? same_rtl : !is_in(owned);
}

/// Moves what is to be kept of the old output into the new one, and removes the rest.
void retire(const fs::path& old, const fs::path& fresh, bool same_rtl) {
  std::vector<fs::path> kept;
  for (const auto& entry : fs::directory_iterator(old)) {
    if (survives(entry.path().filename().string(), same_rtl)) {
      kept.push_back(entry.path());
    }
  }
  for (const fs::path& path : kept) {
    fs::rename(path, fresh / path.filename());
  }
  fs::remove_all(old);
}

/// Puts `fresh` where the older output `target` is; if that fails, `target` is put back.
void replace(const fs::path& fresh, const fs::path& target, const fs::path& aside) {
  fs::rename(target, aside);
  std::error_code error;
  fs::rename(fresh, target, error);
  if (error) {
    fs::rename(aside, target);
    throw fs::filesystem_error("cannot be renamed", fresh, target, error);
  }
}

fs::path sibling(const fs::path& target, std::string_view purpose) {
  return target.parent_path() /
         fmt::format(".{}.{}-{}", target.filename().string(), purpose, getpid());
}

void write_unchecked(const Bundle& bundle, const fs::path& target) {
  check_replaceable(target);
  fs::create_directories(target.parent_path());
  const Scratch fresh(sibling(target, "new"));
  for (const File& file : bundle.files) {
    write_file(fresh.path() / file.path, file.text);
  }
  if (!fs::exists(target)) {
    fs::rename(fresh.path(), target);
    return;
  }
  const fs::path aside = sibling(target, "old");
  const bool same_rtl = stated_digest(target) == bundle.digest;
  replace(fresh.path(), target, aside);
  retire(aside, target, same_rtl);
}

}  // namespace

void write(const Bundle& bundle, const fs::path& target) {
  try {
    const fs::path absolute = fs::weakly_canonical(fs::absolute(target));
    write_unchecked(bundle, absolute.has_filename() ? absolute : absolute.parent_path());
  } catch (const fs::filesystem_error& error) {
    throw OutputError(fmt::format("{}: {}", target.string(), error.code().message()));
  }
}

}  // namespace hasse::emit
