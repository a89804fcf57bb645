// SPDX-License-Identifier: Apache-2.0
// Typed view of manifest.json, the one description of a generated directory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace hasse::synth {

/// Direction of a module port.
enum class PortDirection { input, output };

/// A Verilog parameter of a module with its default value.
struct ManifestParameter {
  std::string name;
  std::int64_t value = 0;
  std::string doc;
};

/// A port of a module; `width` is in bits for the parameters' default values.
struct ManifestPort {
  std::string name;
  PortDirection direction = PortDirection::input;
  int width = 1;
  bool is_signed = false;
  std::string doc;
};

/// A module instantiated `count` times under one instance name.
struct ManifestInstance {
  std::string name;
  std::string module;
  int count = 1;
};

/// One Verilog module and the unit its area belongs to.
struct ManifestModule {
  std::string name;
  /// Path relative to the generated directory.
  std::string file;
  std::string doc;
  /// Area bucket, such as "prefix_lanes"; see known_units().
  std::string unit;
  /// True for storage that a memory macro would replace.
  bool memory = false;
  std::vector<ManifestParameter> parameters;
  std::vector<ManifestPort> ports;
  std::vector<ManifestInstance> instances;
};

/// The contents of one generated directory.
struct Manifest {
  /// The generated directory itself.
  std::filesystem::path directory;
  std::string generator;
  std::string name;
  std::string top;
  /// The design description with every default filled in.
  nlohmann::json design;
  /// Numbers that follow from the design, such as "node_bits".
  nlohmann::json derived;
  /// Verilog files in compile order, relative to the directory.
  std::vector<std::string> files;
  /// xxh3-128 over names and bytes of all files, in hexadecimal.
  std::string digest;
  std::vector<ManifestModule> modules;
  /// Ports of the top: "native", or "axi" with registers.
  std::string interface = "native";
  /// Byte offset of every register by name; empty without any.
  std::map<std::string, int> registers;
  /// Lowest bits of their fields, by "register.field".
  std::map<std::string, int> register_fields;

  /// Reads `directory`/manifest.json. Throws ManifestError naming the file, the JSON pointer, the
  /// value and what was expected when the manifest is missing, malformed or names files that do not
  /// exist.
  static Manifest load(const std::filesystem::path& directory);

  /// The module of that name, or nullptr.
  const ManifestModule* find_module(std::string_view module_name) const;

  /// The top module (load() made sure that it exists).
  const ManifestModule& top_module() const;
};

/// The area buckets a module's "unit" may name.
const std::vector<std::string>& known_units();

}  // namespace hasse::synth
