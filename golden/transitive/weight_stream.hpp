// SPDX-License-Identifier: Apache-2.0
// The order in which the codes of a weight matrix enter the engine.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "golden/tensor/matrix.hpp"
#include "golden/transitive/hasse_graph.hpp"

namespace hasse::transitive {

/// Shape of one product Y[N x M] = W[N x K] * X[K x M] with `weight_bits`-bit weights.
struct Shape {
  int n = 1;
  int k = 1;
  int m = 1;
  int weight_bits = 4;
  int group = 0;             ///< Columns of W that share a scale, a multiple of tile bits; 0: none.
  bool requantise = false;   ///< Results are requantised to eight bits.
  int calibration_rows = 0;  ///< Rows of W whose codes a `listed` planner's table lists; 0: all.
  bool unsigned_activations = false;  ///< X holds unsigned numbers.
  int tile_rows = 0;  ///< Rows of an N-tile of all units, 0 or too many: as many as fit.
  bool operator==(const Shape&) const = default;
};

/// How an engine turns weights into sums. Only `banked` has banks, queues and a planner; in
/// `split`, `dot_product`, `bit_serial` and `bitvert` rows of weights stream past stationary
/// operands; in `systolic` and `olive` pairs of both stream past stationary sums.
enum class Datapath { banked, split, dot_product, bit_serial, bitvert, systolic, olive };

/// Who decides which nodes a banked engine builds: `lattice` builds all of them in lock step,
/// `orbit` those that the codes ask for and their ancestors, `listed` (the design's `static`) in
/// addition those in a table made by calibration, `dynamic` what codes ask for and the prefixes it
/// chooses for that, `compiled` what a program says that was made offline.
enum class Planner { lattice, orbit, listed, dynamic, compiled };

/// How operands reach the prefix lanes of a dynamic engine: a selector per lane, so that several
/// lanes may add the same one, or a Benes network, which gives each to one lane.
enum class OperandNetwork { select, benes };

/// The numbers of an engine that fix tiling and timing; names as in the design JSON.
struct EngineConfig {
  int tile_bits = 8;
  int lanes = 8;
  int banks_per_lane = 2;
  int look_ahead = 8;
  int columns = 32;
  int columns_per_adder = 4;
  int rows = 256;
  bool scaling = false;  ///< Sums of groups are scaled.
  Datapath datapath = Datapath::banked;
  Planner planner = Planner::lattice;
  OperandNetwork operand_network = OperandNetwork::select;  ///< Of a dynamic planner.
  int tables = 8;        ///< Codes per lane, plane and cycle, engines other than banked.
  int planes = 1;        ///< Planes of a weight row in one beat; dot_product takes all.
  int turns = 1;         ///< Consecutive planes that an adder tree takes, one a beat.
  int operand_rows = 1;  ///< Rows of activations in one beat, engines other than banked.
  int tree_stages = 0;   ///< Registers inside the sums of a beat, engines other than banked.

  bool streams() const { return datapath != Datapath::banked; }
  /// Whether nodes are chosen by codes that were taken earlier.
  bool plans_ahead() const {
    return !streams() && planner != Planner::lattice && planner != Planner::compiled;
  }
  /// Sub-tiles whose codes may be in the engine: two in the banks, and for a planner that looks at
  /// codes one being planned and one arriving.
  int open_tiles() const { return plans_ahead() ? 4 : 2; }
  /// Nodes in a word of a `listed` planner's table, and its words.
  int table_word_bits() const { return std::min(32, 1 << dimension()); }
  int table_words() const { return (1 << dimension()) / table_word_bits(); }
  /// Whether operands come in pairs of neighbours along K, and sums stay where they are.
  bool takes_pairs() const { return decodes_pairs() || datapath == Datapath::systolic; }
  /// Whether they are outlier-victim pairs.
  bool decodes_pairs() const { return datapath == Datapath::olive; }
  /// Elements of a K-tile.
  int depth() const {
    if (takes_pairs()) return 2;
    return streams() ? tables * tile_bits : tile_bits;
  }
  /// Whether sums along K end with K-tile `tile_k`: those of the product, or of a scaled group.
  bool ends_sums(const Shape& shape, int tile_k) const {
    const int end = (tile_k + 1) * depth();
    return end >= shape.k || (shape.group > 0 && end % shape.group == 0);
  }
  /// Beats of the weight stream that a group of `lanes` weight rows takes in one K-tile.
  int beats_per_row(int weight_bits) const {
    if (datapath == Datapath::dot_product || takes_pairs()) return 1;
    const int together = planes * turns;
    return turns * ((weight_bits + together - 1) / together);
  }
  /// Plane of a weight row that comes at place `place` of the beat after which `left` more of the
  /// row are sent: a place has `turns` planes after each other, the most significant one first.
  int plane_of(int place, int left) const {
    return (left / turns * planes + place) * turns + left % turns;
  }
  /// Planes that a weight row takes in the sub-tile, those that fill up its beats included.
  int planes_per_row(int weight_bits) const {
    return datapath == Datapath::dot_product ? weight_bits : beats_per_row(weight_bits) * planes;
  }
  /// Cycles that a beat of the weight stream keeps the lanes busy.
  int cycles_per_beat() const { return takes_pairs() ? depth() : 1; }
  /// Operands of a column in a beat of the activation stream.
  int activation_depth() const { return takes_pairs() ? 2 : operand_rows; }
  /// Beats of the activation stream for the `k` operands of every column of an N-tile.
  int activation_beats(int k) const { return (k + activation_depth() - 1) / activation_depth(); }
  /// Stationary words of a column that a streaming engine counts as nodes built, per K-tile.
  int stationary_words() const {
    if (takes_pairs()) return 0;
    return datapath == Datapath::split ? tables * ((1 << tile_bits) - 1) : depth();
  }

  /// Operands of the mirrored lattice, also the number of prefix lanes.
  int dimension() const { return tile_bits - 1; }
  /// Groups of `lanes` weight rows in a full sub-tile at the given weight bits.
  int groups_per_tile(int weight_bits) const {
    return takes_pairs() ? 1 : rows / (lanes * planes_per_row(weight_bits));
  }
  /// Weight rows of a full sub-tile.
  int rows_per_tile(int weight_bits) const { return groups_per_tile(weight_bits) * lanes; }
  /// Weight rows of a full sub-tile of a product.
  int tile_rows(const Shape& shape) const {
    const int most = rows_per_tile(shape.weight_bits);
    return shape.tile_rows > 0 ? std::min(shape.tile_rows, most) : most;
  }
  /// TransRows of a full sub-tile, at most `rows`.
  int transrows_per_tile(int weight_bits) const { return rows_per_tile(weight_bits) * weight_bits; }
  /// Entries of a lane's reorder buffer: the way through the lanes' claims, and room to overtake.
  int reorder_depth() const;
  /// Entries of a lane's code queue: what all open sub-tiles hold.
  int code_queue_depth() const;
};

/// One beat of the weight stream: plane `plane` of the weight rows first_row.., one code per lane.
struct WeightBeat {
  int first_row;     ///< Weight row of lane 0.
  int lanes;         ///< Lanes 0..lanes-1 have a row, the others carry don't-care codes.
  int plane;         ///< Bit plane, most significant first.
  bool end_of_tile;  ///< Last beat of its sub-tile.
};

/// All codes of a weight matrix in stream order for one pass over the rows and K (one M-tile).
class WeightStream {
 public:
  /// Slices `weights` [N x K], every value within `shape.weight_bits` bits; bits beyond K are 0.
  WeightStream(const EngineConfig& config, const Shape& shape,
               const tensor::Matrix<std::int8_t>& weights);

  const std::vector<WeightBeat>& beats() const { return beats_; }
  /// Code of `lane` in beat `beat` (0 where the lane has no row).
  Code code(std::size_t beat, int lane) const {
    return codes_[beat * lanes_ + static_cast<std::size_t>(lane)];
  }
  /// Sub-tiles in one pass.
  int tiles() const { return tiles_; }
  /// Leading rows of the weights that calibrate a table.
  int calibration_rows() const { return calibration_rows_; }
  /// Nodes that a table lists in any case, in place of those that the calibrating rows ask for.
  void list(std::vector<bool> nodes) { listed_ = std::move(nodes); }
  const std::optional<std::vector<bool>>& listed() const { return listed_; }

 private:
  std::size_t lanes_;
  int calibration_rows_;
  int tiles_ = 0;
  std::optional<std::vector<bool>> listed_{};
  std::vector<WeightBeat> beats_;
  std::vector<std::uint16_t> codes_;
};

}  // namespace hasse::transitive
