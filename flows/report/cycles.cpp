// SPDX-License-Identifier: Apache-2.0
// Where the cycles go.
#include <fmt/format.h>

#include <algorithm>

#include "flows/report/charts.hpp"
#include "flows/report/numbers.hpp"
#include "flows/report/svg.hpp"

namespace hasse::report {
namespace {

constexpr double kWidth = 1110;
constexpr double kHeight = 46;

bool useful(const Share& share) {
  return share.name == "accumulating";
}

}  // namespace

std::vector<Share> read_cycle_breakdown(const Field& field) {
  std::vector<Share> shares;
  for (const auto& [name, cycles] : field.members()) {
    shares.push_back({name, static_cast<double>(cycles.count())});
  }
  std::stable_sort(shares.begin(), shares.end(), [](const Share& a, const Share& b) {
    if (useful(a) != useful(b)) return useful(a);
    return a.value > b.value;
  });
  return shares;
}

Element draw_cycle_breakdown(const std::vector<Share>& shares, std::string_view id) {
  const double sum = total(shares);
  std::string words;
  for (const Share& share : shares) {
    words += fmt::format("{}{} {}", words.empty() ? "" : ", ", spoken(share.name),
                         percent(sum > 0 ? share.value / sum : 0));
  }
  Element svg = drawing(id, kWidth, kHeight, "Where the cycles go", words + ".");
  const Scale x(0, sum, 0, kWidth);
  double begin = 0;
  for (std::size_t at = 0; at < shares.size() && sum > 0; ++at) {
    const double end = begin + shares[at].value;
    const double gap = at == 0 ? 0.0 : 1.0;
    const double width = std::max(x(end) - x(begin) - gap, 0.0);
    svg.add(with_tooltip(box(x(begin) + gap, 0, width, kHeight, fmt::format("c{}", at % 8)),
                         fmt::format("{}: {} cycles, {}", spoken(shares[at].name),
                                     whole(static_cast<std::int64_t>(shares[at].value)),
                                     percent(shares[at].value / sum))));
    begin = end;
  }
  return svg;
}

}  // namespace hasse::report
