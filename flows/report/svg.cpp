// SPDX-License-Identifier: Apache-2.0
// Shapes, scale and axis.
#include "flows/report/svg.hpp"

#include <fmt/format.h>

#include <cmath>

#include "flows/report/numbers.hpp"
#include "flows/report/stylesheet.hpp"

namespace hasse::report {
namespace {

constexpr int kHues = 16;
constexpr double kPaperMargin = 16;

std::string_view anchor_name(Anchor anchor) {
  switch (anchor) {
    case Anchor::kMiddle:
      return "middle";
    case Anchor::kEnd:
      return "end";
    case Anchor::kStart:
      break;
  }
  return "start";
}

/// The step of 1, 2 or 5 times a power of ten next above `raw`.
double round_step(double raw) {
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (raw <= factor * power * 1.0000001) return factor * power;
  }
  return 10.0 * power;
}

}  // namespace

double Scale::operator()(double value) const {
  if (data_high_ == data_low_) return pixel_low_;
  return pixel_low_ + (value - data_low_) / (data_high_ - data_low_) * (pixel_high_ - pixel_low_);
}

std::vector<double> Scale::ticks(int count) const {
  std::vector<double> out;
  if (data_high_ <= data_low_ || count < 1) return out;
  const double step = round_step((data_high_ - data_low_) / count);
  const auto first = static_cast<std::int64_t>(std::ceil(data_low_ / step - 1e-9));
  for (std::int64_t index = first; static_cast<double>(index) * step <= data_high_ + 1e-9 * step;
       ++index) {
    out.push_back(static_cast<double>(index) * step);
  }
  return out;
}

Path& Path::line(double x1, double y1, double x2, double y2) {
  data_ +=
      fmt::format("M{} {}L{} {}", coordinate(x1), coordinate(y1), coordinate(x2), coordinate(y2));
  return *this;
}

Path& Path::vertical_curve(double x1, double y1, double x2, double y2) {
  const std::string middle = coordinate((y1 + y2) / 2);
  data_ += fmt::format("M{} {}C{} {} {} {} {} {}", coordinate(x1), coordinate(y1), coordinate(x1),
                       middle, coordinate(x2), middle, coordinate(x2), coordinate(y2));
  return *this;
}

Element Path::element(std::string_view cls) const {
  return Element("path").set("class", cls).set("d", data_);
}

Element drawing(std::string_view id, double width, double height, std::string_view title,
                std::string_view description) {
  Element svg("svg");
  svg.set("class", "chart")
      .set("width", width)
      .set("height", height)
      .set("viewBox", fmt::format("0 0 {} {}", coordinate(width), coordinate(height)))
      .set("role", "img")
      .set("aria-labelledby", fmt::format("{0}-title {0}-desc", id));
  svg.add(tagged("title", title).set("id", fmt::format("{}-title", id)));
  svg.add(tagged("desc", description).set("id", fmt::format("{}-desc", id)));
  return svg;
}

Element box(double x, double y, double width, double height, std::string_view cls) {
  Element rect("rect");
  rect.set("class", cls).set("x", x).set("y", y).set("width", width).set("height", height);
  return rect;
}

Element disc(double x, double y, double radius, std::string_view cls) {
  Element circle("circle");
  circle.set("class", cls).set("cx", x).set("cy", y).set("r", radius);
  return circle;
}

Element label(double x, double y, std::string_view text, std::string_view cls, Anchor anchor) {
  Element element("text");
  element.set("class", cls).set("x", x).set("y", y);
  if (anchor != Anchor::kStart) element.set("text-anchor", anchor_name(anchor));
  return element.text(text);
}

Element with_tooltip(Element shape, std::string_view text) {
  shape.add(tagged("title", text));
  return shape;
}

Element axis(const Scale& scale, double y, double left, double right, int tick_count) {
  Element group("g");
  Path rules;
  rules.line(left, y, right, y);
  for (const double tick : scale.ticks(tick_count)) {
    rules.line(scale(tick), y, scale(tick), y + 5);
    group.add(label(scale(tick), y + 18, whole(std::llround(tick)), "t dim", Anchor::kMiddle));
  }
  group.add(rules.element("rule"));
  return group;
}

std::string lane_class(int lane, int lanes) {
  const int hue = lanes <= kHues ? lane * kHues / lanes : lane;
  return fmt::format("l{}", hue % kHues);
}

double text_width(std::string_view text, double font_size) {
  std::size_t letters = 0;
  for (const char c : text) letters += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return 0.56 * font_size * static_cast<double>(letters);
}

std::string standalone(Element drawing) {
  const double width = std::stod(drawing.attribute("width")) + 2 * kPaperMargin;
  const double height = std::stod(drawing.attribute("height")) + 2 * kPaperMargin;
  drawing.set("x", kPaperMargin).set("y", kPaperMargin);
  Element paper("svg");
  paper.set("xmlns", "http://www.w3.org/2000/svg").set("class", "chart");
  paper.set("width", width).set("height", height);
  paper.set("viewBox", fmt::format("0 0 {} {}", coordinate(width), coordinate(height)));
  paper.add(Element("style").stylesheet(chart_css()));
  paper.add(box(0, 0, width, height, "paper")).add(std::move(drawing));
  return paper.str() + '\n';
}

}  // namespace hasse::report
