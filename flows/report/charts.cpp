// SPDX-License-Identifier: Apache-2.0
// What several charts share.
#include "flows/report/charts.hpp"

#include <algorithm>
#include <numeric>

namespace hasse::report {

double total(const std::vector<Share>& shares) {
  return std::accumulate(shares.begin(), shares.end(), 0.0,
                         [](double sum, const Share& share) { return sum + share.value; });
}

std::string spoken(std::string_view identifier) {
  std::string text(identifier);
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

}  // namespace hasse::report
