// SPDX-License-Identifier: Apache-2.0
// AWQ's two searches. Lin et al., "AWQ", MLSys 2024; defaults and order of steps are llm-awq's.
#include "golden/model/awq.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "golden/model/operators.hpp"
#include "golden/quant/affine.hpp"

namespace hasse::model {
namespace {

using tensor::Matrix;
using Inputs = std::vector<Matrix<float>>;  ///< Of every window.

constexpr int kAlphas = 20;
constexpr int kShrinks = 10;
constexpr float kShrinkStep = 20;
constexpr std::size_t kClipTokens = 512;
constexpr float kSmallestScale = 1e-4F;

/// Projections that share an input, what precedes them, and the block whose output is judged.
struct Set {
  std::vector<std::string> projections;
  std::string before;  ///< A normalisation, or a projection whose outputs are the inputs.
  bool before_is_norm = true;
  std::function<Matrix<float>(const Llama&, const Matrix<float>&)> block;
};

std::vector<Set> sets_of(const Llama& model, const std::string& layer) {
  const auto named = [&](const char* name) { return layer + name + "_proj.weight"; };
  const auto one = [](const std::string& name) {
    return [name](const Llama& m, const Matrix<float>& x) { return m.project(name, x); };
  };
  const std::string v = named("self_attn.v"), o = named("self_attn.o");
  const std::string up = named("mlp.up"), down = named("mlp.down");
  std::vector<Set> sets{
      {{named("self_attn.q"), named("self_attn.k"), v},
       layer + "input_layernorm.weight",
       true,
       [layer](const Llama& m, const Matrix<float>& x) { return m.attention(layer, x); }}};
  if (model.weight(v).rows() == model.weight(o).rows() &&
      model.weight(v).cols() == model.weight(o).cols())
    sets.push_back({{o}, v, false, one(o)});
  sets.push_back(
      {{named("mlp.gate"), up},
       layer + "post_attention_layernorm.weight",
       true,
       [layer](const Llama& m, const Matrix<float>& x) { return m.feed_forward(layer, x); }});
  sets.push_back({{down}, up, false, one(down)});
  return sets;
}

std::vector<float> mean_magnitudes(const Inputs& inputs) {
  std::vector<double> sums(inputs.front().cols());
  std::size_t tokens = 0;
  for (const Matrix<float>& window : inputs) {
    tokens += window.rows();
    for (std::size_t t = 0; t < window.rows(); ++t)
      for (std::size_t k = 0; k < sums.size(); ++k)
        sums[k] += std::fabs(static_cast<double>(window(t, k)));
  }
  std::vector<float> means(sums.size());
  std::ranges::transform(sums, means.begin(), [tokens](double sum) {
    return static_cast<float>(sum / static_cast<double>(tokens));
  });
  return means;
}

void multiply_columns(Matrix<float>& matrix, std::span<const float> factors) {
  for (std::size_t r = 0; r < matrix.rows(); ++r)
    for (std::size_t c = 0; c < factors.size(); ++c) matrix(r, c) *= factors[c];
}

void divide_columns(Matrix<float>& matrix, std::span<const float> factors) {
  for (std::size_t r = 0; r < matrix.rows(); ++r)
    for (std::size_t c = 0; c < factors.size(); ++c) matrix(r, c) /= factors[c];
}

/// Q(w * scales) / scales.
Matrix<float> rounded_scaled(Matrix<float> w, std::span<const float> scales,
                             const AwqOptions& options) {
  multiply_columns(w, scales);
  w = quant::dequantize(quant::quantize_affine(w, options.bits, options.group));
  divide_columns(w, scales);
  return w;
}

double mean_squared_error(const Inputs& expected, const Inputs& inputs, const Set& set,
                          const Llama& model) {
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Matrix<float> output = set.block(model, inputs[i]);
    count += output.size();
    for (std::size_t at = 0; at < output.size(); ++at) {
      const float difference = output.data()[at] - expected[i].data()[at];
      sum += static_cast<double>(difference * difference);
    }
  }
  return sum / static_cast<double>(count);
}

/// The scales that cost the set's block least, and what they cost.
std::vector<float> search_scales(const Llama& model, const Set& set, const Inputs& inputs,
                                 const AwqOptions& options, AwqChoice& choice) {
  const std::vector<float> means = mean_magnitudes(inputs);
  Inputs expected;
  for (const Matrix<float>& window : inputs) expected.push_back(set.block(model, window));
  Llama trial = model;
  std::vector<float> best;
  choice = {set.projections, 0, std::numeric_limits<double>::infinity(), 0};
  for (int k = 0; k < kAlphas; ++k) {
    const double alpha = static_cast<double>(k) / kAlphas;
    std::vector<float> scales = awq_scales(means, alpha);
    for (const std::string& name : set.projections)
      trial.set_weight(name, rounded_scaled(model.weight(name), scales, options));
    const double loss = mean_squared_error(expected, inputs, set, trial);
    if (k == 0) choice.loss_rounded = loss;
    if (loss >= choice.loss) continue;
    choice.alpha = alpha;
    choice.loss = loss;
    best = std::move(scales);
  }
  return best;
}

/// Multiplies the set's input channels by `scales` and divides what precedes them.
void fold(Llama& model, const Set& set, std::span<const float> scales) {
  for (const std::string& name : set.projections) {
    Matrix<float> w = model.weight(name);
    multiply_columns(w, scales);
    model.set_weight(name, std::move(w));
  }
  if (set.before_is_norm) {
    std::vector<float> gains = model.norm(set.before);
    for (std::size_t i = 0; i < gains.size(); ++i) gains[i] /= scales[i];
    model.set_norm(set.before, std::move(gains));
    return;
  }
  Matrix<float> rows = tensor::transpose(model.weight(set.before));
  divide_columns(rows, scales);
  model.set_weight(set.before, tensor::transpose(rows));
}

/// Inputs of every projection of a layer, as the unscaled model has them.
std::map<std::string, Inputs> layer_inputs(const Llama& model, const std::string& layer,
                                           Inputs& hidden) {
  std::map<std::string, Inputs> inputs;
  const auto keep = [&](const std::string& name, const Matrix<float>& input) {
    inputs[name].push_back(input);
  };
  for (Matrix<float>& x : hidden) {
    add(x, model.attention(layer, model.normalised(layer + "input_layernorm.weight", x), keep));
    add(x, model.feed_forward(layer, model.normalised(layer + "post_attention_layernorm.weight", x),
                              keep));
  }
  return inputs;
}

/// Every stride-th token of all windows, stride = tokens / 512.
Matrix<float> sampled(const Inputs& inputs) {
  std::size_t tokens = 0;
  for (const Matrix<float>& window : inputs) tokens += window.rows();
  const std::size_t stride = std::max<std::size_t>(tokens / kClipTokens, 1);
  std::vector<float> values;
  std::size_t number = 0, kept = 0;
  for (const Matrix<float>& window : inputs)
    for (std::size_t t = 0; t < window.rows(); ++t, ++number) {
      if (number % stride != 0) continue;
      values.insert(values.end(), window.row(t).begin(), window.row(t).end());
      ++kept;
    }
  return {kept, inputs.front().cols(), std::move(values)};
}

Matrix<float> columns_of(const Matrix<float>& matrix, std::size_t first, std::size_t count) {
  Matrix<float> result(matrix.rows(), count);
  for (std::size_t r = 0; r < matrix.rows(); ++r)
    std::ranges::copy(matrix.row(r).subspan(first, count), result.row(r).begin());
  return result;
}

std::vector<float> largest_magnitudes(const Matrix<float>& w) {
  std::vector<float> result(w.rows());
  for (std::size_t n = 0; n < w.rows(); ++n)
    for (const float value : w.row(n)) result[n] = std::max(result[n], std::fabs(value));
  return result;
}

/// Rows of `w` within plus and minus `limits`.
Matrix<float> clamped(Matrix<float> w, std::span<const float> limits) {
  for (std::size_t n = 0; n < w.rows(); ++n)
    for (float& value : w.row(n)) value = std::clamp(value, -limits[n], limits[n]);
  return w;
}

/// Mean squares of what the rows of `rounded - w` do to `inputs`.
std::vector<double> output_errors(const Matrix<float>& w, Matrix<float> rounded,
                                  const Matrix<float>& inputs) {
  for (std::size_t i = 0; i < w.size(); ++i) rounded.data()[i] -= w.data()[i];
  const Matrix<float> outputs = linear(inputs, rounded);
  std::vector<double> errors(w.rows());
  for (std::size_t t = 0; t < outputs.rows(); ++t)
    for (std::size_t n = 0; n < outputs.cols(); ++n)
      errors[n] += static_cast<double>(outputs(t, n) * outputs(t, n));
  for (double& error : errors) error /= static_cast<double>(outputs.rows());
  return errors;
}

/// One group of columns, its best limits found row by row.
Matrix<float> clipped_group(const Matrix<float>& w, const Matrix<float>& inputs,
                            const AwqOptions& options) {
  const std::vector<float> largest = largest_magnitudes(w);
  std::vector<float> best = largest;
  std::vector<double> least(w.rows(), std::numeric_limits<double>::infinity());
  for (int i = 0; i < kShrinks; ++i) {
    std::vector<float> limits(largest.size());
    std::ranges::transform(largest, limits.begin(), [i](float most) {
      return most * (1 - static_cast<float>(i) / kShrinkStep);
    });
    const std::vector<double> errors =
        output_errors(w,
                      quant::dequantize(quant::quantize_affine(clamped(w, limits), options.bits,
                                                               static_cast<int>(w.cols()))),
                      inputs);
    for (std::size_t n = 0; n < best.size(); ++n)
      if (errors[n] < least[n]) {
        least[n] = errors[n];
        best[n] = limits[n];
      }
  }
  return clamped(w, best);
}

bool is_clipped(const std::string& projection) {
  return projection.find("q_proj") == projection.npos &&
         projection.find("k_proj") == projection.npos;
}

/// Searches and folds the scales of one layer, then clips; `inputs` become those of the result.
void search_layer(const Llama& model, Llama& result, const std::string& layer,
                  std::map<std::string, Inputs> inputs, const AwqOptions& options,
                  std::vector<AwqChoice>& choices) {
  const std::vector<Set> sets = sets_of(model, layer);
  for (const Set& set : sets) {
    const std::vector<float> scales = search_scales(model, set, inputs.at(set.projections.front()),
                                                    options, choices.emplace_back());
    fold(result, set, scales);
    for (const std::string& name : set.projections)
      for (Matrix<float>& window : inputs.at(name)) divide_columns(window, scales);
  }
  if (!options.clip) return;
  for (const auto& [name, windows] : inputs)
    if (is_clipped(name))
      result.set_weight(name, clipped(result.weight(name), sampled(windows), options));
}

}  // namespace

std::vector<float> awq_scales(std::span<const float> means, double alpha) {
  std::vector<float> scales(means.size());
  std::ranges::transform(means, scales.begin(), [alpha](float mean) {
    return std::max(static_cast<float>(std::pow(mean, alpha)), kSmallestScale);
  });
  const auto [least, largest] = std::ranges::minmax(scales);
  const float middle = std::sqrt(largest * least);
  for (float& scale : scales) scale /= middle;
  return scales;
}

Matrix<float> clipped(const Matrix<float>& w, const Matrix<float>& inputs,
                      const AwqOptions& options) {
  const Matrix<float> tokens = sampled({inputs});
  const auto group = static_cast<std::size_t>(options.group);
  Matrix<float> result(w.rows(), w.cols());
  for (std::size_t first = 0; first < w.cols(); first += group) {
    const std::size_t count = std::min(group, w.cols() - first);
    const Matrix<float> part =
        clipped_group(columns_of(w, first, count), columns_of(tokens, first, count), options);
    for (std::size_t n = 0; n < w.rows(); ++n)
      std::ranges::copy(part.row(n), result.row(n).subspan(first, count).begin());
  }
  return result;
}

Llama awq_search(const Llama& model, const std::vector<std::vector<Token>>& windows,
                 const AwqOptions& options, const AwqProgress& progress,
                 std::vector<AwqChoice>* choices) {
  Llama result = model;
  Inputs hidden;
  for (const std::vector<Token>& window : windows) hidden.push_back(model.embed(window));
  std::vector<AwqChoice> chosen;
  const std::size_t layers = model.config().num_hidden_layers;
  for (std::size_t i = 0; i < layers; ++i) {
    const std::string layer = Llama::layer_prefix(i);
    if (progress) progress(layer, static_cast<double>(i) / static_cast<double>(layers));
    search_layer(model, result, layer, layer_inputs(model, layer, hidden), options, chosen);
  }
  if (choices != nullptr) choices->insert(choices->end(), chosen.begin(), chosen.end());
  return result;
}

}  // namespace hasse::model
