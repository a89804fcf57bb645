// SPDX-License-Identifier: Apache-2.0
// The tables of hasse attend.
#include <fmt/format.h>

#include <algorithm>

#include "flows/attend/attend.hpp"
#include "flows/report/text.hpp"

namespace hasse::attend {
namespace {

using Lines = std::vector<std::vector<std::string>>;

/// Cells of what both tables show.
void add_figures(std::vector<std::string>& line, const attention::QueryFigures& queries,
                 const attention::CacheFigures& caches) {
  const auto steps = static_cast<double>(caches.steps);
  line.push_back(fmt::format("{:.4f}", queries.mean_mass()));
  line.push_back(fmt::format("{:.4f}", queries.mean_recall()));
  line.push_back(fmt::format("{:.2f}", queries.kept.mean()));
  line.push_back(fmt::format("{}", queries.kept.quantile(.5)));
  line.push_back(fmt::format("{}", queries.kept.quantile(.9)));
  line.push_back(fmt::format("{:.2f}", static_cast<double>(caches.pages_read) / steps));
  line.push_back(fmt::format("{:.1f} %", 100 * caches.bytes_read() / caches.dense_bytes));
  line.emplace_back();
}

std::vector<std::string> headings(const std::string& first, const std::string& second) {
  return {first, second, "kept mass", "recall", "tokens", "p50", "p90", "pages", "KV read", ""};
}

std::string policies_table(const AttendResult& result) {
  Lines lines = {headings("policy", "bits/byte")};
  for (const PolicyResult& one : result.policies) {
    std::vector<std::string> line = {one.policy.name,
                                     fmt::format("{:.4f}", one.evaluation.bits_per_byte())};
    add_figures(line, one.evaluation.figures.all_queries(), one.evaluation.figures.all_caches());
    lines.push_back(std::move(line));
  }
  return report::ruled_table(lines);
}

std::string heads_table(const PolicyResult& result) {
  Lines lines = {headings("layer, KV head", "select")};
  const attention::Figures& figures = result.evaluation.figures;
  for (std::size_t layer = 0; layer < figures.caches.size(); ++layer) {
    const std::size_t queries = figures.queries[layer].size() / figures.caches[layer].size();
    for (std::size_t head = 0; head < figures.caches[layer].size(); ++head) {
      attention::QueryFigures group;
      for (std::size_t i = 0; i < queries; ++i)
        group.add(figures.queries[layer][head * queries + i]);
      const attention::HeadPolicy& policy = result.policy.heads[layer][head];
      std::vector<std::string> line = {
          fmt::format("{}, {}", layer, head),
          attention::name_of(policy.select) + (policy.prune ? " + top-p" : "")};
      add_figures(line, group, figures.caches[layer][head]);
      lines.push_back(std::move(line));
    }
  }
  return report::ruled_table(lines);
}

/// A line for every length, a column for every depth.
std::string passkey_table(const PolicyResult& result) {
  Lines lines = {{"length \\ depth"}};
  for (const attention::PasskeyScore& score : result.passkey) {
    const bool first_line = score.length == result.passkey.front().length;
    if (first_line) lines.front().push_back(fmt::format("{:.2f}", score.depth));
    const std::string length = fmt::format("{}", score.length);
    if (lines.back().front() != length) lines.push_back({length});
    lines.back().push_back(
        fmt::format("{}/{} {:.2f}", score.keys_found, score.keys, score.mean_bits()));
  }
  for (auto& line : lines) line.emplace_back();
  return report::ruled_table(lines);
}

}  // namespace

std::string to_table(const AttendResult& result) {
  std::string text =
      fmt::format("{} on {}, {} windows\n{}", result.model, result.text,
                  result.policies.front().evaluation.windows, policies_table(result));
  if (result.policies.size() == 1) {
    text += '\n';
    text += heads_table(result.policies.front());
  }
  for (const PolicyResult& one : result.policies) {
    if (one.passkey.empty()) continue;
    text += fmt::format("\n{}: pass keys found, bits a digit (chance is 3.32)\n{}", one.policy.name,
                        passkey_table(one));
  }
  return text;
}

}  // namespace hasse::attend
