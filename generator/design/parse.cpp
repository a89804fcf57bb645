// SPDX-License-Identifier: Apache-2.0
// From JSON text to a design, or to the list of everything that is wrong with the text.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <type_traits>

#include "generator/design/combinations.hpp"
#include "generator/design/defaults.hpp"
#include "generator/design/fields.hpp"
#include "generator/design/nearest.hpp"

namespace hasse::design {
namespace {

using Json = nlohmann::json;

constexpr std::size_t max_value_text = 60;
constexpr std::size_t max_file_bytes = 1 << 20;

/// A value as a message quotes it.
std::string quote(const Json& value) {
  if (value.is_object()) {
    return "an object";
  }
  if (value.is_array()) {
    return "an array";
  }
  const std::string text = value.dump();
  return text.size() <= max_value_text ? text : text.substr(0, max_value_text) + "...";
}

std::string pointer_to(const std::string& key) {
  return (Json::json_pointer() / key).to_string();
}

/// Collects the problems of one document while its fields are read.
class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  Design read(std::string_view text) {
    const Json document = parse_json(text);
    if (!document.is_object()) {
      throw DesignError(file_, {{"", quote(document), "expected an object of design fields"}});
    }
    design_ = defaults(engine_of(document));
    for (const auto& [key, value] : document.items()) {
      read_field(key, value);
    }
    for (Problem& problem : check_combinations(design_, bad_fields_)) {
      problems_.push_back(std::move(problem));
    }
    if (!problems_.empty()) {
      throw DesignError(file_, problems_);
    }
    return design_;
  }

 private:
  /// Parses, noting keys that occur twice in an object of fields.
  Json parse_json(std::string_view text) {
    std::set<std::string> seen;
    std::string field;
    const auto note_key = [&](int depth, Json::parse_event_t event, Json& parsed) {
      if (event != Json::parse_event_t::key || depth > 2) return true;
      const std::string pointer = pointer_to(parsed.get<std::string>());
      if (depth == 1) field = pointer;
      if (depth == 1 || field == pointer_to(std::string(attention_key)))
        note(seen, depth == 1 ? pointer : field + pointer);
      return true;
    };
    try {
      return Json::parse(text, note_key);
    } catch (const Json::exception& error) {
      throw DesignError(file_, {{"", "", invalid_json(error.what())}});
    }
  }

  /// The engine that the document names, if that is one: what else is left out depends on it.
  static std::string engine_of(const Json& document) {
    const auto named = document.find("engine");
    const auto field = std::find_if(fields().begin(), fields().end(),
                                    [](const Field& f) { return f.name == "engine"; });
    const bool known = named != document.end() && refusal(field->allowed, *named).empty();
    return known ? named->get<std::string>() : kDefaultEngine;
  }

  void refuse(const std::string& pointer, const std::string& value, const std::string& reason) {
    problems_.push_back({pointer, value, reason});
    bad_fields_.push_back(pointer.substr(1));
  }

  void note(std::set<std::string>& seen, const std::string& pointer) {
    if (!seen.insert(pointer).second) {
      refuse(pointer, "stated twice", "expected each field at most once");
    }
  }

  /// The library's message without its error number.
  static std::string invalid_json(const std::string& message) {
    const std::size_t bracket = message.find("] ");
    return "invalid JSON: " +
           (bracket == std::string::npos ? message : message.substr(bracket + 2));
  }

  void read_field(const std::string& key, const Json& value) {
    if (key == schema_key)
      read_schema_key(value);
    else if (key == attention_key)
      read_attention(value);
    else
      read_member("", fields(), key, value, design_);
  }

  /// Reads the field `key` of `owner`, an object at `path`.
  template <class Owner>
  void read_member(const std::string& path, const std::vector<FieldOf<Owner>>& known,
                   const std::string& key, const Json& value, Owner& owner) {
    const auto field = std::find_if(known.begin(), known.end(),
                                    [&](const FieldOf<Owner>& f) { return f.name == key; });
    if (field == known.end()) {
      problems_.push_back({path + pointer_to(key), quote(value), unknown_field(known, key)});
    } else if (const std::string reason = refusal(field->allowed, value); !reason.empty()) {
      refuse(path + pointer_to(key), quote(value), reason);
    } else {
      std::visit([&](auto member) { value.get_to(owner.*member); }, field->member);
    }
  }

  void read_attention(const Json& value) {
    const std::string path = pointer_to(std::string(attention_key));
    if (!value.is_object()) {
      refuse(path, quote(value), "expected an object of an attention engine's fields");
      return;
    }
    design_.attention.emplace();
    for (const auto& [key, member] : value.items())
      read_member(path, attention_fields(), key, member, *design_.attention);
  }

  void read_schema_key(const Json& value) {
    if (!value.is_string()) {
      problems_.push_back({pointer_to(std::string(schema_key)), quote(value),
                           "expected a string, the place of the schema"});
    }
  }

  template <class Owner>
  static std::string unknown_field(const std::vector<FieldOf<Owner>>& known,
                                   const std::string& key) {
    std::vector<std::string> names;
    for (const FieldOf<Owner>& field : known) {
      names.push_back(field.name);
    }
    if constexpr (std::is_same_v<Owner, Design>) {
      names.emplace_back(attention_key);
    }
    const std::string guess = nearest(key, names);
    return guess.empty() ? fmt::format("unknown field; the fields are {}", fmt::join(names, ", "))
                         : fmt::format("unknown field; did you mean \"{}\"?", guess);
  }

  std::string file_;
  Design design_;
  std::vector<Problem> problems_;
  std::vector<std::string> bad_fields_;  ///< By their pointers, without the first slash.
};

std::string read_text(const std::filesystem::path& path) {
  const std::string file = path.string();
  if (std::filesystem::is_directory(path)) {
    throw DesignError(file, {{"", "", "is a folder; expected a design's JSON file"}});
  }
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    throw DesignError(file, {{"", "", "cannot be read; expected a design's JSON file"}});
  }
  std::string text(max_file_bytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > max_file_bytes) {
    throw DesignError(file, {{"", "", "is larger than 1 MiB; expected a design's JSON file"}});
  }
  return text;
}

}  // namespace

Design parse(std::string_view text, const std::string& file) {
  return Reader(file).read(text);
}

Design load(const std::filesystem::path& path) {
  return parse(read_text(path), path.string());
}

}  // namespace hasse::design
