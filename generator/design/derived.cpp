// SPDX-License-Identifier: Apache-2.0
// Quantities that follow from a design, and both as JSON.
#include <algorithm>
#include <bit>

#include "generator/design/fields.hpp"
#include "golden/quant/olive_format.hpp"

namespace hasse::design {

int ceil_log2(long long value) {
  int bits = 0;
  while ((1LL << bits) < value) {
    ++bits;
  }
  return bits;
}

namespace {

/// Bits of an unsigned number up to `largest`.
int bits_of(long long largest) {
  return ceil_log2(largest + 1);
}

}  // namespace

int Design::digit_product_bits() const {
  return folds() ? bits_of(3 * largest_magnitude())
                 : operand_bits() + (recoding == "booth" ? 1 : 2);
}

StationaryWords stationary_words(const Design& d) {
  const bool split = d.engine == "split";
  const int bits = d.folds() ? bits_of((split ? d.tile_bits : 1) * d.largest_magnitude())
                             : d.operand_bits() + (split ? ceil_log2(d.tile_bits) : 0);
  return {d.tables * (split ? (1 << d.tile_bits) - 1 : d.tile_bits), bits};
}

namespace {

/// Bits of a row's sum over one K-tile in a streaming engine, the constants of its words included.
int streamed_sum_bits(const Design& d) {
  const long long depth = static_cast<long long>(d.tables) * d.tile_bits;
  const long long ones = ((1LL << (2 * d.digits())) - 1) / 3;  // A 1 in the place of every digit.
  if (d.folds()) {
    const long long weight = d.engine == "split" ? 1LL << (d.weight_bits - 1)
                             : d.recodes()       ? 3 * ones
                                                 : (1LL << d.weight_bits) - 1;
    return bits_of(depth * weight * d.largest_magnitude()) + 1;
  }
  if (d.recodes()) {
    return ceil_log2(((depth * ones) << d.digit_product_bits()) + 1) + 1;
  }
  if (d.engine == "dot_product") return ceil_log2(depth << (d.operand_bits() + d.weight_bits)) + 2;
  const long long offset = static_cast<long long>(d.engine == "split" ? d.tables : depth)
                           << stationary_words(d).bits;
  return ceil_log2((depth << (d.operand_bits() + d.weight_bits - 2)) + offset + 1) + 1;
}

/// Bits of the signed product of two values of pairs.
int pair_product_bits(const Design& d) {
  if (!d.decodes_pairs()) return d.weight_bits + d.activation_bits;
  const int weight = quant::olive_format(d.weight_pairs).largest();
  const int activation = quant::olive_format(d.activation_pairs).largest();
  return static_cast<int>(std::bit_width(static_cast<unsigned>(weight * activation))) + 1;
}

}  // namespace

Derived derive(const Design& design) {
  const long long largest_node = static_cast<long long>(design.tile_bits)
                                 << (design.operand_bits() - 2);
  Derived derived;
  derived.prefix_lanes = design.tile_bits - 1;
  derived.banks = derived.prefix_lanes * design.banks_per_lane;
  derived.node_bits = ceil_log2(largest_node + 1) + 1;
  derived.partial_bits = ceil_log2(((1LL << design.weight_bits) - 1) * largest_node + 1) + 1;
  if (design.streams()) {
    derived.prefix_lanes = derived.banks = 0;
    derived.node_bits = stationary_words(design).bits;
    derived.partial_bits = streamed_sum_bits(design);
  }
  if (design.takes_pairs()) {
    derived.node_bits = 0;
    derived.partial_bits = pair_product_bits(design);
  }
  derived.adders = design.columns / design.columns_per_adder;
  derived.max_groups =
      design.takes_pairs()
          ? 1
          : design.rows / (design.lanes * std::max(2, design.planes * design.turns));
  return derived;
}

nlohmann::ordered_json to_json(const Design& design) {
  nlohmann::ordered_json result;
  for (const Field& field : fields()) {
    result[field.name] = value_of(field, design);
  }
  if (design.attention) result[std::string(attention_key)] = to_json(*design.attention);
  return result;
}

nlohmann::ordered_json to_json(const Attention& attention) {
  nlohmann::ordered_json result;
  for (const AttentionField& field : attention_fields()) {
    result[field.name] = value_of(field, attention);
  }
  return result;
}

nlohmann::ordered_json to_json(const Derived& derived) {
  return {{"prefix_lanes", derived.prefix_lanes},
          {"banks", derived.banks},
          {"node_bits", derived.node_bits},
          {"partial_bits", derived.partial_bits},
          {"adders", derived.adders},
          {"max_groups", derived.max_groups}};
}

}  // namespace hasse::design
