// SPDX-License-Identifier: Apache-2.0
// What a verification multiplies: tensors from files, a real layer of a language model, or random
// ones.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "verif/harness/engine.hpp"

namespace hasse::harness {

/// How weights of a model are quantised: `plain` with a step per row and no scales of groups
/// (quant::quantize_weights), else quant::quantize_symmetric_groups or quant::quantize_qserve.
enum class Scheme { plain, symmetric, qserve };

/// Columns that share a scale where nothing else is asked for.
inline constexpr int kDefaultGroup = 128;

/// Where operands come from. At most one of the three sources may be used: `weights` with
/// `activations`; `random`; the model fields. With none, the embedded byte-level model's
/// layer 0 down projection meets the first 64 bytes of `kDefaultText`.
struct WorkloadOptions {
  /// .npy files: int8 (or int16 holding small values) [N x K]; int8, int16, uint8 or uint16
  /// [K x M].
  std::filesystem::path weights;
  std::filesystem::path activations;

  /// Uniformly random operands of this shape; its weight_bits are ignored in favour of the field
  /// below.
  std::optional<transitive::Shape> random;

  /// safetensors file of a byte-level Llama; empty: the embedded one.
  std::filesystem::path model;
  /// Projection of the model, e.g. "model.layers.0.mlp.down_proj.weight"; empty: that one.
  std::string tensor;
  /// File whose first `tokens` bytes the model reads; empty: kDefaultText.
  std::filesystem::path text;
  std::size_t tokens = 64;

  /// Operands of files or of a model are repeated to fill n, k and m, or cut where they are larger;
  /// for engines whose tiles are larger than a small model's layers. Not for scaled groups.
  std::optional<transitive::Shape> filled;

  /// Bits of the weights, 2..8. Without a value: from files the fewest that hold all of them, else
  /// 4 or the design's most, whichever is less.
  std::optional<int> weight_bits;
  /// Bits of the activations, 4, 8 or 16 and at most the design's, which they are without a value.
  std::optional<int> activation_bits;
  /// Activations are unsigned: random ones, and those of a model, whose range is then quantised
  /// with a zero point. Those of unsigned files are, where the design can take them so.
  bool unsigned_activations = false;
  /// Of random operands.
  std::uint64_t seed = 1;

  /// Columns of the weights that share a scale; 0: no scales, but for weights of a model. These are
  /// quantised by `scheme`: symmetric if only a group is given, in groups of kDefaultGroup if only
  /// the scheme is given, and if neither is, nor their bits, by QServe's W4A8 in such groups on a
  /// design that scales them, plainly on others. Weights of files need the files `scales` (0..255)
  /// and, unless they are all 0, `zeros`, int8 or int16 [N x ceil(K / group)]. Random ones get
  /// random scales.
  int group = 0;
  std::optional<Scheme> scheme;
  std::filesystem::path scales;
  std::filesystem::path zeros;
  /// Leading rows of the weights whose codes a static planner's table lists; 0: all rows.
  int calibration_rows = 0;
  /// Results are requantised to eight bits, every row so that its largest becomes 127 or less.
  bool requantise = false;
};

/// Text of the default workload, on every Debian machine.
inline constexpr const char* kDefaultText = "/usr/share/common-licenses/MPL-2.0";

/// Projection of the default workload.
inline constexpr const char* kDefaultTensor = "model.layers.0.mlp.down_proj.weight";

/// Operands, and one line that says where they come from.
struct Workload {
  Operands operands;
  std::string description;
};

/// Makes the operands for `engine`, checked against it. Throws HarnessError for contradicting
/// options and for operands the engine cannot take, tensor::FormatError for files.
Workload make_workload(const Engine& engine, const WorkloadOptions& options);

/// The integers of the .npy file `file`, which need at most `most` bits of two's complement. Throws
/// tensor::FormatError, and HarnessError for larger values.
tensor::Matrix<std::int32_t> read_codes(const std::filesystem::path& file, int most);

/// Fewest bits, 2..32, of two's complement that hold every value of `matrix`.
int bits_needed(const tensor::Matrix<std::int32_t>& matrix);

/// Random scales of the groups, such that scaled weights are of about eight bits, and zero points.
quant::GroupScales random_scales(const transitive::Shape& shape, int group, std::uint64_t seed);

/// Uniformly random operands over the whole range of their bits.
Operands random_operands(const Engine& engine, const transitive::Shape& shape, std::uint64_t seed);

}  // namespace hasse::harness
