// SPDX-License-Identifier: Apache-2.0
// Draws bits per byte by method.
#include <fmt/format.h>

#include <algorithm>

#include "flows/evaluate/evaluation.hpp"
#include "flows/report/svg.hpp"

namespace hasse::evaluate {
namespace {

using report::Anchor;
using report::Element;

constexpr double kWidth = 720, kLeft = 110, kRight = 560, kTop = 34, kRowHeight = 26, kBar = 16;

/// What a method costs against the first, "+2.1 %"; nothing for the first itself.
std::string cost(const Evaluation& evaluation, const MethodResult& method) {
  const double base = evaluation.methods.front().score.bits_per_byte;
  return &method == &evaluation.methods.front()
             ? ""
             : fmt::format(", {:+.2f} %", 100 * (method.score.bits_per_byte / base - 1));
}

void add_row(Element& svg, const Evaluation& evaluation, const MethodResult& method, double y,
             const report::Scale& scale) {
  const double bits = method.score.bits_per_byte, baseline = y + kBar - 4;
  svg.add(report::label(kLeft - 8, baseline, method.name, "t", Anchor::kEnd));
  svg.add(report::with_tooltip(
      report::box(kLeft, y, scale(bits) - kLeft, kBar, "acc"),
      fmt::format("{}: weights {}, activations {}; perplexity {:.4f}", method.name, method.weights,
                  method.activations, method.score.perplexity)));
  svg.add(report::label(scale(bits) + 6, baseline,
                        fmt::format("{:.4f}{}", bits, cost(evaluation, method)), "t small"));
}

}  // namespace

report::Element plot(const Evaluation& evaluation) {
  double most = 0;
  for (const MethodResult& method : evaluation.methods)
    most = std::max(most, method.score.bits_per_byte);
  const report::Scale scale(0, most, kLeft, kRight);
  const double height = kTop + kRowHeight * static_cast<double>(evaluation.methods.size()) + 8;
  const std::string title =
      fmt::format("Bits per byte, {} on {}", evaluation.model, evaluation.text);
  Element svg = report::drawing("accuracy", kWidth, height, title,
                                "One bar for each method of quantising; shorter is better.");
  svg.add(report::label(kLeft, 18, title, "t b"));
  double y = kTop;
  for (const MethodResult& method : evaluation.methods) {
    add_row(svg, evaluation, method, y, scale);
    y += kRowHeight;
  }
  return svg;
}

}  // namespace hasse::evaluate
