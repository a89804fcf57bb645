// SPDX-License-Identifier: Apache-2.0
#include "synth/energy/memory_macros.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "synth/energy/cell_energy.hpp"
#include "synth/error.hpp"
#include "synth/liberty/text.hpp"

namespace hasse::synth {
namespace {

/// Copies that hold `size` in parts of `part`.
int copies(int size, int part) {
  return (size + part - 1) / part;
}

/// Reads the macros of one file.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& file)
      : source_(file.string()), tree_(parse_liberty(read_text(file), source_)) {}

  void add_to(std::vector<MemoryMacro>& macros) const {
    const std::size_t before = macros.size();
    const PowerUnits units = power_units(tree_, source_);
    for (const LibertyGroup& cell : tree_.groups)
      if (cell.name == "cell" && cell.group("memory") != nullptr)
        macros.push_back(macro(cell, units));
    if (macros.size() == before)
      throw InputError(
          fmt::format("{}: no cell has a memory group, expected memory macros", source_));
  }

 private:
  double number(const LibertyGroup& cell, const LibertyGroup& group, const char* field) const {
    const std::optional<std::string> text = group.value(field);
    const double value = text ? std::strtod(text->c_str(), nullptr) : 0;
    if (!(value > 0))
      throw InputError(fmt::format("{}: cell {}: {}: {}, expected a number above 0", source_,
                                   cell.arguments.front(), field, text.value_or("missing")));
    return value;
  }

  MemoryMacro macro(const LibertyGroup& cell, const PowerUnits& units) const {
    const LibertyGroup& memory = *cell.group("memory");
    MemoryMacro macro;
    macro.name = cell.arguments.front();
    macro.width = static_cast<int>(number(cell, memory, "word_width"));
    macro.depth = 1 << static_cast<int>(number(cell, memory, "address_width"));
    macro.cost.area_um2 = number(cell, cell, "area");
    macro.cost.read_joules = macro.cost.write_joules = access(cell) * units.joules;
    macro.cost.leakage_w = leakage_units(cell) * units.leakage_w;
    return macro;
  }

  /// The mean over the clock's conditions in which something is accessed, in the library's unit.
  double access(const LibertyGroup& cell) const {
    std::vector<double> energies;
    for (const LibertyGroup& pin : cell.groups)
      if (pin.name == "pin" && pin.value("clock") == "true")
        for (const LibertyGroup& power : pin.groups)
          if (power.name == "internal_power")
            energies.push_back(2 * EdgeTables::read(power, tree_, source_).mean(0, 0));
    const auto dearest = std::ranges::max_element(energies);
    if (dearest == energies.end() || !(*dearest > 0))
      throw InputError(fmt::format("{}: cell {}: no clock pin has internal_power above 0", source_,
                                   cell.arguments.front()));
    const double least = *dearest / 2;
    double sum = 0, count = 0;
    for (const double energy : energies)
      if (energy >= least) sum += energy, ++count;
    return sum / count;
  }

  std::string source_;
  LibertyGroup tree_;
};

}  // namespace

MacroLibrary MacroLibrary::load(const std::vector<std::filesystem::path>& files) {
  MacroLibrary library;
  for (const std::filesystem::path& file : files) Reader(file).add_to(library.macros_);
  return library;
}

const MemoryMacro& MacroLibrary::best(int width, int depth) const {
  return *std::ranges::min_element(macros_, {}, [&](const MemoryMacro& macro) {
    return macro.cost.area_um2 * copies(width, macro.width) * copies(depth, macro.depth);
  });
}

MacroCost MacroLibrary::cost(int width, int depth) const {
  const MemoryMacro& macro = best(width, depth);
  const int beside = copies(width, macro.width), all = beside * copies(depth, macro.depth);
  return {macro.cost.area_um2 * all, macro.cost.read_joules * beside,
          macro.cost.write_joules * beside, macro.cost.leakage_w * all};
}

}  // namespace hasse::synth
