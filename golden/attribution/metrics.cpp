// SPDX-License-Identifier: Apache-2.0
// Measures of predictions and credits.
#include "golden/attribution/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hasse::attribution {
namespace {

/// Ranks from 1, equal values sharing their mean.
template <class T>
std::vector<double> ranks(std::span<const T> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](auto a, auto b) { return values[a] < values[b]; });
  std::vector<double> result(values.size());
  for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
    while (last < order.size() && values[order[last]] == values[order[first]]) ++last;
    for (std::size_t i = first; i < last; ++i)
      result[order[i]] = static_cast<double>(first + last + 1) / 2;
  }
  return result;
}

}  // namespace

double auc(std::span<const float> predictions, std::span<const std::uint8_t> converted) {
  const std::vector<double> rank = ranks(predictions);
  double positives = 0, sum = 0;
  for (std::size_t i = 0; i < rank.size(); ++i) {
    if (converted[i] == 0) continue;
    ++positives;
    sum += rank[i];
  }
  const double negatives = static_cast<double>(rank.size()) - positives;
  if (positives == 0 || negatives == 0) return 0.5;
  return (sum - positives * (positives + 1) / 2) / positives / negatives;
}

double log_loss(std::span<const float> predictions, std::span<const std::uint8_t> converted) {
  constexpr double kLeast = 0x1p-23;
  double sum = 0;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const double p = std::clamp(static_cast<double>(predictions[i]), kLeast, 1 - kLeast);
    sum -= std::log(converted[i] != 0 ? p : 1 - p);
  }
  return predictions.empty() ? 0 : sum / static_cast<double>(predictions.size());
}

std::vector<CalibrationBin> calibration(std::span<const float> predictions,
                                        std::span<const std::uint8_t> converted, std::size_t bins) {
  std::vector<CalibrationBin> all(bins);
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const auto at = static_cast<std::size_t>(predictions[i] * static_cast<float>(bins));
    CalibrationBin& bin = all[std::min(at, bins - 1)];
    ++bin.journeys;
    bin.predicted += predictions[i];
    bin.observed += converted[i];
  }
  std::erase_if(all, [](const CalibrationBin& bin) { return bin.journeys == 0; });
  for (CalibrationBin& bin : all) {
    bin.predicted /= static_cast<double>(bin.journeys);
    bin.observed /= static_cast<double>(bin.journeys);
  }
  return all;
}

double rank_correlation(std::span<const double> a, std::span<const double> b) {
  const std::vector<double> x = ranks(a), y = ranks(b);
  const double mean = static_cast<double>(x.size() + 1) / 2;
  double xy = 0, xx = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mean) * (y[i] - mean);
    xx += (x[i] - mean) * (x[i] - mean);
    yy += (y[i] - mean) * (y[i] - mean);
  }
  return xx == 0 || yy == 0 ? 0 : xy / std::sqrt(xx * yy);
}

double mean_error(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
  return a.empty() ? 0 : sum / static_cast<double>(a.size());
}

}  // namespace hasse::attribution
