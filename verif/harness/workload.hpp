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

/// Where operands come from. At most one of the three sources may be used: `weights` with
/// `activations`; `random`; the model fields. With none, the embedded byte-level model's
/// layer 0 down projection meets the first 64 bytes of `kDefaultText`.
struct WorkloadOptions {
  /// .npy files: int8 (or int16 holding small values) [N x K], int8 or int16 [K x M].
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

  /// Bits of the weights, 2..8. Without a value: from files the fewest that hold all of them, else
  /// 4 or the design's most, whichever is less.
  std::optional<int> weight_bits;
  /// Of random operands.
  std::uint64_t seed = 1;
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

/// Fewest bits, 2..16, of two's complement that hold every value of `matrix`.
int bits_needed(const tensor::Matrix<std::int16_t>& matrix);

/// Uniformly random operands over the whole range of their bits.
Operands random_operands(const Engine& engine, const transitive::Shape& shape, std::uint64_t seed);

}  // namespace hasse::harness
