// SPDX-License-Identifier: Apache-2.0
// Small composable pieces of SVG: shapes, a linear scale, an axis.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "flows/report/markup.hpp"

namespace hasse::report {

/// A linear map of data to pixels.
class Scale {
 public:
  /// Maps data_low..data_high to pixel_low..pixel_high; an empty data range maps to pixel_low.
  Scale(double data_low, double data_high, double pixel_low, double pixel_high)
      : data_low_(data_low),
        data_high_(data_high),
        pixel_low_(pixel_low),
        pixel_high_(pixel_high) {}

  /// The pixel of a data value.
  double operator()(double value) const;
  /// Round data values (1, 2 or 5 times a power of ten apart), about `count` of them.
  std::vector<double> ticks(int count) const;

 private:
  double data_low_, data_high_, pixel_low_, pixel_high_;
};

/// An SVG path, piece by piece.
class Path {
 public:
  Path& line(double x1, double y1, double x2, double y2);
  /// An S-curve that leaves and arrives vertically.
  Path& vertical_curve(double x1, double y1, double x2, double y2);
  /// The path as an element of class `cls`.
  Element element(std::string_view cls) const;

 private:
  std::string data_;
};

/// Where a label stands against its point.
enum class Anchor { kStart, kMiddle, kEnd };

/// A drawing of the given size in pixels, with the title and description that assistive technology
/// reads. `id` must be unique on the page.
Element drawing(std::string_view id, double width, double height, std::string_view title,
                std::string_view description);

/// A rectangle of class `cls`.
Element box(double x, double y, double width, double height, std::string_view cls);

/// A circle of class `cls`.
Element disc(double x, double y, double radius, std::string_view cls);

/// A line of text whose baseline is at y.
Element label(double x, double y, std::string_view text, std::string_view cls = "t",
              Anchor anchor = Anchor::kStart);

/// `shape` with the text a pointer resting on it shows.
Element with_tooltip(Element shape, std::string_view text);

/// A horizontal axis at y: a rule, ticks and whole numbers below.
Element axis(const Scale& scale, double y, double left, double right, int tick_count);

/// The class of the colour of one lane out of `lanes`: the palette is a circle of 16 hues.
std::string lane_class(int lane, int lanes);

/// Roughly how wide `text` is in pixels at `font_size`, for placing legends.
double text_width(std::string_view text, double font_size);

/// A complete .svg file of a drawing: namespace, style sheet, a margin and a ground of its own.
std::string standalone(Element drawing);

}  // namespace hasse::report
