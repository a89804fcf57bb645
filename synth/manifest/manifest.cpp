// SPDX-License-Identifier: Apache-2.0
// manifest.json into types, refusing anything that does not fit.
#include "synth/manifest/manifest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <utility>

#include "synth/error.hpp"

namespace hasse::synth {
namespace {

using nlohmann::json;

constexpr int kFormat = 1;

/// One value of the manifest together with where it stands.
class Field {
 public:
  Field(const json& value, std::string file, std::string pointer)
      : value_(value), file_(std::move(file)), pointer_(std::move(pointer)) {}

  [[noreturn]] void refuse(std::string_view expected) const {
    constexpr std::size_t kShown = 60;
    std::string shown = value_.dump();
    if (shown.size() > kShown) {
      shown = shown.substr(0, kShown) + "...";
    }
    throw ManifestError(fmt::format("{}: {}: {} is not {}", file_,
                                    pointer_.empty() ? "(whole document)" : pointer_, shown,
                                    expected));
  }

  Field at(const std::string& key) const {
    if (!value_.is_object()) {
      refuse("an object");
    }
    const auto found = value_.find(key);
    if (found == value_.end()) {
      throw ManifestError(fmt::format("{}: {}/{}: is missing", file_, pointer_, key));
    }
    return {*found, file_, pointer_ + "/" + key};
  }

  std::vector<Field> elements() const {
    if (!value_.is_array()) {
      refuse("an array");
    }
    std::vector<Field> result;
    for (std::size_t i = 0; i < value_.size(); ++i) {
      result.emplace_back(value_[i], file_, fmt::format("{}/{}", pointer_, i));
    }
    return result;
  }

  std::string text() const {
    if (!value_.is_string()) {
      refuse("a string");
    }
    return value_.get<std::string>();
  }

  std::string name() const {
    const std::string result = text();
    if (result.empty()) {
      refuse("a name");
    }
    return result;
  }

  std::int64_t integer(std::int64_t lowest, std::int64_t highest) const {
    const bool fits = value_.is_number_integer() && value_.get<std::int64_t>() >= lowest &&
                      value_.get<std::int64_t>() <= highest;
    if (!fits) {
      refuse(fmt::format("an integer in {}..{}", lowest, highest));
    }
    return value_.get<std::int64_t>();
  }

  bool boolean() const {
    if (!value_.is_boolean()) {
      refuse("true or false");
    }
    return value_.get<bool>();
  }

  const json& object() const {
    if (!value_.is_object()) {
      refuse("an object");
    }
    return value_;
  }

 private:
  const json& value_;
  std::string file_;
  std::string pointer_;
};

constexpr std::int64_t kWidest = 1 << 24;

ManifestParameter read_parameter(const Field& field) {
  return {field.at("name").name(), field.at("value").integer(INT64_MIN, INT64_MAX),
          field.at("doc").text()};
}

ManifestPort read_port(const Field& field) {
  const Field direction = field.at("direction");
  const std::string word = direction.text();
  if (word != "input" && word != "output") {
    direction.refuse("\"input\" or \"output\"");
  }
  return {field.at("name").name(), word == "input" ? PortDirection::input : PortDirection::output,
          static_cast<int>(field.at("width").integer(1, kWidest)), field.at("signed").boolean(),
          field.at("doc").text()};
}

ManifestInstance read_instance(const Field& field) {
  return {field.at("name").name(), field.at("module").name(),
          static_cast<int>(field.at("count").integer(1, kWidest))};
}

std::string read_unit(const Field& field) {
  const std::string unit = field.text();
  const std::vector<std::string>& known = known_units();
  if (std::find(known.begin(), known.end(), unit) == known.end()) {
    field.refuse(fmt::format("one of {}", fmt::join(known, ", ")));
  }
  return unit;
}

ManifestModule read_module(const Field& field) {
  ManifestModule result;
  result.name = field.at("name").name();
  result.file = field.at("file").name();
  result.doc = field.at("doc").text();
  result.unit = read_unit(field.at("unit"));
  result.memory = field.at("memory").boolean();
  for (const Field& element : field.at("parameters").elements()) {
    result.parameters.push_back(read_parameter(element));
  }
  for (const Field& element : field.at("ports").elements()) {
    result.ports.push_back(read_port(element));
  }
  for (const Field& element : field.at("instances").elements()) {
    result.instances.push_back(read_instance(element));
  }
  return result;
}

std::string read_file_name(const Field& field, const std::filesystem::path& directory) {
  const std::string name = field.name();
  const std::filesystem::path path(name);
  const bool climbs =
      std::any_of(path.begin(), path.end(), [](const auto& p) { return p == ".."; });
  if (path.is_absolute() || climbs || name.find_first_of(" \t\n\"'\\;") != std::string::npos) {
    field.refuse("a path below the generated directory without blanks or quotes");
  }
  if (!std::filesystem::is_regular_file(directory / path)) {
    field.refuse(fmt::format("a file in {}", directory.string()));
  }
  return name;
}

json parse(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) {
    throw ManifestError(
        fmt::format("{}: cannot be opened; expected the manifest that "
                    "`hasse generate` writes",
                    file.string()));
  }
  try {
    return json::parse(stream);
  } catch (const json::parse_error& error) {
    throw ManifestError(fmt::format("{}: not valid JSON: {}", file.string(), error.what()));
  }
}

/// The kind of the top's ports, and its registers: stated only when they are not the native ones.
void read_interface(const json& document, const Field& root, Manifest& result) {
  if (!document.contains("interface")) {
    return;
  }
  const Field interface = root.at("interface");
  result.interface = interface.text();
  if (result.interface != "native" && result.interface != "axi") {
    interface.refuse("\"native\" or \"axi\"");
  }
  if (!document.contains("registers")) {
    return;
  }
  for (const Field& element : root.at("registers").elements()) {
    const auto offset = static_cast<int>(element.at("offset").integer(0, 1 << 16));
    const std::string name = element.at("name").name();
    result.registers[name] = offset;
    for (const Field& field : element.at("fields").elements())
      result.register_fields[name + "." + field.at("name").name()] =
          static_cast<int>(field.at("low").integer(0, 31));
  }
}

void check_module_names(const Manifest& manifest, const Field& modules, const Field& top) {
  std::set<std::string> names;
  const std::vector<Field> fields = modules.elements();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!names.insert(manifest.modules[i].name).second) {
      fields[i].at("name").refuse("unique: another module has the same name");
    }
  }
  if (!names.contains(manifest.top)) {
    top.refuse("the name of one of the modules");
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    for (const Field& instance : fields[i].at("instances").elements()) {
      const Field module = instance.at("module");
      if (!names.contains(module.text())) {
        module.refuse("the name of one of the modules");
      }
    }
  }
}

}  // namespace

const std::vector<std::string>& known_units() {
  static const std::vector<std::string> units{"planner",
                                              "prefix_lanes",
                                              "prefix_banks",
                                              "crossbar",
                                              "accumulate_lanes",
                                              "reorder",
                                              "operands",
                                              "look_ahead",
                                              "drain",
                                              "scaler",
                                              "control",
                                              "memory",
                                              "decoders",
                                              "encoders",
                                              "borders",
                                              "processing_elements",
                                              "attention_control",
                                              "kv_scalers",
                                              "page_scorer",
                                              "pages",
                                              "selector",
                                              "softmax"};
  return units;
}

Manifest Manifest::load(const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / "manifest.json";
  const json document = parse(file);
  const Field root(document, file.string(), "");
  root.at("format").integer(kFormat, kFormat);
  Manifest result;
  result.directory = directory;
  result.generator = root.at("generator").text();
  result.name = root.at("name").text();
  result.top = root.at("top").name();
  result.design = root.at("design").object();
  result.derived = root.at("derived").object();
  for (const Field& element : root.at("files").elements()) {
    result.files.push_back(read_file_name(element, directory));
  }
  result.digest = root.at("digest").text();
  for (const Field& element : root.at("modules").elements()) {
    result.modules.push_back(read_module(element));
  }
  read_interface(document, root, result);
  check_module_names(result, root.at("modules"), root.at("top"));
  return result;
}

const ManifestModule* Manifest::find_module(std::string_view module_name) const {
  const auto found = std::find_if(modules.begin(), modules.end(),
                                  [&](const auto& module) { return module.name == module_name; });
  return found == modules.end() ? nullptr : &*found;
}

const ManifestModule& Manifest::top_module() const {
  return *find_module(top);
}

}  // namespace hasse::synth
