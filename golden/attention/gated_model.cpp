// SPDX-License-Identifier: Apache-2.0
// Forward with a record of every layer, and back along it.
#include "golden/attention/gated_model.hpp"

#include <fmt/format.h>

#include <utility>

#include "golden/model/operators.hpp"

namespace hasse::attention {

using model::Mask;
using tensor::Matrix;

/// What the way back needs of one layer.
struct GatedModel::LayerTape {
  Matrix<float> input;         ///< Of the layer.
  Matrix<float> q, k, v;       ///< Rotated.
  Matrix<float> full, stream;  ///< Both attentions, before they are blended.
  Matrix<float> middle;        ///< Between attention and feed-forward.
  Matrix<float> gate, up;
};

/// A whole run.
struct GatedModel::Tape {
  Mask causal;
  Mask streaming;
  std::vector<LayerTape> layers;
  Matrix<float> last;    ///< Before the final normalisation.
  Matrix<float> hidden;  ///< After it.
};

namespace {

Mask causal_mask(std::size_t tokens) {
  Mask mask(tokens, tokens);
  for (std::size_t t = 0; t < tokens; ++t) {
    for (std::size_t j = 0; j <= t; ++j) mask(t, j) = 1;
  }
  return mask;
}

/// DuoAttention's training mask: every query its own window.
Mask streaming_mask(std::size_t tokens, const StreamRule& rule) {
  Mask mask(tokens, tokens);
  for (std::size_t t = 0; t < tokens; ++t) {
    for (const std::size_t j : stream_tokens(rule, t)) mask(t, j) = 1;
  }
  return mask;
}

/// Columns [begin, end) of the query heads that share KV head `head` of `heads`.
std::pair<std::size_t, std::size_t> group(const Matrix<float>& out, std::size_t head,
                                          std::size_t heads) {
  const std::size_t width = out.cols() / heads;
  return {head * width, (head + 1) * width};
}

/// gate * full + (1 - gate) * stream, each KV head with its gate.
Matrix<float> blend(const Matrix<float>& full, const Matrix<float>& stream,
                    std::span<const float> gates) {
  Matrix<float> out(full.rows(), full.cols());
  for (std::size_t head = 0; head < gates.size(); ++head) {
    const auto [begin, end] = group(out, head, gates.size());
    for (std::size_t t = 0; t < out.rows(); ++t) {
      for (std::size_t c = begin; c < end; ++c) {
        out(t, c) = gates[head] * full(t, c) + (1 - gates[head]) * stream(t, c);
      }
    }
  }
  return out;
}

/// `d_out` times each KV head's factor.
Matrix<float> scaled_groups(const Matrix<float>& d_out, std::span<const float> factors) {
  Matrix<float> result = d_out;
  for (std::size_t head = 0; head < factors.size(); ++head) {
    const auto [begin, end] = group(d_out, head, factors.size());
    for (std::size_t t = 0; t < d_out.rows(); ++t) {
      for (std::size_t c = begin; c < end; ++c) result(t, c) *= factors[head];
    }
  }
  return result;
}

/// The gradient of each gate: d_out times what the gate weighs up.
void gate_gradient(const Matrix<float>& d_out, const Matrix<float>& full,
                   const Matrix<float>& stream, std::span<float> gradient) {
  for (std::size_t head = 0; head < gradient.size(); ++head) {
    const auto [begin, end] = group(d_out, head, gradient.size());
    double sum = 0;
    for (std::size_t t = 0; t < d_out.rows(); ++t) {
      for (std::size_t c = begin; c < end; ++c) {
        sum += static_cast<double>(d_out(t, c)) * (full(t, c) - stream(t, c));
      }
    }
    gradient[head] = static_cast<float>(sum);
  }
}

}  // namespace

GatedModel::GatedModel(const model::Llama& model, std::size_t sink, std::size_t recent)
    : model_(&model), rule_{.sink = sink, .recent = recent} {}

model::Llama::Attention GatedModel::attention(const Matrix<float>& gates) const {
  return [this, &gates](std::size_t layer, const Matrix<float>& q, const Matrix<float>& k,
                        const Matrix<float>& v) {
    const std::size_t dim = model_->config().head_dim;
    return blend(model::attend(q, k, v, dim),
                 model::attend_masked(q, k, v, dim, streaming_mask(q.rows(), rule_)),
                 gates.row(layer));
  };
}

const Matrix<float>& GatedModel::weight(std::size_t layer, const char* name) const {
  return model_->weight(fmt::format("model.layers.{}.{}.weight", layer, name));
}

const std::vector<float>& GatedModel::gain(std::size_t layer, const char* name) const {
  return model_->norm(fmt::format("model.layers.{}.{}.weight", layer, name));
}

GatedModel::Tape GatedModel::run(std::span<const model::Token> tokens,
                                 const Matrix<float>& gates) const {
  const model::Config& config = model_->config();
  Tape tape{causal_mask(tokens.size()), streaming_mask(tokens.size(), rule_), {}, {}, {}};
  Matrix<float> x = model_->embed(tokens);
  for (std::size_t layer = 0; layer < config.num_hidden_layers; ++layer) {
    LayerTape one;
    one.input = x;
    const auto normed = model::rms_norm(x, gain(layer, "input_layernorm"), config.rms_norm_eps);
    one.q = model::linear(normed, weight(layer, "self_attn.q_proj"));
    one.k = model::linear(normed, weight(layer, "self_attn.k_proj"));
    one.v = model::linear(normed, weight(layer, "self_attn.v_proj"));
    model::rotate_positions(one.q, config.head_dim, config.rope_theta);
    model::rotate_positions(one.k, config.head_dim, config.rope_theta);
    one.full = model::attend_masked(one.q, one.k, one.v, config.head_dim, tape.causal);
    one.stream = model::attend_masked(one.q, one.k, one.v, config.head_dim, tape.streaming);
    model::add(x, model::linear(blend(one.full, one.stream, gates.row(layer)),
                                weight(layer, "self_attn.o_proj")));
    one.middle = x;
    const auto second =
        model::rms_norm(x, gain(layer, "post_attention_layernorm"), config.rms_norm_eps);
    one.gate = model::linear(second, weight(layer, "mlp.gate_proj"));
    one.up = model::linear(second, weight(layer, "mlp.up_proj"));
    model::add(x, model::linear(model::swiglu(one.gate, one.up), weight(layer, "mlp.down_proj")));
    tape.layers.push_back(std::move(one));
  }
  tape.hidden = model::rms_norm(x, model_->norm("model.norm.weight"), config.rms_norm_eps);
  tape.last = std::move(x);
  return tape;
}

Matrix<float> GatedModel::hidden(std::span<const model::Token> tokens,
                                 const Matrix<float>& gates) const {
  return run(tokens, gates).hidden;
}

Matrix<float> GatedModel::layer_gradient(std::size_t layer, const LayerTape& tape, const Tape& all,
                                         const Matrix<float>& gates, const Matrix<float>& d_out,
                                         Matrix<float>& gradient) const {
  const model::Config& config = model_->config();
  const auto through_norm = [&](const Matrix<float>& x, const char* name, const Matrix<float>& d) {
    return model::rms_norm_gradient(x, gain(layer, name), config.rms_norm_eps, d);
  };
  const auto [d_gate, d_up] = model::swiglu_gradient(
      tape.gate, tape.up, model::linear_gradient(d_out, weight(layer, "mlp.down_proj")));
  Matrix<float> d_second = model::linear_gradient(d_gate, weight(layer, "mlp.gate_proj"));
  model::add(d_second, model::linear_gradient(d_up, weight(layer, "mlp.up_proj")));
  Matrix<float> d_middle = d_out;
  model::add(d_middle, through_norm(tape.middle, "post_attention_layernorm", d_second));

  const auto d_blend = model::linear_gradient(d_middle, weight(layer, "self_attn.o_proj"));
  gate_gradient(d_blend, tape.full, tape.stream, gradient.row(layer));
  if (layer == 0) return {};
  std::vector<float> rest(gates.cols());
  for (std::size_t head = 0; head < rest.size(); ++head) rest[head] = 1 - gates(layer, head);
  model::AttentionGradients sum{Matrix<float>(tape.q.rows(), tape.q.cols()),
                                Matrix<float>(tape.k.rows(), tape.k.cols()),
                                Matrix<float>(tape.v.rows(), tape.v.cols())};
  model::add_attention_gradients(tape.q, tape.k, tape.v, config.head_dim, all.causal,
                                 scaled_groups(d_blend, gates.row(layer)), sum);
  model::add_attention_gradients(tape.q, tape.k, tape.v, config.head_dim, all.streaming,
                                 scaled_groups(d_blend, rest), sum);
  model::rotate_positions_back(sum.d_q, config.head_dim, config.rope_theta);
  model::rotate_positions_back(sum.d_k, config.head_dim, config.rope_theta);
  Matrix<float> d_first = model::linear_gradient(sum.d_q, weight(layer, "self_attn.q_proj"));
  model::add(d_first, model::linear_gradient(sum.d_k, weight(layer, "self_attn.k_proj")));
  model::add(d_first, model::linear_gradient(sum.d_v, weight(layer, "self_attn.v_proj")));
  model::add(d_middle, through_norm(tape.input, "input_layernorm", d_first));
  return d_middle;
}

GateStep GatedModel::step(std::span<const model::Token> tokens, std::size_t label,
                          const Matrix<float>& gates, double regularisation, GateLoss form) const {
  const Matrix<float> target = hidden(tokens, Matrix<float>(gates.rows(), gates.cols(), 1.0F));
  const Tape tape = run(tokens, gates);
  const bool means = form == GateLoss::code;
  const auto labels = static_cast<double>(tokens.size() - label);
  const double scale = 1 / (labels * (means ? static_cast<double>(target.cols()) : 1));
  GateStep result{.gradient = Matrix<float>(gates.rows(), gates.cols())};
  Matrix<float> d_hidden(target.rows(), target.cols());
  for (std::size_t t = label; t < target.rows(); ++t) {
    for (std::size_t c = 0; c < target.cols(); ++c) {
      const double off = static_cast<double>(tape.hidden(t, c)) - target(t, c);
      result.distillation += scale * off * off;
      d_hidden(t, c) = static_cast<float>(2 * scale * off);
    }
  }
  Matrix<float> d_x = model::rms_norm_gradient(tape.last, model_->norm("model.norm.weight"),
                                               model_->config().rms_norm_eps, d_hidden);
  for (std::size_t layer = tape.layers.size(); layer-- > 0;) {
    d_x = layer_gradient(layer, tape.layers[layer], tape, gates, d_x, result.gradient);
  }
  const double pull = regularisation / (means ? static_cast<double>(gates.size()) : 1);
  result.loss = result.distillation;
  for (std::size_t i = 0; i < gates.size(); ++i) {
    result.loss += pull * gates.data()[i];
    result.gradient.data()[i] += static_cast<float>(pull);
  }
  return result;
}

}  // namespace hasse::attention
