// SPDX-License-Identifier: Apache-2.0
// Inside of a Module: scopes, statements and blocks. Not for units.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "generator/hdl/module.hpp"
#include "generator/hdl/node.hpp"

namespace hasse::hdl::detail {

/// Bits of signals, in order of first mention.
class BitSet {
 public:
  void add(const Signal* signal, std::int64_t low, std::int64_t width);
  void merge(const BitSet& other);
  BitSet intersect(const BitSet& other) const;
  /// The first signal with a bit that `other` lacks, or null.
  const Signal* first_missing(const BitSet& other) const;

 private:
  bool has(const Signal* signal, std::size_t bit) const;
  std::vector<std::pair<const Signal*, std::vector<bool>>> entries_;
};

/// One driver: an assign, an always block or an instance output.
struct Process {
  ScopeData* scope = nullptr;
  Location where;
  int first_driver = 0;  ///< Driver numbers of its loop iterations start here.
  bool is_clocked = false;
  BitSet touched;  ///< Every bit some path may write.
};

struct BlockData;

struct BlockAssign {
  NodePtr target, value;
};
struct CommentItem {
  std::string text;
};
struct IfChain {
  std::vector<std::pair<NodePtr, std::unique_ptr<BlockData>>> branches;
  std::unique_ptr<BlockData> otherwise;
};
struct CaseTable {
  NodePtr selector;
  std::vector<std::pair<NodePtr, std::unique_ptr<BlockData>>> items;
  std::unique_ptr<BlockData> otherwise;
};
using BlockItem =
    std::variant<BlockAssign, CommentItem, std::unique_ptr<IfChain>, std::unique_ptr<CaseTable>>;

/// One begin/end block; `definite` are the bits every path through it has written.
struct BlockData {
  explicit BlockData(Process& p) : process(&p) {}
  Process* process;
  std::vector<BlockItem> items;
  BitSet definite;
};

struct DeclareItem {
  std::shared_ptr<Signal> signal;
};
struct AssignItem {
  NodePtr target, value;
};
struct SectionItem {
  std::string title;
};
struct AlwaysItem {
  NodePtr clock, reset_n;  ///< Both null: always_comb; reset_n null: no reset.
  std::unique_ptr<Process> process;
  std::unique_ptr<BlockData> reset, body;
};
struct InstanceItem {
  std::string name, module, comment;
  std::vector<std::pair<std::string, Width>> parameters;
  std::vector<std::pair<std::string, NodePtr>> ports;
};
struct GenerateItem {
  std::unique_ptr<ScopeData> body;
};
using ScopeItem = std::variant<DeclareItem, AssignItem, CommentItem, SectionItem, AlwaysItem,
                               InstanceItem, GenerateItem>;

/// The body of the module or of one generate loop.
struct ScopeData {
  ModuleData* module = nullptr;
  ScopeData* parent = nullptr;
  std::shared_ptr<Genvar> genvar;  ///< Null for the module's own body.
  std::string label;
  std::vector<ScopeItem> items;
  std::unordered_map<std::string, Location> names;   ///< Declared here, case folded.
  std::unordered_map<std::string, Location> nested;  ///< Declared in loops inside.

  bool encloses(const ScopeData* other) const;
  /// How often the body exists: the product of all loop counts.
  int repetition() const;
};

struct ConstantEntry {
  std::string name;
  Width value;
  std::string doc;
  bool is_overridable = false;
  Location where;
};

struct ModuleData {
  std::string name, doc, unit;
  Location where;
  bool is_memory = false;
  bool is_external = false;
  std::vector<std::shared_ptr<Signal>> ports;
  std::vector<std::shared_ptr<Signal>> signals;  ///< Ports, internals and constants, in order.
  std::vector<ConstantEntry> constants;
  std::unordered_map<std::string, std::size_t> constant_index;
  std::vector<Instance> instances;
  std::vector<std::pair<int, Location>> drivers;  ///< First driver number of each process.
  int next_driver = 1;
  ScopeData body;
};

/// Enters a name into a scope; throws on a clash with any name visible there or hidden by it.
void declare_name(ScopeData& scope, const std::string& name, const std::string& what,
                  const Location& where);
/// Checks that every parameter name in a width is declared, with this value.
void use_width(const ModuleData& module, const Width& width, const Location& where);
/// Marks all bits an expression reads; throws when a signal is not visible from `scope`.
void use_expression(ScopeData& scope, const Node& node, const Location& where);
/// Starts a driver in a scope.
Process open_process(ScopeData& scope, bool is_clocked, const Location& where);
/// Records that `process` writes `target`; throws when it is no target or a bit has another driver.
/// Bits written for certain are added to `definite`.
void drive(Process& process, const Node& target, BitSet* definite, const Location& where);
/// Shared by continuous and procedural assignment: resolves and checks the value for a target.
Expr checked_value(const Expr& target, const Operand& value);
/// Refuses bits that nobody drives or nobody reads.
void check_signals(const ModuleData& module);
/// Refuses parameters that the emitted text declares but never mentions again.
void check_parameters(const ModuleData& module, std::string_view text);

}  // namespace hasse::hdl::detail
