// SPDX-License-Identifier: Apache-2.0
// Quantises every projection of a model by one method.
#include "golden/model/methods.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "golden/quant/affine.hpp"

namespace hasse::model {
namespace {

using tensor::Matrix;

constexpr int kAwqActivationBits = 16;

constexpr std::array<MethodInfo, 7> kMethods = {{
    {Method::w8a8, "w8a8", "8 bits, a step per row", "8 bits per token"},
    {Method::w4a8_rtn, "w4a8_rtn", "4 bits, a step per row", "8 bits per token"},
    {Method::w4a16_rtn, "w4a16_rtn", "4 bits, groups with zero points", "16 bits per token"},
    {Method::awq_w4, "awq_w4", "4 bits, AWQ's groups", "16 bits per token"},
    {Method::qserve_w4a8, "qserve_w4a8", "4 bits, QServe's groups", "8 bits per token"},
    {Method::olive4, "olive4", "4-bit outlier-victim pairs", "4-bit pairs per tensor"},
    {Method::olive8, "olive8", "8-bit outlier-victim pairs", "8-bit pairs per tensor"},
}};

int group_of(const Matrix<float>& w, const MethodOptions& options) {
  return options.group > 0 ? options.group : static_cast<int>(w.cols());
}

quant::GroupedWeights qserve(const Matrix<float>& w, const MethodOptions& options) {
  return options.group > 0 ? quant::quantize_qserve(w, options.group)
                           : quant::quantize_qserve_rows(w);
}

IntegerLayers grouped_layers(const Llama& model, Method method, const MethodOptions& options) {
  IntegerLayers layers;
  for (const std::string& name : model.linear_names()) {
    const Matrix<float>& w = model.weight(name);
    const auto add = [&](quant::GroupedWeights weights, int bits) {
      layers.emplace(name, IntegerLinear(std::move(weights), bits));
    };
    switch (method) {
      case Method::w8a8:
        add(quant::as_groups(quant::quantize_weights(w, 8)), 8);
        break;
      case Method::w4a8_rtn:
        add(quant::as_groups(quant::quantize_weights(w, 4)), 8);
        break;
      case Method::qserve_w4a8:
        add(qserve(w, options), 8);
        break;
      default:
        add(quant::with_integer_scales(quant::quantize_affine(w, 4, group_of(w, options))),
            kAwqActivationBits);
    }
  }
  return layers;
}

/// The input of every projection over one window, features x tokens.
std::map<std::string, Matrix<float>> inputs_over(const Llama& model,
                                                 std::span<const Token> window) {
  std::map<std::string, Matrix<float>> inputs;
  model.forward(window, [&](const std::string& name, const Matrix<float>& input) {
    inputs[name] = tensor::transpose(input);
  });
  return inputs;
}

IntegerLayers olive_layers(const Llama& model, int bits, const MethodOptions& options,
                           const MethodProgress& progress) {
  const auto inputs = inputs_over(model, options.calibration.front());
  const std::vector<std::string> names = model.linear_names();
  IntegerLayers layers;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (progress)
      progress("searching scales", static_cast<double>(i) / static_cast<double>(names.size()));
    const Matrix<float>& x = inputs.at(names[i]);
    const bool is_signed = std::ranges::any_of(x.values(), [](float value) { return value < 0; });
    layers.emplace(
        names[i],
        IntegerLinear(quant::quantize_olive_weights(model.weight(names[i]),
                                                    quant::olive_candidates(bits, true)),
                      quant::calibrate_olive(x, quant::olive_candidates(bits, is_signed))));
  }
  return layers;
}

Llama awq_searched(const Llama& model, const MethodOptions& options,
                   const MethodProgress& progress) {
  const auto largest =
      static_cast<int>(std::max(model.config().intermediate_size, model.config().query_size()));
  return awq_search(model, options.calibration,
                    {4, options.group > 0 ? options.group : largest, true},
                    [&](const std::string&, double share) {
                      if (progress) progress("searching scales", share);
                    });
}

}  // namespace

std::span<const MethodInfo> methods() {
  return kMethods;
}

std::optional<Method> method_of(std::string_view name) {
  const auto* found = std::ranges::find(kMethods, name, &MethodInfo::name);
  return found == kMethods.end() ? std::nullopt : std::optional(found->method);
}

QuantisedModel quantise(const Llama& model, Method method, const MethodOptions& options,
                        const MethodProgress& progress) {
  const bool olive = method == Method::olive4 || method == Method::olive8;
  if ((olive || method == Method::awq_w4) && options.calibration.empty())
    throw ModelError("this method needs text to calibrate on");
  Llama base = method == Method::awq_w4 ? awq_searched(model, options, progress) : model;
  IntegerLayers layers =
      olive ? olive_layers(base, method == Method::olive4 ? 4 : 8, options, progress)
            : grouped_layers(base, method, options);
  for (const auto& [name, layer] : layers) base.set_linear(name, layer);
  return {std::move(base), std::move(layers)};
}

PairReport pair_report(const Llama& model, const IntegerLayers& layers,
                       std::span<const Token> window) {
  const auto inputs = inputs_over(model, window);
  PairReport report;
  for (const auto& [name, layer] : layers) {
    report.weights += std::get<quant::OliveWeights>(layer.weights()).statistics;
    report.activations += quant::quantize_olive_activations(
                              inputs.at(name), std::get<quant::OliveScale>(layer.activation_rule()))
                              .statistics;
  }
  return report;
}

}  // namespace hasse::model
