// SPDX-License-Identifier: Apache-2.0
// The rules between fields, with the numbers that make each refusal useful.
#include "generator/design/combinations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <iterator>

#include "generator/design/defaults.hpp"
#include "generator/design/fields.hpp"
#include "golden/quant/olive_format.hpp"

namespace hasse::design {
namespace {

std::string uneven_columns(const Design& d) {
  if (d.columns % d.columns_per_adder == 0) {
    return "";
  }
  return fmt::format("does not divide columns = {}; expected a divisor of it", d.columns);
}

std::string too_few_rows(const Design& d) {
  const int together = d.planes * d.turns;
  const int planes = (d.weight_bits + together - 1) / together * together;
  const int needed = d.lanes * planes;
  if (d.takes_pairs() || d.rows >= needed) {
    return "";
  }
  return fmt::format(
      "does not hold one group of the widest weights; expected at least lanes * weight_bits = {} * "
      "{} = {}",
      d.lanes, planes, needed);
}

/// Weights of fewer bits are scaled up to this many.
constexpr int kScaledWeightBits = 8;

/// The type that `name` stands for; none for "none" and without engine olive.
const quant::OliveFormat* pairs(const Design& d, const std::string& name) {
  return d.decodes_pairs() && name != "none" ? &quant::olive_format(name) : nullptr;
}

/// Of every two neighbours along K at most one is an outlier, and its partner is 0.
std::string pair_overflow(const Design& d) {
  const auto *weight = pairs(d, d.weight_pairs), *activation = pairs(d, d.activation_pairs);
  if (weight == nullptr || activation == nullptr) return "";
  const auto term = static_cast<std::uint64_t>(weight->largest()) *
                    static_cast<std::uint64_t>(activation->largest());
  const auto largest = (std::uint64_t{1} << (d.accumulator_bits - 1)) - 1;
  const std::uint64_t sum = term * static_cast<std::uint64_t>((d.max_k + 1) / 2);
  if (sum <= largest) return "";
  return fmt::format(
      "a product can overflow: ceil(max_k / 2) * {} * {}, the largest {} weight and {} activation, "
      "= "
      "{} exceeds 2^{} - 1 = {}; expected accumulator_bits of at least {}, or max_k of at most {}",
      weight->largest(), activation->largest(), weight->name, activation->name, sum,
      d.accumulator_bits - 1, largest, std::bit_width(sum) + 1, 2 * (largest / term));
}

std::string accumulator_overflow(const Design& d) {
  if (d.decodes_pairs()) return "";
  const bool scaled = d.scaling != "none";
  const int weight_bits = scaled ? kScaledWeightBits : d.weight_bits;
  const int magnitude = d.operand_bits() - 1;
  const auto term = std::uint64_t{1} << (magnitude + weight_bits - 1);
  const auto largest = (std::uint64_t{1} << (d.accumulator_bits - 1)) - 1;
  const auto sum = term * static_cast<std::uint64_t>(d.max_k);
  if (sum <= largest) {
    return "";
  }
  return fmt::format(
      "a product can overflow: max_k * 2^{} * {} = {} * 2^{} * "
      "2^{} = {} exceeds 2^{} - 1 = {}; expected accumulator_bits of at least {}, or max_k of at "
      "most {}",
      d.takes_unsigned() ? "activation_bits (unsigned)" : "(activation_bits-1)",
      scaled ? "2^7 (scaled weights have 8 bits)" : "2^(weight_bits-1)", d.max_k, magnitude,
      weight_bits - 1, sum, d.accumulator_bits - 1, largest, std::bit_width(sum) + 1,
      largest / term);
}

std::string partial_overflow(const Design& d) {
  if (d.takes_pairs()) return "";
  const int needed = derive(d).partial_bits;
  if (d.accumulator_bits >= needed) return "";
  if (d.streams()) {
    return fmt::format(
        "is narrower than the sum of one K-tile of tables * tile_bits = {} * {} elements; expected "
        "at least {}",
        d.tables, d.tile_bits, needed);
  }
  return fmt::format(
      "is narrower than the sum of one K-tile, up to (2^weight_bits - 1) * tile_bits * "
      "2^{} = {} * {} * {}; expected at least {}",
      d.takes_unsigned() ? "(activation_bits-1)" : "(activation_bits-2)", (1 << d.weight_bits) - 1,
      d.tile_bits, 1 << (d.operand_bits() - 2), needed);
}

std::string uneven_groups(const Design& d) {
  const int depth = d.streams() ? d.tables * d.tile_bits : d.tile_bits;
  if (d.scaling == "none" || d.takes_pairs() || (depth & (depth - 1)) == 0) return "";
  return fmt::format(
      "makes K-tiles of {} elements, no power of two, that do not fill the groups that scaling = "
      "\"{}\" scales; expected {}, or scaling = \"none\"",
      depth, d.scaling, d.streams() ? "tables * tile_bits of 2, 4, 8, ..." : "2, 4 or 8");
}

std::string no_group(const Design& d) {
  const int depth = d.streams() ? d.tables * d.tile_bits : d.tile_bits;
  if (d.scaling == "none" || d.takes_pairs() || d.max_k >= depth) return "";
  return fmt::format(
      "is less than a K-tile of {} elements, so no group of whole K-tiles fits a product; expected "
      "at least {}, or scaling = \"none\"",
      depth, depth);
}

/// What the banked engine has and the others lack, or the other way round.
template <auto Member>
std::string does_not_apply(const Design& d, bool applies, const char* why) {
  if (applies || d.*Member == defaults(d.engine).*Member) return "";
  return fmt::format("does not apply to engine {}, {}; leave it out{}", d.engine, why,
                     d.engine == kDefaultEngine ? ", or name another engine" : "");
}

std::string idle_banks(const Design& d) {
  return does_not_apply<&Design::banks_per_lane>(d, !d.streams(), "which has no banks");
}

std::string idle_planner(const Design& d) {
  return does_not_apply<&Design::planner>(d, !d.streams(), "which builds all of its nodes");
}

std::string idle_network(const Design& d) {
  if (d.planner == "dynamic" || d.operand_network == Design{}.operand_network) return "";
  return fmt::format(
      "does not apply to planner {}, which chooses no operands; expected planner dynamic, or leave "
      "it out",
      d.planner);
}

std::string compiled_look_ahead(const Design& d) {
  if (d.planner != "compiled" || d.look_ahead == Design{}.look_ahead) return "";
  return "does not apply to planner compiled, whose lanes read what they are told; leave it out";
}

std::string idle_look_ahead(const Design& d) {
  return does_not_apply<&Design::look_ahead>(d, !d.streams(), "whose lanes never wait");
}

std::string idle_tables(const Design& d) {
  return does_not_apply<&Design::tables>(d, d.streams() && !d.takes_pairs(),
                                         "whose lanes take one code per cycle");
}

std::string idle_tile_bits(const Design& d) {
  return does_not_apply<&Design::tile_bits>(d, !d.takes_pairs(), "which slices no weights");
}

std::string idle_rows(const Design& d) {
  return does_not_apply<&Design::rows>(d, !d.takes_pairs(), "whose tiles have a row per lane");
}

/// Why a type of pairs does not go with its operand's bits or with the engine.
template <auto Pairs, auto Bits>
std::string misread(const Design& d, const char* bits_name) {
  if (!d.decodes_pairs()) return does_not_apply<Pairs>(d, false, "whose operands are integers");
  const quant::OliveFormat* format = pairs(d, d.*Pairs);
  if (format == nullptr)
    return "does not say how codes are read; expected a type with engine olive";
  if (format->bits == d.*Bits) return "";
  return fmt::format("has codes of {} bits, but {} = {}; expected both alike", format->bits,
                     bits_name, d.*Bits);
}

std::string misread_weights(const Design& d) {
  return misread<&Design::weight_pairs, &Design::weight_bits>(d, "weight_bits");
}

std::string misread_activations(const Design& d) {
  return misread<&Design::activation_pairs, &Design::activation_bits>(d, "activation_bits");
}

std::string mixed_pairs(const Design& d) {
  if (!d.decodes_pairs() || d.weight_bits == d.activation_bits) return "";
  return fmt::format("differs from weight_bits = {}; expected both alike with engine olive",
                     d.weight_bits);
}

/// What the array of pairs comes without.
template <auto Member>
std::string without_pairs(const Design& d) {
  if (!d.takes_pairs() || d.*Member == Design{}.*Member) return "";
  return fmt::format("is not built with engine {}; leave it out", d.engine);
}

std::string too_many_lanes(const Design& d) {
  if (d.streams() || d.lanes <= 16) return "";
  return "is too many for a chain of claims through all lanes; expected at most 16 with engine "
         "banked";
}

std::string too_many_rows(const Design& d) {
  if (d.streams() || d.rows <= 4096) return "";
  return "is too many for the queues of engine banked; expected at most 4096";
}

std::string tall_tables(const Design& d) {
  if (d.engine != "split" || d.tile_bits <= 6) return "";
  return "makes tables of 2^tile_bits - 1 words in every column; expected at most 6 with "
         "engine "
         "split";
}

std::string odd_groups(const Design& d) {
  if (d.engine != "bitvert" || d.tile_bits % 2 == 0) return "";
  return "cannot be halved: half a group's bits at most differ from the others; expected an even "
         "number with engine bitvert";
}

std::string shared_adder(const Design& d) {
  if (d.engine != "dot_product" || d.columns_per_adder == 1) return "";
  return "leaves an adder short: a dot_product lane finishes a row every cycle; expected 1";
}

std::string short_tile(const Design& d) {
  if (!d.streams() || d.takes_pairs()) return "";
  // An adder is taken for a cycle per column and can add to a sum again in the cycle after it is
  // written. K-tiles of weights that take one beat follow each other as fast as they are loaded.
  const bool single = d.engine == "dot_product" || (d.planes >= 2 && d.turns == 1);
  const int cycles = std::max(d.columns_per_adder, single ? 2 : 1);
  if (d.tables * d.tile_bits / d.operand_rows >= cycles) return "";
  return fmt::format(
      "makes K-tiles of tables * tile_bits = {} * {} that are loaded in {} cycles of operand_rows "
      "= "
      "{}; their adders take {}, so expected at least {}",
      d.tables, d.tile_bits, d.tables * d.tile_bits / d.operand_rows, d.operand_rows, cycles,
      (cycles * d.operand_rows + d.tile_bits - 1) / d.tile_bits);
}

std::string idle_planes(const Design& d) {
  return does_not_apply<&Design::planes>(
      d, d.streams() && d.engine != "dot_product" && !d.takes_pairs(),
      d.streams() ? "which takes all planes at once" : "whose lanes take one code per cycle");
}

std::string idle_turns(const Design& d) {
  return does_not_apply<&Design::turns>(d, d.engine == "split", "which takes planes in one order");
}

std::string idle_recoding(const Design& d) {
  return does_not_apply<&Design::recoding>(d, d.engine == "dot_product",
                                           "which takes no whole weights in its trees");
}

std::string idle_operands(const Design& d) {
  if (d.operands == "symmetric" && d.takes_unsigned())
    return "leaves out the lowest number, which activations = \"either\" has room for; expected "
           "magnitude or signed";
  if (d.folds() && d.recoding == "booth")
    return "has no bits of weights to fold signs into with recoding = \"booth\"; expected signed";
  return does_not_apply<&Design::operands>(
      d, d.engine == "split" || d.engine == "dot_product",
      d.streams() ? "whose operands stay signed" : "whose nodes are signed");
}

std::string many_planes(const Design& d) {
  if (d.planes * d.turns <= d.weight_bits) return "";
  return d.turns == 1
             ? fmt::format("exceeds weight_bits = {}; expected at most as many", d.weight_bits)
             : fmt::format(
                   "times turns = {} exceeds weight_bits = {}; expected at most "
                   "as many",
                   d.turns, d.weight_bits);
}

std::string idle_operand_rows(const Design& d) {
  return does_not_apply<&Design::operand_rows>(
      d, d.streams() && !d.takes_pairs(),
      d.takes_pairs() ? "which takes a pair per cycle" : "which takes one row per cycle");
}

std::string uneven_operand_rows(const Design& d) {
  if (!d.streams()) return "";
  const int depth = d.tables * d.tile_bits;
  const bool whole_tables = d.operand_rows % d.tile_bits == 0 || d.tile_bits % d.operand_rows == 0;
  if (depth % d.operand_rows == 0 && (whole_tables || d.engine != "split")) return "";
  return fmt::format(
      "does not divide K-tiles of tables * tile_bits = {} * {}{}; expected a divisor", d.tables,
      d.tile_bits, d.engine == "split" ? " by whole tables, or tables by whole beats" : "");
}

std::string idle_tree_stages(const Design& d) {
  return does_not_apply<&Design::tree_stages>(d, d.streams() && !d.takes_pairs(),
                                              "which has no adder trees");
}

std::string small_graph(const Design& d) {
  if (d.planner != "dynamic" || d.streams() || d.tile_bits >= 4) return "";
  return "leaves planner dynamic nothing to choose; expected at least 4, or another planner";
}

std::string divided_slots(const Design& d) {
  if (d.planner != "dynamic" || d.streams() || d.tile_bits < 4) return "";
  const int most = 1 << (d.tile_bits - 3);
  if ((d.banks_per_lane & (d.banks_per_lane - 1)) == 0 && d.banks_per_lane <= most) return "";
  return fmt::format(
      "does not divide the slots of a lane among its banks by bits of their number; expected a "
      "power of two of at most 2^(tile_bits-3) = {} with planner dynamic",
      most);
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

template <class Owner>
std::string value_text(const std::vector<FieldOf<Owner>>& fields, const std::string& name,
                       const Owner& owner) {
  const auto field = std::find_if(fields.begin(), fields.end(),
                                  [&](const FieldOf<Owner>& f) { return f.name == name; });
  return value_of(*field, owner).dump();
}

std::string value_text(const Design& design, const std::string& name) {
  const std::size_t slash = name.find('/');
  return slash == std::string::npos
             ? value_text(fields(), name, design)
             : value_text(attention_fields(), name.substr(slash + 1), *design.attention);
}

std::vector<Combination> array_combinations() {
  return {
      {{"columns_per_adder", "columns"}, uneven_columns},
      {{"banks_per_lane", "engine"}, idle_banks},
      {{"look_ahead", "engine"}, idle_look_ahead},
      {{"planner", "engine"}, idle_planner},
      {{"operand_network", "planner"}, idle_network},
      {{"look_ahead", "planner"}, compiled_look_ahead},
      {{"tables", "engine"}, idle_tables},
      {{"tile_bits", "engine"}, idle_tile_bits},
      {{"rows", "engine"}, idle_rows},
      {{"weight_pairs", "engine", "weight_bits"}, misread_weights},
      {{"activation_pairs", "engine", "activation_bits"}, misread_activations},
      {{"activation_bits", "engine", "weight_bits"}, mixed_pairs},
      {{"activations", "engine"}, without_pairs<&Design::activations>},
      {{"units", "engine"}, without_pairs<&Design::units>},
      {{"scaling", "engine"}, without_pairs<&Design::scaling>},
      {{"bus", "engine"}, without_pairs<&Design::bus>},
      {{"lanes", "engine"}, too_many_lanes},
      {{"rows", "engine"}, too_many_rows},
      {{"tile_bits", "engine"}, tall_tables},
      {{"tile_bits", "engine"}, odd_groups},
      {{"columns_per_adder", "engine"}, shared_adder},
      {{"tables", "tile_bits", "engine", "columns_per_adder", "operand_rows", "planes", "turns"},
       short_tile},
      {{"planes", "engine"}, idle_planes},
      {{"turns", "engine"}, idle_turns},
      {{"recoding", "engine"}, idle_recoding},
      {{"operands", "engine", "activations", "recoding"}, idle_operands},
      {{"planes", "turns", "weight_bits"}, many_planes},
      {{"operand_rows", "engine"}, idle_operand_rows},
      {{"operand_rows", "engine", "tables", "tile_bits"}, uneven_operand_rows},
      {{"tree_stages", "engine"}, idle_tree_stages},
      {{"tile_bits", "planner"}, small_graph},
      {{"banks_per_lane", "planner", "tile_bits"}, divided_slots},
      {{"rows", "lanes", "weight_bits", "planes", "turns", "engine"}, too_few_rows},
      {{"accumulator_bits", "max_k", "activation_bits", "activations", "weight_bits", "scaling",
        "engine"},
       accumulator_overflow},
      {{"accumulator_bits", "max_k", "weight_pairs", "activation_pairs", "engine"}, pair_overflow},
      {{"accumulator_bits", "tile_bits", "activation_bits", "activations", "weight_bits", "engine",
        "tables"},
       partial_overflow},
      {{"tile_bits", "scaling", "engine", "tables"}, uneven_groups},
      {{"max_k", "scaling", "engine", "tile_bits", "tables"}, no_group},
  };
}

}  // namespace

const std::vector<Combination>& combinations() {
  static const std::vector<Combination> all = [] {
    std::vector<Combination> rules = array_combinations();
    std::ranges::move(attention_combinations(), std::back_inserter(rules));
    return rules;
  }();
  return all;
}

std::vector<Problem> check_combinations(const Design& design, const std::vector<std::string>& bad) {
  std::vector<Problem> problems;
  for (const Combination& rule : combinations()) {
    const bool readable = std::none_of(rule.fields.begin(), rule.fields.end(),
                                       [&](const std::string& f) { return contains(bad, f); });
    const std::string reason = readable ? rule.refusal(design) : "";
    if (!reason.empty()) {
      const std::string& blamed = rule.fields.front();
      problems.push_back({"/" + blamed, value_text(design, blamed), reason});
    }
  }
  return problems;
}

}  // namespace hasse::design
