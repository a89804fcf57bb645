// SPDX-License-Identifier: Apache-2.0
// Compiles a weight matrix into the program that the compiled planner's hardware streams.
#pragma once

#include <functional>
#include <span>
#include <stdexcept>
#include <vector>

#include "golden/transitive/array_split.hpp"
#include "golden/transitive/place_nodes.hpp"

namespace hasse::transitive {

/// A matrix that cannot be compiled for a design.
class CompileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The words of one pass over a weight matrix, header first.
struct Program {
  Shape shape;                       ///< m is 1: a program serves any number of columns.
  int packed = 1;                    ///< 32-bit words per program word.
  std::vector<std::uint32_t> words;  ///< Program words, least significant part first.

  std::size_t count() const { return words.size() / static_cast<std::size_t>(packed); }
  std::span<const std::uint32_t> word(std::size_t index) const {
    return std::span(words).subspan(index * static_cast<std::size_t>(packed),
                                    static_cast<std::size_t>(packed));
  }
  std::span<std::uint32_t> word(std::size_t index) {
    return std::span(words).subspan(index * static_cast<std::size_t>(packed),
                                    static_cast<std::size_t>(packed));
  }
};

/// What compiling a matrix amounted to. Where units have programs of their own, nodes and TransRows
/// are those of all units, and words, reads and steps those that the unit with the most has.
struct CompileCounts {
  std::uint64_t tiles = 0;
  std::uint64_t transrows = 0;
  std::uint64_t beats = 0;       ///< Beats of the weight stream: the bound on reading.
  std::uint64_t reads = 0;       ///< Words that read; `beats`, unless reads collided.
  std::uint64_t words = 0;       ///< Header excluded.
  std::uint64_t nodes = 0;       ///< Nodes built, helpers included.
  std::uint64_t helpers = 0;     ///< Those of them that are not read.
  std::uint64_t steps = 0;       ///< Steps of all sub-tiles.
  std::uint64_t most_steps = 0;  ///< Of one sub-tile.
  std::uint64_t pace = 0;        ///< Sum of max(words, tile_bits + steps): cycles when loading,
                                 ///< building and reading overlap as in the lattice engine.
};

/// Told the share of sub-tiles done (0..1), now and then.
using CompileProgress = std::function<void(double)>;

/// Compiles `weights`, whose codes `stream` holds. Throws CompileError when a sub-tile needs more
/// words than the hardware holds, which takes a matrix made for the purpose.
Program compile(const EngineConfig& config, const Shape& shape, const WeightStream& stream,
                CompileCounts* counts = nullptr, const CompileProgress& progress = {});

/// Compiles `weights` [N x K] for a whole array. Units with weight rows of their own have programs
/// of their own: a word holds one of each, unit 0's lowest, without gaps, and sub-tiles that need
/// fewer words than another unit's are filled up.
Program compile(const ArrayConfig& config, const Shape& shape,
                const tensor::Matrix<std::int8_t>& weights, CompileCounts* counts = nullptr,
                const CompileProgress& progress = {});

/// What unit `index` is given of the words of an array's `program`.
Program unit_program(const ArrayConfig& config, const Program& program, int index);

/// Bits of a word of an array's program.
int program_word_bits(const ArrayConfig& config);

/// The steps of a placement: per step one LaneStep per prefix lane. A parent is built two steps
/// before its child; no fewer steps than columns_per_adder.
std::vector<std::vector<LaneStep>> schedule(const EngineConfig& config, const Placement& placement);

}  // namespace hasse::transitive
