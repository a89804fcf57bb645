// SPDX-License-Identifier: Apache-2.0
// The page of hasse attend: a heat map of every figure by layer and head, and of pass keys.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "flows/attend/attend.hpp"
#include "flows/report/heat_map.hpp"
#include "flows/report/markup.hpp"
#include "flows/report/sheet.hpp"

namespace hasse::attend {
namespace {

using report::Element;
using report::HeatCell;
using report::HeatMap;
using report::tagged;

std::vector<std::string> numbers(std::size_t count) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) texts.push_back(fmt::format("{}", i));
  return texts;
}

HeatMap by_query_head(const attention::Figures& figures, const std::string& title,
                      const std::function<HeatCell(const attention::QueryFigures&)>& cell) {
  HeatMap map{title,
              "query head",
              "layer",
              numbers(figures.queries.front().size()),
              numbers(figures.queries.size()),
              {}};
  for (const auto& layer : figures.queries) {
    map.cells.emplace_back();
    for (const auto& head : layer) map.cells.back().push_back(cell(head));
  }
  return map;
}

HeatMap by_kv_head(const attention::Figures& figures) {
  HeatMap map{
      "Bytes read, share of dense",   "KV head", "layer", numbers(figures.caches.front().size()),
      numbers(figures.caches.size()), {}};
  for (const auto& layer : figures.caches) {
    map.cells.emplace_back();
    for (const auto& head : layer) {
      const double share = head.bytes_read() / head.dense_bytes;
      map.cells.back().push_back({share, fmt::format("{:.1f} %", 100 * share)});
    }
  }
  return map;
}

/// Lengths down, depths across; dark where the digits are no surprise.
HeatMap passkey_map(const std::vector<attention::PasskeyScore>& scores) {
  constexpr double kChance = 3.3219;  // log2 of ten digits
  HeatMap map{
      "Pass keys: bits a digit (chance is 3.32), keys found", "depth", "length", {}, {}, {}};
  for (const attention::PasskeyScore& score : scores) {
    const std::string length = fmt::format("{}", score.length);
    if (map.rows.empty() || map.rows.back() != length) {
      map.rows.push_back(length);
      map.cells.emplace_back();
    }
    if (map.rows.size() == 1) map.columns.push_back(fmt::format("{:.2f}", score.depth));
    map.cells.back().push_back(
        {1 - score.mean_bits() / kChance,
         fmt::format("{:.2f}, {}/{}", score.mean_bits(), score.keys_found, score.keys)});
  }
  return map;
}

double most_kept(const attention::Figures& figures) {
  double most = 1;
  for (const auto& layer : figures.queries) {
    for (const auto& head : layer) most = std::max(most, head.kept.mean());
  }
  return most;
}

std::vector<HeatMap> maps_of(const PolicyResult& result) {
  const attention::Figures& figures = result.evaluation.figures;
  const double most = most_kept(figures);
  std::vector<HeatMap> maps = {
      by_query_head(figures, "Kept mass",
                    [](const attention::QueryFigures& head) {
                      return HeatCell{head.mean_mass(), fmt::format("{:.3f}", head.mean_mass())};
                    }),
      by_query_head(
          figures, "Recall of the highest scores",
          [](const attention::QueryFigures& head) {
            return HeatCell{head.mean_recall(), fmt::format("{:.3f}", head.mean_recall())};
          }),
      by_query_head(
          figures, "Tokens read, mean",
          [most](const attention::QueryFigures& head) {
            return HeatCell{head.kept.mean() / most, fmt::format("{:.1f}", head.kept.mean())};
          }),
      by_kv_head(figures)};
  if (!result.passkey.empty()) maps.push_back(passkey_map(result.passkey));
  return maps;
}

Element chapter(const PolicyResult& result, std::size_t number) {
  Element out("article");
  out.add(tagged("h2", result.policy.name, number == 0 ? "first" : ""));
  const double share = result.evaluation.figures.all_caches().bytes_read() /
                       result.evaluation.figures.all_caches().dense_bytes;
  out.add(tagged("p", fmt::format("{:.4f} bits per byte, {:.1f} % of the cache's bytes read.",
                                  result.evaluation.bits_per_byte(), 100 * share)));
  Element grid("div");
  grid.set("class", "columns");
  const std::vector<HeatMap> maps = maps_of(result);
  for (std::size_t i = 0; i < maps.size(); ++i) {
    Element figure("figure");
    figure.add(report::draw_heat_map(maps[i], fmt::format("p{}-{}", number, i)));
    grid.add(std::move(figure));
  }
  return out.add(std::move(grid));
}

}  // namespace

std::string to_page(const AttendResult& result) {
  Element header("header");
  header.add(tagged("h1", "What attention reads"));
  header.add(tagged("p", fmt::format("{} on {}.", result.model, result.text), "lead"));
  Element main("main");
  for (std::size_t i = 0; i < result.policies.size(); ++i) main.add(chapter(result.policies[i], i));
  Element body("body");
  body.add(std::move(header)).add(std::move(main));
  return report::html_page("Hasse: attention", std::move(body));
}

}  // namespace hasse::attend
