// SPDX-License-Identifier: Apache-2.0
// The design description: every choice a user can make about one generated accelerator.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace hasse::design {

/// What makes an attention engine of an array: one KV head with its query heads, a page at a time.
struct Attention {
  int dim = 64;           ///< D: channels of a key and of a value
  int page = 16;          ///< tokens of a page
  int logical_pages = 1;  ///< of a page, each with bounds of its own
  int max_pages = 2048;   ///< of a sequence
  int max_listed = 2048;  ///< pages that a step reads
  int sink = 2;           ///< first pages of a streaming head
  int ring = 5;           ///< pages that it keeps behind them
  int interval = 1;       ///< steps for which a list of scored pages is kept

  /// Logical pages whose bounds are read together.
  static constexpr int kBoundsBlock = 16;
  /// Bits of a token's scale: range above smallest element.
  static constexpr int kScaleBits = 32;
  /// Bits of the sums that outputs are made of.
  static constexpr int kSumBits = 48;
};

/// One accelerator, as its JSON file describes it. Values are those of the file or the defaults
/// given here; `parse` and `load` only ever return a design that can be built.
/// Ranges and meanings of the fields: `fields.hpp`, docs/design-json.md and the published schema.
struct Design {
  std::string name = "default";
  std::string engine = "banked";
  std::string planner = "lattice";
  std::string operand_network = "select";  ///< how a dynamic planner's operands reach its lanes
  int tile_bits = 8;                       ///< T: bits of one TransRow code
  int tables = 8;                 ///< G: codes a lane of a streaming engine takes of one plane
  int planes = 1;                 ///< planes of a weight row that a streaming lane takes at once
  int turns = 1;                  ///< consecutive planes that a tree of a split lane takes in turn
  std::string recoding = "none";  ///< how a dot product takes the bits of weights
  std::string operands = "signed";     ///< how operands stand in a streaming column
  int operand_rows = 1;                ///< rows of activations in a beat of a streaming engine
  int tree_stages = 0;                 ///< registers inside the adder trees of a streaming engine
  int lanes = 8;                       ///< accumulate lanes
  int banks_per_lane = 2;              ///< prefix banks that each prefix lane fills
  int look_ahead = 8;                  ///< TransRows a lane may look past one that has to wait
  int columns = 32;                    ///< C: activation columns served in parallel
  int columns_per_adder = 4;           ///< columns that take turns on one wide adder
  int rows = 256;                      ///< R: TransRows of one sub-tile
  int activation_bits = 8;             ///< A: bits of an activation
  std::string activations = "signed";  ///< the signs of activations that a product may have
  int weight_bits = 8;                 ///< most bits of a signed weight; a product states its own
  int accumulator_bits = 32;           ///< bits of a signed result
  int max_n = 65535;                   ///< most rows of the product Y
  int max_k = 65535;                   ///< longest inner dimension
  int max_m = 65535;                   ///< most columns of the product Y
  int units = 1;                       ///< U: engines that work on one product together
  std::string share = "activations";   ///< the stream that all units read
  std::string results = "merged";      ///< how the units' results reach the host
  std::string scaling = "none";        ///< what is done to the sums of a group of weights
  std::string bus = "native";          ///< the ports of the top

  std::string weight_pairs = "none";      ///< olive: how a weight's code is read
  std::string activation_pairs = "none";  ///< olive: how an activation's code is read

  /// The engine that the array is part of, if it is one of attention.
  std::optional<Attention> attention{};

  /// No banks and no planner: weights stream past what is stationary.
  bool streams() const { return engine != "banked"; }
  /// Pairs of operands, neighbours along K, meet in a systolic array.
  bool takes_pairs() const { return engine == "olive" || engine == "systolic"; }
  /// They are outlier-victim pairs.
  bool decodes_pairs() const { return engine == "olive"; }
  /// Weights are taken by digits of two bits, not bit by bit.
  bool recodes() const { return recoding != "none"; }
  /// Digits of a recoded weight.
  int digits() const { return (weight_bits + 1) / 2; }
  /// Bits of the product of such a digit, at most 2 or 3, and an operand as it stands.
  int digit_product_bits() const;
  /// Operands stand as magnitudes, and their signs are folded into the weights' bits.
  bool folds() const { return operands != "signed"; }
  /// The largest magnitude of an operand.
  std::int64_t largest_magnitude() const {
    const std::int64_t limit = std::int64_t{1} << (operand_bits() - 1);
    return operands == "symmetric" || takes_unsigned() ? limit - 1 : limit;
  }
  /// A product states whether its activations are signed or unsigned.
  bool takes_unsigned() const { return activations == "either"; }
  /// Bits of a signed operand that holds any activation.
  int operand_bits() const { return activation_bits + (takes_unsigned() ? 1 : 0); }
};

/// Quantities that follow from a design; units and documentation use these, never a formula of
/// their own.
struct Derived {
  int prefix_lanes = 0;  ///< T - 1: the lattice is mirrored, half of its lanes are sign flips
  int banks = 0;         ///< prefix_lanes * banks_per_lane
  int node_bits = 0;     ///< bits of a signed node value
  int partial_bits = 0;  ///< bits of the signed sum of one weight row in one K-tile
  int adders = 0;        ///< wide adders of one accumulate lane: columns / columns_per_adder
  int max_groups = 0;    ///< groups of `lanes` weight rows in a sub-tile of 2-bit weights
};

/// A streaming engine's stationary words of one column: nodes of the split lattices, or operands.
struct StationaryWords {
  int count = 0;  ///< Words of a K-tile.
  int bits = 0;   ///< Bits of a word, a signed number.
};

/// The stationary words of `design`, whose engine streams operands past them.
StationaryWords stationary_words(const Design& design);

/// Computes what follows from `design`, which must be valid.
Derived derive(const Design& design);

/// Smallest b with 2^b >= value, for value >= 1.
int ceil_log2(long long value);

/// Reads a design from JSON text; `file` is only used in messages.
/// Throws DesignError naming every problem of the text at once.
Design parse(std::string_view text, const std::string& file);

/// Reads the design at `path`. Throws DesignError, also when the file cannot be read.
Design load(const std::filesystem::path& path);

/// All fields, defaults resolved, in the order of the documentation.
nlohmann::ordered_json to_json(const Design& design);

/// All fields of the member `attention`, in the order of the documentation.
nlohmann::ordered_json to_json(const Attention& attention);

/// All derived quantities, in declaration order.
nlohmann::ordered_json to_json(const Derived& derived);

}  // namespace hasse::design
