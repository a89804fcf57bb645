// SPDX-License-Identifier: Apache-2.0
// How good predictions and credits are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hasse::attribution {

/// Area under the receiver operating characteristic: the probability that a converted journey has a
/// higher prediction than one that is not, ties counting half. 0.5 when there are none of either.
double auc(std::span<const float> predictions, std::span<const std::uint8_t> converted);

/// Mean of -log of the probability given to what happened, probabilities kept 2^-23 away from 0 and
/// 1.
double log_loss(std::span<const float> predictions, std::span<const std::uint8_t> converted);

/// Journeys whose predictions are close together.
struct CalibrationBin {
  double predicted = 0;  ///< Mean prediction.
  double observed = 0;   ///< Share that converted.
  std::size_t journeys = 0;
};

/// Predictions in `bins` equal parts of 0..1; parts without journeys are left out.
std::vector<CalibrationBin> calibration(std::span<const float> predictions,
                                        std::span<const std::uint8_t> converted, std::size_t bins);

/// Spearman's rank correlation of two lists of the same length; ties share their mean rank. 0 when
/// all of one list are equal.
double rank_correlation(std::span<const double> a, std::span<const double> b);

/// Mean of |a - b|.
double mean_error(std::span<const double> a, std::span<const double> b);

}  // namespace hasse::attribution
