// SPDX-License-Identifier: Apache-2.0
// Reads the binary model of llama2.c.
#include "golden/model/llama2c.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "golden/tensor/file.hpp"
#include "golden/tensor/format_error.hpp"

namespace hasse::model {
namespace {

using tensor::FormatError;
using tensor::Matrix;
using tensor::TensorData;

static_assert(std::endian::native == std::endian::little, "the format is little endian");

constexpr std::size_t kHeaderBytes = 28;
constexpr std::int32_t kLargestSize = 1 << 20;

Config parse_header(std::string_view bytes, const std::string& name) {
  constexpr std::array<const char*, 7> fields = {"dim",        "hidden_dim", "n_layers", "n_heads",
                                                 "n_kv_heads", "vocab_size", "seq_len"};
  if (bytes.size() < kHeaderBytes) {
    throw FormatError(name, "size", fmt::format("{}", bytes.size()), "a header of 28 bytes");
  }
  std::array<std::int32_t, 7> sizes{};
  std::memcpy(sizes.data(), bytes.data(), kHeaderBytes);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] < 1 || sizes[i] > kLargestSize) {
      throw FormatError(name, fields[i], fmt::format("{}", sizes[i]),
                        fmt::format("an integer from 1 to {}", kLargestSize));
    }
  }
  const auto size = [&sizes](std::size_t i) { return static_cast<std::size_t>(sizes[i]); };
  if (size(0) % size(3) != 0 || size(0) / size(3) % 2 != 0) {
    throw FormatError(name, "n_heads", fmt::format("{}", size(3)),
                      "a divisor of dim that leaves an even head dimension");
  }
  if (size(3) % size(4) != 0) {
    throw FormatError(name, "n_kv_heads", fmt::format("{}", size(4)), "a divisor of n_heads");
  }
  if (size(5) > 65536) {
    throw FormatError(name, "vocab_size", fmt::format("{}", size(5)), "at most 65536");
  }
  return {.vocab_size = size(5),
          .hidden_size = size(0),
          .intermediate_size = size(1),
          .num_hidden_layers = size(2),
          .num_attention_heads = size(3),
          .num_key_value_heads = size(4),
          .head_dim = size(0) / size(3),
          .max_position_embeddings = size(6),
          .rope_theta = 10000.0F,
          .rms_norm_eps = 1e-5F};
}

/// Hands out the weights that follow the header, one after another.
class Weights {
 public:
  Weights(std::string_view bytes, const std::string& name)
      : bytes_(bytes.substr(kHeaderBytes)), name_(name), size_(bytes.size()) {}

  Matrix<float> take(std::size_t rows, std::size_t cols) {
    const std::size_t size = rows * cols * sizeof(float);
    if (size > bytes_.size()) {
      throw FormatError(name_, "size", fmt::format("{} bytes", size_),
                        "more: the weights end early");
    }
    Matrix<float> matrix(rows, cols);
    std::memcpy(matrix.data(), bytes_.data(), size);
    bytes_.remove_prefix(size);
    return matrix;
  }

  void expect_end() const {
    if (bytes_.empty()) return;
    throw FormatError(name_, "size", fmt::format("{} bytes", size_),
                      fmt::format("{}, where the weights end", size_ - bytes_.size()));
  }

 private:
  std::string_view bytes_;
  const std::string& name_;
  std::size_t size_;
};

/// Rows 2i and 2i + 1 of every head become rows i and half + i: Llama's order of rotary pairs.
Matrix<float> halves(const Matrix<float>& pairs, std::size_t head_dim) {
  Matrix<float> result(pairs.rows(), pairs.cols());
  for (std::size_t row = 0; row < pairs.rows(); ++row) {
    const std::size_t within = row % head_dim;
    const std::size_t target = row - within + within / 2 + (within % 2) * (head_dim / 2);
    std::ranges::copy(pairs.row(row), result.row(target).begin());
  }
  return result;
}

/// Collects tensors under the names of Hugging Face's Llama.
class Collector {
 public:
  Collector(const Config& config, Weights& weights) : config_(config), weights_(weights) {}

  void add(const std::string& name, const Matrix<float>& matrix) {
    tensors_.push_back(tensor::tensor_data(name, matrix));
  }

  void add_vector(const std::string& name, const Matrix<float>& matrix) {
    add(name, matrix);
    tensors_.back().shape = {matrix.size()};
  }

  /// A vector for every layer.
  void take_norms(const std::string& name) {
    for (std::size_t layer = 0; layer < config_.num_hidden_layers; ++layer) {
      add_vector(in_layer(layer, name), weights_.take(1, config_.hidden_size));
    }
  }

  /// A matrix for every layer; its heads turned if `rotary`.
  void take(const std::string& name, std::size_t rows, std::size_t cols, bool rotary = false) {
    for (std::size_t layer = 0; layer < config_.num_hidden_layers; ++layer) {
      const Matrix<float> matrix = weights_.take(rows, cols);
      add(in_layer(layer, name), rotary ? halves(matrix, config_.head_dim) : matrix);
    }
  }

  const std::vector<TensorData>& tensors() const { return tensors_; }

 private:
  static std::string in_layer(std::size_t layer, const std::string& name) {
    return fmt::format("model.layers.{}.{}.weight", layer, name);
  }

  const Config& config_;
  Weights& weights_;
  std::vector<TensorData> tensors_;
};

}  // namespace

Llama load_llama2c(const std::filesystem::path& path) {
  return parse_llama2c(tensor::read_file(path), path.string());
}

Llama parse_llama2c(std::string_view bytes, const std::string& name) {
  const Config c = parse_header(bytes, name);
  Weights weights(bytes, name);
  Collector collector(c, weights);
  collector.add("model.embed_tokens.weight", weights.take(c.vocab_size, c.hidden_size));
  collector.take_norms("input_layernorm");
  collector.take("self_attn.q_proj", c.query_size(), c.hidden_size, true);
  collector.take("self_attn.k_proj", c.key_value_size(), c.hidden_size, true);
  collector.take("self_attn.v_proj", c.key_value_size(), c.hidden_size);
  collector.take("self_attn.o_proj", c.hidden_size, c.query_size());
  collector.take_norms("post_attention_layernorm");
  collector.take("mlp.gate_proj", c.intermediate_size, c.hidden_size);
  collector.take("mlp.down_proj", c.hidden_size, c.intermediate_size);
  collector.take("mlp.up_proj", c.intermediate_size, c.hidden_size);
  collector.add_vector("model.norm.weight", weights.take(1, c.hidden_size));
  weights.take(2 * c.max_position_embeddings, c.head_dim / 2);  // cosines and sines, computed here
  weights.expect_end();
  const auto file =
      tensor::Safetensors::parse(tensor::format_safetensors(collector.tensors(), {}), name);
  return {c, file};
}

}  // namespace hasse::model
