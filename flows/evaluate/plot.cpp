// SPDX-License-Identifier: Apache-2.0
// Draws bits per byte by method.
#include <fmt/format.h>

#include "flows/evaluate/evaluation.hpp"
#include "flows/report/bars.hpp"

namespace hasse::evaluate {
namespace {

/// What a method costs against the first, ", +2.1 %"; nothing for the first itself.
std::string cost(const Evaluation& evaluation, const MethodResult& method) {
  const double base = evaluation.methods.front().score.bits_per_byte;
  return &method == &evaluation.methods.front()
             ? ""
             : fmt::format(", {:+.2f} %", 100 * (method.score.bits_per_byte / base - 1));
}

}  // namespace

report::Element plot(const Evaluation& evaluation) {
  std::vector<report::Bar> bars;
  for (const MethodResult& method : evaluation.methods)
    bars.push_back({method.name, method.score.bits_per_byte,
                    fmt::format("{:.4f}{}", method.score.bits_per_byte, cost(evaluation, method)),
                    fmt::format("{}: weights {}, activations {}; perplexity {:.4f}", method.name,
                                method.weights, method.activations, method.score.perplexity)});
  return report::draw_bars(
      "accuracy", fmt::format("Bits per byte, {} on {}", evaluation.model, evaluation.text),
      "One bar for each method of quantising; shorter is better.", bars);
}

}  // namespace hasse::evaluate
