// SPDX-License-Identifier: Apache-2.0
// Tables and JSON files.
#include "flows/outcome.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace hasse::flows {

std::string format_table(const std::string& title, const Rows& rows) {
  std::size_t width = 0;
  for (const auto& [label, value] : rows) {
    width = std::max(width, label.size());
  }
  std::string text = title + "\n";
  for (const auto& [label, value] : rows) {
    text += fmt::format("  {:<{}}  {}\n", label, width, value);
  }
  return text;
}

std::string grouped(long long value) {
  std::string digits = fmt::format("{}", value);
  const std::ptrdiff_t first = value < 0 ? 1 : 0;
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > first; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return digits;
}

void write_json(const std::filesystem::path& path, const nlohmann::ordered_json& document) {
  std::error_code error;
  if (path.has_parent_path()) {
    std::filesystem::create_directories(path.parent_path(), error);
  }
  std::filesystem::path partial = path;
  partial += ".partial";
  std::ofstream stream(partial, std::ios::binary);
  stream << document.dump(2) << '\n';
  stream.close();
  if (stream) {
    std::filesystem::rename(partial, path, error);
  }
  if (!stream || error) {
    throw std::runtime_error(fmt::format("{}: cannot be written", path.string()));
  }
}

void store_result(const std::filesystem::path& dir, const std::string& verb,
                  const nlohmann::ordered_json& result) {
  write_json(dir / "results" / (verb + ".json"), {{verb, result}});
}

}  // namespace hasse::flows
