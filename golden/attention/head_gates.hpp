// SPDX-License-Identifier: Apache-2.0
// DuoAttention's trained gates (arXiv 2410.10819), and which heads they make retrieval heads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "golden/tensor/matrix.hpp"

namespace hasse::attention {

/// Reads a gate file, layers x KV heads of numbers: one layer a line, tabs or spaces between, as
/// full_attention_heads.tsv of the paper's repository. Throws tensor::FormatError naming the line
/// for lines of different lengths, words that are no finite number, and an empty file.
tensor::Matrix<float> load_gates(const std::filesystem::path& path);

/// As load_gates, from the `text` of a file that messages call `name`.
tensor::Matrix<float> parse_gates(std::string_view text, const std::string& name);

/// What parse_gates reads back to the same bits.
std::string format_gates(const tensor::Matrix<float>& gates);

/// Which heads keep full attention when a share of them is to stream. The published code takes
/// gates at or above the quantile, after adding random noise that breaks ties; without noise all of
/// a tie at the quantile stay. `ranked` keeps exactly the stated share: gates sorted by value, then
/// by index, the highest are kept.
enum class GateRule { quantile, ranked };

/// 1 for each head [layers x KV heads] that keeps full attention when the share `streaming` of all
/// heads, 0..1, is to stream. Gates are clipped to 0..1 first.
tensor::Matrix<std::uint8_t> retrieval_heads(const tensor::Matrix<float>& gates, double streaming,
                                             GateRule rule);

/// The `share` quantile, 0..1, of the clipped gates, interpolated linearly between neighbours.
double gate_quantile(const tensor::Matrix<float>& gates, double share);

}  // namespace hasse::attention
