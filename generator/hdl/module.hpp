// SPDX-License-Identifier: Apache-2.0
// A Verilog module: parameters, ports, a body, and what other files want to know about it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "generator/hdl/scope.hpp"

namespace hasse::hdl {

namespace detail {
struct ModuleData;
}

enum class Direction { input, output };

/// "input" or "output".
const char* to_string(Direction direction);

/// One port, in declaration order.
struct Port {
  std::string name;
  Direction direction = Direction::input;
  Width width = 1;
  bool is_signed = false;
  std::string doc;
};

/// One overridable parameter.
struct Parameter {
  std::string name;
  int value = 0;
  std::string doc;
};

/// One instance statement; `count` includes the repetition of the generate loops around it.
struct Instance {
  std::string name;
  std::string module;
  int count = 1;
  std::string
      path{};  ///< Of the first one in the hierarchy below the module: "gen_lane[0].u_lane".
};

/// A module under construction or finished. Copies share the same content.
class Module : public Scope {
 public:
  /// `doc`: the first line is the purpose, further lines follow it in the header comment.
  Module(const std::string& name, const std::string& doc, Location where = Location::current());

  /// A hand-written module: only parameters and ports are described, nothing is emitted.
  static Module external(const std::string& name, const std::string& doc,
                         Location where = Location::current());

  Expr input(const std::string& name, const Width& width, const std::string& doc,
             Signed is_signed = Signed::no, Location where = Location::current());
  Expr output(const std::string& name, const Width& width, const std::string& doc,
              Signed is_signed = Signed::no, Location where = Location::current());
  /// `parameter int Name = value`, UpperCamel. May be overridden by an instance.
  Width parameter(const std::string& name, int value, const std::string& doc,
                  Location where = Location::current());
  /// `localparam int Name = value`, UpperCamel; the value may use earlier names.
  Width localparam(const std::string& name, const Width& value, const std::string& doc,
                   Location where = Location::current());

  /// The area bucket of the manifest, e.g. "prefix_lanes".
  void set_unit(const std::string& unit);
  /// Counted as memory, not as logic.
  void mark_memory();

  const std::string& name() const;
  const std::string& doc() const;
  const std::string& unit() const;
  bool is_memory() const;
  bool is_external() const;
  std::vector<Port> ports() const;
  std::vector<Parameter> parameters() const;
  std::vector<Instance> instances() const;

  /// Checks what only the whole module can tell: every output and every read bit is driven, every
  /// declared bit and parameter is used. Throws HdlError.
  void finish() const;

  /// The whole file: `header` lines as `//` comments on top, then the module. Makes the
  /// checks of finish().
  std::string to_string(const std::vector<std::string>& header = {}) const;

 private:
  explicit Module(std::shared_ptr<detail::ModuleData> data);
  friend class Scope;
  std::shared_ptr<detail::ModuleData> module_;
};

}  // namespace hasse::hdl
