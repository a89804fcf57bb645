// SPDX-License-Identifier: Apache-2.0
// Pictures of an attribution: credits and ROI by channel, and how far predictions can be believed.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "flows/attribute/attribution_result.hpp"
#include "flows/report/numbers.hpp"
#include "flows/report/svg.hpp"
#include "golden/tensor/file.hpp"

namespace hasse::attribute {
namespace {

using report::Anchor;
using report::Element;
using report::Scale;

constexpr double kWidth = 640;
constexpr double kNames = 130;    ///< Column of channels.
constexpr double kFigures = 110;  ///< Column of numbers on the right.
constexpr double kRow = 28;
constexpr double kBar = 17;

struct Bar {
  std::string name;
  double value;
};

Element bars(std::string_view id, std::string_view title, const std::vector<Bar>& rows) {
  double most = 0;
  for (const Bar& row : rows) most = std::max(most, row.value);
  Element svg =
      report::drawing(id, kWidth, 30 + kRow * static_cast<double>(rows.size()), title,
                      fmt::format("One bar a channel, the longest {}.", report::significant(most)));
  svg.add(report::label(0, 14, title, "t b"));
  const Scale x(0, most, 0, kWidth - kNames - kFigures);
  double y = 30;
  for (const Bar& row : rows) {
    svg.add(report::label(0, y + 13, row.name));
    svg.add(report::with_tooltip(report::box(kNames, y, std::max(x(row.value), 1.0), kBar, "logic"),
                                 fmt::format("{}: {}", row.name, report::significant(row.value))));
    svg.add(report::label(kWidth, y + 13, report::significant(row.value), "t dim", Anchor::kEnd));
    y += kRow;
  }
  return svg;
}

Element draw_credits(const Result& result) {
  std::vector<Bar> rows;
  for (const auto& channel : result.channels) rows.push_back({channel.name, channel.credit});
  return bars("credits", "Conversions credited to each channel", rows);
}

Element draw_roi(const Result& result) {
  std::vector<Bar> rows;
  for (const auto& channel : result.channels)
    rows.push_back({channel.name, channel.roi.value_or(0)});
  return bars("roi", "Conversions credited per unit of cost", rows);
}

/// Predictions to the right, outcomes upwards; what is calibrated lies on the diagonal.
Element draw_calibration(const Result& result) {
  constexpr double kSide = 320, kLeft = 60, kTop = 34;
  Element svg = report::drawing("calibration", kSide + 2 * kLeft, kSide + kTop + 50,
                                "Predicted and observed conversions",
                                fmt::format("{} groups of journeys.", result.calibration.size()));
  svg.add(report::label(0, 14, "Share that converted, by predicted probability", "t b"));
  const Scale x(0, 1, kLeft, kLeft + kSide), y(0, 1, kTop + kSide, kTop);
  svg.add(report::Path().line(x(0), y(0), x(1), y(1)).element("boundary"));
  svg.add(report::Path().line(x(0), y(0), x(1), y(0)).line(x(0), y(0), x(0), y(1)).element("rule"));
  for (const double tick : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    const std::string text = fmt::format("{}", tick);
    svg.add(report::label(x(tick), y(0) + 18, text, "t dim", Anchor::kMiddle));
    svg.add(report::label(x(0) - 8, y(tick) + 4, text, "t dim", Anchor::kEnd));
  }
  svg.add(report::label(x(0.5), y(0) + 38, "predicted", "t", Anchor::kMiddle));
  for (const auto& bin : result.calibration)
    svg.add(report::with_tooltip(
        report::disc(x(bin.predicted), y(bin.observed), 5, "logic"),
        fmt::format("{} journeys: predicted {}, observed {}",
                    report::whole(static_cast<std::int64_t>(bin.journeys)),
                    report::percent(bin.predicted), report::percent(bin.observed))));
  return svg;
}

}  // namespace

void write_plots(const Result& result, const std::filesystem::path& dir) {
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  if (error) throw std::runtime_error(fmt::format("{}: {}", dir.string(), error.message()));
  tensor::write_file(dir / "credits.svg", report::standalone(draw_credits(result)));
  tensor::write_file(dir / "roi.svg", report::standalone(draw_roi(result)));
  tensor::write_file(dir / "calibration.svg", report::standalone(draw_calibration(result)));
}

}  // namespace hasse::attribute
