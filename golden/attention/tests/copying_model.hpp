// SPDX-License-Identifier: Apache-2.0
// A Llama put together by hand that finds pass keys, so that it is known which heads retrieve.
#pragma once

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "golden/model/llama.hpp"
#include "golden/model/tests/tiny_model.hpp"

namespace hasse::attention {

/// Two layers of four heads. Heads 0 to 2 of layer 0 fetch the bytes 1 to 3 places back; head 2 of
/// layer 1 looks for the place that the last three bytes preceded before, and predicts the byte
/// there. The other heads read everything and add a trace of it. Every byte of a pass key text
/// filled with '~' is a feature of its own.
class CopyingModel {
 public:
  static constexpr std::size_t kRetrievalHead = 2;  ///< Of layer 1.

  static model::Llama make() { return CopyingModel().build(); }

 private:
  static constexpr std::string_view kBytes = "\nThe paskyi.Rmbrt0123456789~";
  static constexpr std::size_t kCode = kBytes.size();
  static constexpr std::size_t kHidden = 1 + 4 * kCode;  ///< 1, this byte, those 1 to 3 back.
  static constexpr std::size_t kDim = 256;               ///< Of a head.
  static constexpr std::size_t kFast = 17;               ///< Pairs that turn with the position.
  static constexpr float kTheta = 1e38F;

  using Matrix = tensor::Matrix<float>;

  static std::size_t code(std::size_t back, std::size_t byte) { return 1 + back * kCode + byte; }

  void put(const std::string& name, const Matrix& values) {
    tensors_.push_back(tensor::tensor_data(name, values));
  }

  void put_gain(const std::string& name, float gain) {
    put(name, Matrix(1, kHidden, gain));
    tensors_.back().shape = {kHidden};
  }

  /// Scores the place `back` before the query highest: its key turned back to the query.
  static void look_back(std::size_t head, std::size_t back, Matrix& q, Matrix& k) {
    constexpr float kSharp = 20;
    for (std::size_t i = 0; i < kFast; ++i) {
      const double angle =
          static_cast<double>(back) *
          std::pow(static_cast<double>(kTheta), -2.0 * static_cast<double>(i) / kDim);
      q(head * kDim + i, 0) = kSharp * static_cast<float>(std::cos(angle));
      q(head * kDim + kDim / 2 + i, 0) = -kSharp * static_cast<float>(std::sin(angle));
      k(head * kDim + i, 0) = kSharp;
    }
  }

  /// Features that hardly turn.
  static std::size_t slow(std::size_t i) {
    constexpr std::size_t kSlow = kDim / 2 - kFast;
    return i < kSlow ? kFast + i : kDim / 2 + kFast + (i - kSlow);
  }

  /// Scores places whose three bytes before are those up to the query.
  static void match(Matrix& q, Matrix& k) {
    constexpr float kSharp = 16;
    for (std::size_t i = 0; i < 3 * kCode; ++i) {
      q(kRetrievalHead * kDim + slow(i), 1 + i) = kSharp;
      k(kRetrievalHead * kDim + slow(i), 1 + kCode + i) = kSharp;
    }
  }

  void put_layer(std::size_t layer) {
    Matrix q(4 * kDim, kHidden), k(4 * kDim, kHidden), v(4 * kDim, kHidden), o(kHidden, 4 * kDim);
    for (std::size_t head = 0; head < 4; ++head) {
      const bool fetches = layer == 0 && head < 3, copies = layer == 1 && head == kRetrievalHead;
      if (fetches) look_back(head, head + 1, q, k);
      for (std::size_t byte = 0; byte < kCode; ++byte) {
        v(head * kDim + byte, code(0, byte)) = 1;
        o(code(fetches ? head + 1 : 0, byte), head * kDim + byte) =
            fetches ? 1.0F : (copies ? 4.0F : 0.02F);
      }
    }
    if (layer == 1) match(q, k);
    const std::string prefix = model::Llama::layer_prefix(layer);
    put_gain(prefix + "input_layernorm.weight",
             std::sqrt((layer == 0 ? 2.0F : 5.0F) / static_cast<float>(kHidden)));
    put_gain(prefix + "post_attention_layernorm.weight", 1);
    put(prefix + "self_attn.q_proj.weight", q);
    put(prefix + "self_attn.k_proj.weight", k);
    put(prefix + "self_attn.v_proj.weight", v);
    put(prefix + "self_attn.o_proj.weight", o);
    put(prefix + "mlp.gate_proj.weight", Matrix(1, kHidden));
    put(prefix + "mlp.up_proj.weight", Matrix(1, kHidden));
    put(prefix + "mlp.down_proj.weight", Matrix(kHidden, 1));
  }

  model::Llama build() {
    Matrix embedding(256, kHidden);
    for (std::size_t byte = 0; byte < kCode; ++byte) {
      const auto row = static_cast<std::size_t>(kBytes[byte]);
      embedding(row, 0) = embedding(row, code(0, byte)) = 1;
    }
    put("model.embed_tokens.weight", embedding);
    put_gain("model.norm.weight", 1);
    for (std::size_t layer = 0; layer < 2; ++layer) put_layer(layer);
    return model::Llama(
        model::tiny_file(tensors_, model::tiny_metadata({{"hidden_size", std::to_string(kHidden)},
                                                         {"intermediate_size", "1"},
                                                         {"num_attention_heads", "4"},
                                                         {"num_key_value_heads", "4"},
                                                         {"head_dim", std::to_string(kDim)},
                                                         {"max_position_embeddings", "160"},
                                                         {"rope_theta", "1e38"}})));
  }

  std::vector<tensor::TensorData> tensors_;
};

}  // namespace hasse::attention
