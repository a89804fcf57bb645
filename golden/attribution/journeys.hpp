// SPDX-License-Identifier: Apache-2.0
// Customer journeys: the touches of a user with channels, in time order, and whether they
// converted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "golden/tensor/matrix.hpp"
#include "golden/tensor/safetensors.hpp"

namespace hasse::attribution {

/// Journeys one after the other; journey j has touches offsets[j] .. offsets[j + 1] - 1.
struct Journeys {
  std::string name;                       ///< What messages call them, a file's name.
  std::vector<std::int32_t> offsets;      ///< One more than journeys; strictly rising from 0.
  std::vector<std::uint8_t> channel;      ///< Per touch.
  tensor::Matrix<std::int16_t> category;  ///< Touches x columns, features of the touch.
  std::vector<float> time;                ///< Per touch, in seconds; does not fall in a journey.
  std::vector<float> cost;                ///< Per touch, not negative.
  std::vector<std::int32_t> user;         ///< Per journey.
  std::vector<std::uint8_t> converted;    ///< Per journey, 0 or 1.
  std::vector<std::string> channels;      ///< Names; channels beyond them have none.

  std::size_t size() const { return user.size(); }
  std::size_t touches() const { return channel.size(); }
  /// First touch of journey `j`, and its touches.
  std::size_t first(std::size_t j) const { return static_cast<std::size_t>(offsets[j]); }
  std::size_t length(std::size_t j) const { return first(j + 1) - first(j); }
  /// Channels that occur or have a name.
  std::size_t channel_count() const;
  /// The name of `channel_number`: that of the file, else "channel N".
  std::string channel_name(std::size_t channel_number) const;
};

/// Sizes of the tables a model looks its inputs up in.
struct Vocabulary {
  std::size_t channels = 0;
  std::vector<std::size_t> categories;  ///< Per column.
  std::size_t users = 0;
};

/// Reads journeys from a safetensors file: I32 `offsets`, `user`; U8 `channel`, `converted`; I16
/// `category` [touches x columns]; F32 `time`, `cost`. The metadata's `channels` may name the
/// channels, separated by commas. Throws tensor::FormatError naming file, field, value and
/// expectation: no journeys, an empty one, offsets that do not rise or do not fit, numbers that are
/// not finite, times that fall within a journey, costs or categories below 0.
Journeys load_journeys(const std::filesystem::path& path);

/// As load_journeys, from a file already read.
Journeys parse_journeys(const tensor::Safetensors& file);

/// Throws tensor::FormatError, naming touch or journey, when an index lies beyond `vocabulary` or
/// the number of category columns differs.
void check(const Journeys& journeys, const Vocabulary& vocabulary);

/// The tensors of a file that load_journeys reads.
std::vector<tensor::TensorData> tensors_of(const Journeys& journeys);

/// Writes `journeys` as load_journeys reads them. Throws tensor::FormatError when that fails.
void write_journeys(const std::filesystem::path& path, const Journeys& journeys);

/// Journeys `which`, in that order.
Journeys select(const Journeys& journeys, const std::vector<std::size_t>& which);

}  // namespace hasse::attribution
