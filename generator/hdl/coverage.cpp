// SPDX-License-Identifier: Apache-2.0
// Who drives and who reads each bit of each signal, and which parameters the text mentions.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "generator/hdl/structure.hpp"

namespace hasse::hdl::detail {

namespace {

bool is_exempt(const Signal& signal) {
  return signal.name.find("unused") != std::string::npos;
}

/// Lowest bit of a constant selection, or of a lane in the first iteration of every loop.
std::int64_t first_low(const Node& node) {
  if (node.kind == Kind::range) return node.number.value();
  if (node.kind == Kind::part) return node.linear->constant;
  return 0;
}

bool is_dynamic(const Node& node) {
  return node.kind == Kind::index || node.kind == Kind::dynamic_part;
}

void require_visible(const ScopeData& scope, const Signal& signal, const Location& where) {
  if (signal.scope->encloses(&scope)) return;
  const bool is_foreign = signal.scope->module != scope.module;
  throw HdlError(fmt::format("'{}' {}, declared at {}", signal.name,
                             is_foreign ? "belongs to module '" + signal.scope->module->name + "'"
                                        : "is not visible outside its generate loop",
                             describe(signal.where)),
                 where);
}

/// Calls visit(low bit, iteration) for every combination of the given loops.
template <typename Visit>
void for_each_iteration(const std::vector<const Genvar*>& loops, const Linear& linear,
                        const Visit& visit) {
  std::vector<std::pair<std::int64_t, std::int64_t>> steps;  // count, weight
  std::int64_t total = 1;
  for (const Genvar* loop : loops) {
    std::int64_t weight = 0;
    for (const auto& [genvar, factor] : linear.terms) {
      if (genvar == loop) weight = factor;
    }
    steps.emplace_back(loop->count.value(), weight);
    total *= loop->count.value();
  }
  for (std::int64_t iteration = 0; iteration < total; ++iteration) {
    std::int64_t rest = iteration;
    std::int64_t low = linear.constant;
    for (const auto& [count, weight] : steps) {
      low += weight * (rest % count);
      rest /= count;
    }
    visit(low, iteration);
  }
}

std::vector<const Genvar*> genvars_of(const Linear& linear) {
  std::vector<const Genvar*> found;
  for (const auto& term : linear.terms) found.push_back(term.first);
  return found;
}

/// Loops around the process that do not also surround the declaration: each iteration is a driver.
std::vector<const Genvar*> free_loops(const ScopeData& scope, const Signal& signal) {
  std::vector<const Genvar*> loops;
  for (const ScopeData* s = &scope; s != nullptr && s != signal.scope; s = s->parent) {
    if (s->genvar) loops.push_back(s->genvar.get());
  }
  return loops;
}

bool depends_only_on(const Linear& linear, const std::vector<const Genvar*>& loops) {
  return std::ranges::all_of(linear.terms, [&](const auto& term) {
    return std::ranges::find(loops, term.first) != loops.end();
  });
}

void mark_read(const Node& node) {
  std::vector<bool>& read = node.signal->is_read;
  const auto mark = [&](std::int64_t low, std::int64_t) {
    std::fill_n(read.begin() + low, node.width.value(), true);
  };
  if (node.kind == Kind::part)
    return for_each_iteration(genvars_of(*node.linear), *node.linear, mark);
  if (node.kind == Kind::range) return mark(node.number.value(), 0);
  std::fill(read.begin(), read.end(), true);
}

Location driver_location(const ModuleData& module, int driver) {
  const auto after =
      std::ranges::upper_bound(module.drivers, driver, {}, &std::pair<int, Location>::first);
  return std::prev(after)->second;
}

[[noreturn]] void fail_double_drive(const Process& process, const Signal& signal, std::int64_t bit,
                                    const Location& where) {
  const int other = signal.driver[static_cast<std::size_t>(bit)];
  const Location first = driver_location(*process.scope->module, other);
  throw HdlError(fmt::format("bit {} of '{}' ({} bits) has two drivers, the first at {}", bit,
                             signal.name, signal.width.value(), describe(first)),
                 where);
}

void require_target(const Node& target, const Location& where) {
  if (!is_named(target)) {
    throw HdlError(
        fmt::format("'{}' cannot be assigned: not a signal, slice, bit or lane", quote(target)),
        where);
  }
  if (target.signal->kind == SignalKind::input) {
    throw HdlError(fmt::format("input '{}' cannot be assigned", target.signal->name), where);
  }
}

/// "[7:4]" of the first run of bits without a mark.
template <typename HasMark>
std::string first_gap(const Signal& signal, const HasMark& has_mark) {
  const std::size_t width = static_cast<std::size_t>(signal.width.value());
  std::size_t low = 0;
  while (low < width && has_mark(low)) ++low;
  if (low == width) return "";
  std::size_t high = low;
  while (high + 1 < width && !has_mark(high + 1)) ++high;
  return fmt::format("bits [{}:{}] of '{}' ({} bits)", high, low, signal.name, width);
}

/// Identifiers that start with a capital, as parameters do.
std::vector<std::string> words_outside_comments(std::string_view text) {
  const auto is_part = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  std::vector<std::string> words;
  for (std::size_t i = 0; i < text.size();) {
    if (text.substr(i, 2) == "//") {
      i = std::min(text.find('\n', i), text.size());
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && is_part(text[end])) ++end;
    if (end > i && std::isupper(static_cast<unsigned char>(text[i]))) {
      words.emplace_back(text.substr(i, end - i));
    }
    i = std::max(end, i + 1);
  }
  return words;
}

void check_signal(const Signal& signal) {
  const std::string undriven =
      first_gap(signal, [&](std::size_t bit) { return signal.driver[bit] != 0; });
  const bool needs_driver =
      signal.kind == SignalKind::output || signal.kind == SignalKind::internal;
  if (needs_driver && !undriven.empty())
    throw HdlError(undriven + " are never driven", signal.where);
  if (signal.kind == SignalKind::output || is_exempt(signal)) return;
  const std::string unread =
      first_gap(signal, [&](std::size_t bit) { return bool{signal.is_read[bit]}; });
  if (!unread.empty())
    throw HdlError(unread + " are never read: use or name them in unused()", signal.where);
}

}  // namespace

void BitSet::add(const Signal* signal, std::int64_t low, std::int64_t width) {
  auto found =
      std::ranges::find(entries_, signal, &std::pair<const Signal*, std::vector<bool>>::first);
  if (found == entries_.end()) {
    entries_.emplace_back(signal,
                          std::vector<bool>(static_cast<std::size_t>(signal->width.value())));
    found = std::prev(entries_.end());
  }
  std::fill_n(found->second.begin() + low, width, true);
}

bool BitSet::has(const Signal* signal, std::size_t bit) const {
  const auto found =
      std::ranges::find(entries_, signal, &std::pair<const Signal*, std::vector<bool>>::first);
  return found != entries_.end() && found->second[bit];
}

void BitSet::merge(const BitSet& other) {
  for (const auto& [signal, bits] : other.entries_) {
    for (std::size_t i = 0; i < bits.size(); ++i) {
      if (bits[i]) add(signal, static_cast<std::int64_t>(i), 1);
    }
  }
}

BitSet BitSet::intersect(const BitSet& other) const {
  BitSet common;
  for (const auto& [signal, bits] : entries_) {
    for (std::size_t i = 0; i < bits.size(); ++i) {
      if (bits[i] && other.has(signal, i)) common.add(signal, static_cast<std::int64_t>(i), 1);
    }
  }
  return common;
}

const Signal* BitSet::first_missing(const BitSet& other) const {
  for (const auto& [signal, bits] : entries_) {
    for (std::size_t i = 0; i < bits.size(); ++i) {
      if (bits[i] && !other.has(signal, i)) return signal;
    }
  }
  return nullptr;
}

void use_expression(ScopeData& scope, const Node& node, const Location& where) {
  if (node.kind == Kind::genvar && !node.genvar->body->encloses(&scope)) {
    throw HdlError(fmt::format("genvar '{}' is used outside its loop", node.genvar->name), where);
  }
  if (node.signal) {
    require_visible(scope, *node.signal, where);
    mark_read(node);
  }
  if (!node.width.is_number()) use_width(*scope.module, node.width, where);
  if (!node.number.is_number()) use_width(*scope.module, node.number, where);
  for (const NodePtr& child : node.children) use_expression(scope, *child, where);
}

Process open_process(ScopeData& scope, bool is_clocked, const Location& where) {
  ModuleData& module = *scope.module;
  module.drivers.emplace_back(module.next_driver, where);
  Process process{&scope, where, module.next_driver, is_clocked, {}};
  module.next_driver += scope.repetition();
  return process;
}

void drive(Process& process, const Node& target, BitSet* definite, const Location& where) {
  require_target(target, where);
  Signal& signal = *target.signal;
  require_visible(*process.scope, signal, where);
  for (const NodePtr& child : target.children) use_expression(*process.scope, *child, where);
  if (target.kind == Kind::range) use_width(*process.scope->module, target.number, where);
  use_width(*process.scope->module, target.width, where);
  const std::vector<const Genvar*> loops = free_loops(*process.scope, signal);
  Linear linear{first_low(target), {}};
  if (target.kind == Kind::part) linear = *target.linear;
  const bool is_whole = is_dynamic(target) || !depends_only_on(linear, loops);
  if (is_whole) linear = {};
  const std::int64_t width = is_whole ? signal.width.value() : target.width.value();
  for_each_iteration(loops, linear, [&](std::int64_t low, std::int64_t iteration) {
    const int driver = process.first_driver + static_cast<int>(iteration);
    for (std::int64_t bit = low; bit < low + width; ++bit) {
      int& owner = signal.driver[static_cast<std::size_t>(bit)];
      if (owner != 0 && owner != driver) fail_double_drive(process, signal, bit, where);
      owner = driver;
    }
  });
  process.touched.add(&signal, linear.constant, width);
  if (definite != nullptr && !is_whole) definite->add(&signal, linear.constant, width);
}

void check_signals(const ModuleData& module) {
  for (const auto& signal : module.signals) check_signal(*signal);
}

void check_parameters(const ModuleData& module, std::string_view text) {
  std::vector<int> mentions(module.constants.size());
  for (const std::string& word : words_outside_comments(text)) {
    const auto found = module.constant_index.find(word);
    if (found != module.constant_index.end()) ++mentions[found->second];
  }
  for (std::size_t i = 0; i < mentions.size(); ++i) {
    if (mentions[i] > 1) continue;
    throw HdlError(fmt::format("parameter '{}' of module '{}' is never used",
                               module.constants[i].name, module.name),
                   module.constants[i].where);
  }
}

}  // namespace hasse::hdl::detail
