// SPDX-License-Identifier: Apache-2.0
// Reading manifest.json and results/*.json.
#include "flows/report/documents.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>

namespace hasse::report {
namespace {

using nlohmann::json;

constexpr std::int64_t kLargestExact = std::int64_t{1} << 53;

/// The value in one short line, for an error message.
std::string excerpt(const json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

std::optional<Field> read(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return std::nullopt;
  return read_object(file);
}

std::optional<Field> read_result(const std::filesystem::path& dir, const std::string& verb) {
  std::optional<Field> root = read(dir / "results" / (verb + ".json"));
  if (!root) return root;
  std::optional<Field> inner = root->find(verb);
  if (!inner) return root;
  if (!inner->value().is_object()) inner->fail("an object");
  return inner;
}

}  // namespace

Field::Field(std::filesystem::path file, json document)
    : document_(std::make_shared<const json>(std::move(document))),
      value_(document_.get()),
      file_(std::move(file)) {}

Field::Field(std::shared_ptr<const json> document, const json& value, std::filesystem::path file,
             json::json_pointer pointer)
    : document_(std::move(document)),
      value_(&value),
      file_(std::move(file)),
      pointer_(std::move(pointer)) {}

Field Field::child(const json& value, const json::json_pointer& pointer) const {
  return Field(document_, value, file_, pointer);
}

std::optional<Field> Field::find(std::string_view key) const {
  if (!value_->is_object()) fail("an object");
  const auto member = value_->find(std::string(key));
  if (member == value_->end() || member->is_null()) return std::nullopt;
  return child(*member, pointer_ / std::string(key));
}

Field Field::at(std::string_view key) const {
  if (std::optional<Field> member = find(key)) return *std::move(member);
  const json::json_pointer missing = pointer_ / std::string(key);
  throw ReportError(fmt::format("{}: {}: missing", file_.string(), missing.to_string()));
}

std::vector<Field> Field::elements() const {
  if (!value_->is_array()) fail("an array");
  std::vector<Field> out;
  out.reserve(value_->size());
  for (const json& element : *value_) out.push_back(child(element, pointer_ / out.size()));
  return out;
}

std::vector<std::pair<std::string, Field>> Field::members() const {
  if (!value_->is_object()) fail("an object");
  std::vector<std::pair<std::string, Field>> out;
  for (const auto& [key, value] : value_->items()) {
    out.emplace_back(key, child(value, pointer_ / key));
  }
  return out;
}

void Field::expect_members(const std::vector<std::string_view>& known) const {
  for (const auto& [key, value] : members())
    if (std::find(known.begin(), known.end(), key) == known.end())
      value.fail(fmt::format("no member but {}", fmt::join(known, ", ")));
}

double Field::number() const {
  if (!value_->is_number() || !std::isfinite(value_->get<double>())) fail("a number");
  return value_->get<double>();
}

std::int64_t Field::integer(std::int64_t lowest, std::int64_t highest) const {
  const std::string expected = fmt::format("an integer from {} to {}", lowest, highest);
  if (!value_->is_number_integer()) fail(expected);
  if (value_->is_number_unsigned() &&
      value_->get<std::uint64_t>() > static_cast<std::uint64_t>(kLargestExact)) {
    fail(expected);
  }
  const auto value = value_->get<std::int64_t>();
  if (value < lowest || value > highest) fail(expected);
  return value;
}

std::int64_t Field::count() const {
  return integer(0, kLargestExact);
}

double Field::quantity() const {
  const double value = number();
  if (value < 0.0) fail("a number from 0");
  return value;
}

std::string Field::text() const {
  if (!value_->is_string()) fail("a string");
  return value_->get<std::string>();
}

void Field::fail(std::string_view expected) const {
  const std::string pointer = pointer_.empty() ? "/" : pointer_.to_string();
  throw ReportError(fmt::format("{}: {}: found {}, expected {}", file_.string(), pointer,
                                excerpt(*value_), expected));
}

Field read_object(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw ReportError(fmt::format("{}: cannot be read", path.string()));
  try {
    Field root(path, json::parse(in));
    if (!root.value().is_object()) root.fail("an object");
    return root;
  } catch (const json::parse_error& error) {
    throw ReportError(fmt::format("{}: not JSON: {}", path.string(), error.what()));
  }
}

std::optional<std::int64_t> optional_count(const std::optional<Field>& object,
                                           std::string_view key) {
  const auto member = object ? object->find(key) : std::nullopt;
  return member ? std::optional(member->count()) : std::nullopt;
}

std::optional<double> optional_quantity(const std::optional<Field>& object, std::string_view key) {
  const auto member = object ? object->find(key) : std::nullopt;
  return member ? std::optional(member->quantity()) : std::nullopt;
}

std::optional<double> nand2_area(const std::optional<Field>& synth) {
  const auto kge = optional_quantity(synth, "kge");
  const auto logic = optional_quantity(synth, "area_logic_um2");
  if (!kge || !logic || *kge <= 0) return std::nullopt;
  return *logic / *kge / 1000;
}

std::string optional_text(const std::optional<Field>& object, std::string_view key,
                          std::string_view fallback) {
  const auto member = object ? object->find(key) : std::nullopt;
  return member ? member->text() : std::string(fallback);
}

std::string Documents::name() const {
  const std::filesystem::path clean = (dir / "").lexically_normal().parent_path();
  return optional_text(manifest, "name", clean.filename().string());
}

std::optional<Field> Documents::design() const {
  return manifest ? manifest->find("design") : std::nullopt;
}

bool Documents::multiplies() const {
  const std::optional<Field> object = design();
  return !object || !object->find("attention");
}

Documents load(const std::filesystem::path& dir) {
  if (!std::filesystem::is_directory(dir)) {
    throw ReportError(
        fmt::format("{}: not a directory; `hasse generate DESIGN.json -o {}` makes it",
                    dir.string(), dir.string()));
  }
  return Documents{dir,
                   read(dir / "manifest.json"),
                   read_result(dir, "generate"),
                   read_result(dir, "verify"),
                   read_result(dir, "synth"),
                   read_result(dir, "power")};
}

}  // namespace hasse::report
