// SPDX-License-Identifier: Apache-2.0
// What `hasse quantize` is asked for, and what it tells afterwards.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "golden/quant/int4_layouts.hpp"

namespace hasse::quantize {

/// How weights are rounded: `rtn` symmetrically, `affine` with zero points, `awq` the same after a
/// search on calibration text, `qserve` progressively, `olive` in outlier-victim pairs.
enum class Scheme { rtn, affine, awq, qserve, olive };

/// The name of `scheme` on the command line and in files.
std::string_view name_of(Scheme scheme);
/// The scheme called `name`; nothing when there is none.
std::optional<Scheme> scheme_of(std::string_view name);

/// How, and into what, a model is quantised.
struct Request {
  std::filesystem::path input;
  std::filesystem::path output;
  Scheme scheme = Scheme::rtn;
  int bits = 4;
  /// Columns that share a scale; 0: whole rows. Without a value 128 for affine, awq and qserve, and
  /// whole rows for rtn.
  std::optional<int> group;
  /// A published layout of AWQ checkpoints instead of plain codes.
  std::optional<quant::Int4Layout> layout;
  /// Tensors to quantise; empty: the projections of a Llama, all seven of every layer.
  std::vector<std::string> tensors;
  /// Text that awq searches on; empty: the embedded one.
  std::filesystem::path calibration;

  /// The group in force.
  int group_in_force() const;
};

/// What came out.
struct Summary {
  std::size_t quantised = 0;  ///< Tensors.
  std::size_t copied = 0;     ///< Tensors that stay as they are.
  std::uint64_t weights = 0;  ///< Elements of the quantised ones.
  /// |W - Q| / |W| over all quantised weights; those that awq scaled, when it did. Absent when
  /// floats are restored.
  std::optional<double> relative_error;
  std::uint64_t input_bytes = 0;
  std::uint64_t output_bytes = 0;
};

/// Told what is being done, and the share of it done, 0..1.
using ProgressFn = std::function<void(const std::string& what, double share)>;

}  // namespace hasse::quantize
