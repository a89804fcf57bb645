// SPDX-License-Identifier: Apache-2.0
// The JSON a generated directory holds, read with errors that name the file and the JSON pointer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hasse::report {

/// Bad input of the report: the message names the file, the JSON pointer, the value and what was
/// expected.
class ReportError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A place in a JSON document that remembers where it is.
class Field {
 public:
  /// The root of `document`, read from `file`.
  Field(std::filesystem::path file, nlohmann::json document);

  /// The member `key`, if the object has it and it is not null. Throws ReportError when this is no
  /// object.
  std::optional<Field> find(std::string_view key) const;
  /// The member `key`; throws ReportError when it is missing.
  Field at(std::string_view key) const;
  /// The elements of an array; throws ReportError when this is none.
  std::vector<Field> elements() const;
  /// The members of an object in the order of their names; throws ReportError when this is none.
  std::vector<std::pair<std::string, Field>> members() const;

  /// Throws ReportError when the object has a member that is none of `known`.
  void expect_members(const std::vector<std::string_view>& known) const;

  /// The value as a finite number; throws ReportError otherwise.
  double number() const;
  /// The value as an integer in lowest..highest; throws ReportError otherwise.
  std::int64_t integer(std::int64_t lowest, std::int64_t highest) const;
  /// The value as a count: an integer from 0.
  std::int64_t count() const;
  /// The value as a non-negative number (an area, a time).
  double quantity() const;
  /// The value as a string; throws ReportError otherwise.
  std::string text() const;
  /// The value itself.
  const nlohmann::json& value() const { return *value_; }

  /// Throws ReportError: FILE: POINTER: found VALUE, expected `expected`.
  [[noreturn]] void fail(std::string_view expected) const;

 private:
  Field(std::shared_ptr<const nlohmann::json> document, const nlohmann::json& value,
        std::filesystem::path file, nlohmann::json::json_pointer pointer);
  Field child(const nlohmann::json& value, const nlohmann::json::json_pointer& pointer) const;

  std::shared_ptr<const nlohmann::json> document_;
  const nlohmann::json* value_;
  std::filesystem::path file_;
  nlohmann::json::json_pointer pointer_;
};

/// The object that the JSON file `path` holds. Throws ReportError naming the file when it cannot be
/// read or holds something else.
Field read_object(const std::filesystem::path& path);

/// `object.at(key).count()` or nothing when the object or the member is missing.
std::optional<std::int64_t> optional_count(const std::optional<Field>& object,
                                           std::string_view key);
/// `object.at(key).quantity()` or nothing when the object or the member is missing.
std::optional<double> optional_quantity(const std::optional<Field>& object, std::string_view key);
/// `object.at(key).text()` or `fallback` when the object or the member is missing.
std::string optional_text(const std::optional<Field>& object, std::string_view key,
                          std::string_view fallback = {});

/// Area of the library's two-input NAND, from the "kge" of synth.json; nothing when it is missing.
std::optional<double> nand2_area(const std::optional<Field>& synth);

/// What is known of one generated directory. Every part may be missing.
struct Documents {
  std::filesystem::path dir;
  std::optional<Field> manifest;  ///< DIR/manifest.json
  std::optional<Field> generate;  ///< DIR/results/generate.json
  std::optional<Field> verify;    ///< DIR/results/verify.json
  std::optional<Field> synth;     ///< DIR/results/synth.json
  std::optional<Field> power;     ///< DIR/results/power.json

  /// The design's name, or the directory's when there is no manifest.
  std::string name() const;
  /// The manifest's "design" object, if there is one.
  std::optional<Field> design() const;
  /// Whether it multiplies matrices: all but attention engines, which decode.
  bool multiplies() const;
};

/// Reads what `dir` holds. Throws ReportError when it is no directory, or a file in it is not the
/// JSON expected. A results file holds its object bare or under the key of its verb; both are read.
Documents load(const std::filesystem::path& dir);

}  // namespace hasse::report
