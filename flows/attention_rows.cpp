// SPDX-License-Identifier: Apache-2.0
#include "flows/attention_rows.hpp"

#include <fmt/format.h>

namespace hasse::flows {
namespace {

using harness::DecodeResult;
using harness::VerifiedSeries;

/// The mean of `figure` over the steps of `series`.
template <class Figure>
double mean(const VerifiedSeries& series, const Figure& figure) {
  double sum = 0;
  for (const DecodeResult& step : series.steps) sum += static_cast<double>(figure(step));
  return sum / static_cast<double>(series.steps.size());
}

std::string text_of(const VerifiedSeries& series, const units::AttentionGeometry& g) {
  const double bytes = mean(series, [](const auto& step) { return step.run.bytes.all(); });
  const double dense = mean(series, [&](const auto& step) {
    return harness::dense_bytes(g, step.tokens, series.setting.kv_bits);
  });
  const double cycles = mean(series, [](const auto& step) { return step.run.cycles; });
  return fmt::format(
      "{:>9} cycles, {:>5.1f} pages of keys, {:>5.1f} of values, {:>7.1f} tokens kept, "
      "{:>9} bytes, {:5.1f} % of dense",
      grouped(static_cast<long long>(cycles)),
      mean(series, [](const auto& step) { return step.run.listed.size(); }),
      mean(series, [](const auto& step) { return step.run.value_pages.size(); }),
      mean(series, [](const auto& step) { return step.kept; }),
      grouped(static_cast<long long>(bytes)), 100 * bytes / dense);
}

}  // namespace

Rows attention_rows_of(const harness::VerifyAttentionResult& result) {
  const auto outputs = static_cast<long long>(result.outputs());
  const auto wrong = static_cast<long long>(result.mismatches());
  Rows rows = {{"outputs", wrong == 0
                               ? fmt::format("all {} equal the bit-true model's, and so do pages "
                                             "and bytes",
                                             grouped(outputs))
                               : fmt::format("{} of {}, lists of pages or bytes are WRONG",
                                             grouped(wrong), grouped(outputs))}};
  for (const VerifiedSeries& series : result.series)
    rows.emplace_back(fmt::format("{}, KV{}", series.setting.name, series.setting.kv_bits),
                      text_of(series, result.geometry));
  if (result.pace.bytes_per_cycle < harness::kNoLimit)
    rows.emplace_back("memory", fmt::format("{:.2f} bytes a cycle, latency {}",
                                            result.pace.bytes_per_cycle, result.pace.latency));
  for (const std::string& remark : result.remarks) rows.emplace_back("remark", remark);
  return rows;
}

}  // namespace hasse::flows
