// SPDX-License-Identifier: Apache-2.0
// Retrieval of a pass key: digits hidden at some depth of a text have to be repeated at its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "golden/attention/policy.hpp"
#include "golden/model/llama.hpp"

namespace hasse::attention {

/// One prompt with its answer.
struct Passkey {
  std::string text;          ///< Filler, the key at its depth, filler, and the answer at the end.
  std::size_t question = 0;  ///< Where the last line, which ends in the answer, begins.
  std::size_t answer = 0;    ///< Where the answer's digits begin.
};

/// Digits of a key.
inline constexpr std::size_t kPasskeyDigits = 5;

/// Shortest text that has room for key and question.
std::size_t shortest_passkey();

/// A text of `length` bytes: slices of `filler`, and the key `depth` of the way, 0..1. `seed` draws
/// the key and where the filler starts. The wording is the one the byte-level model was trained
/// with. Throws std::invalid_argument when `length` is below shortest_passkey() or `filler` is
/// shorter than it.
Passkey make_passkey(std::string_view filler, std::size_t length, double depth, std::uint32_t seed);

/// What a model makes of the keys of one depth and length.
struct PasskeyScore {
  std::size_t length = 0;
  double depth = 0;
  std::size_t keys = 0;
  std::size_t keys_found = 0;    ///< All digits are the likeliest byte: greedy decoding finds them.
  std::size_t digits_found = 0;  ///< Digits that are the likeliest byte.
  double digit_bits = 0;         ///< Sum of the surprise at the digits.

  double mean_bits() const { return digit_bits / static_cast<double>(keys * kPasskeyDigits); }
};

/// What to try.
struct PasskeyGrid {
  std::vector<std::size_t> lengths;
  std::vector<double> depths;
  std::size_t keys = 8;  ///< Of each length and depth.
  std::uint32_t seed = 0;
};

/// Scores every length and depth of `grid` under `policy`: all before the question is the prompt,
/// question and answer are decoded. Lengths outermost. The model reads bytes.
std::vector<PasskeyScore> passkey_scores(const model::Llama& model, std::string_view filler,
                                         const Policy& policy, const PasskeyGrid& grid,
                                         const std::function<void(double)>& progress = {});

}  // namespace hasse::attention
