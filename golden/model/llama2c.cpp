// SPDX-License-Identifier: Apache-2.0
// From llama2.c's order of weights to named tensors.
#include "golden/model/llama2c.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <map>
#include <vector>

#include "golden/tensor/file.hpp"
#include "golden/tensor/format_error.hpp"
#include "golden/tensor/matrix.hpp"

namespace hasse::model {
namespace {

using tensor::FormatError;
using tensor::Matrix;

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

constexpr std::size_t kFields = 7;
constexpr std::size_t kHeaderSize = kFields * sizeof(std::int32_t);
constexpr std::int32_t kLargest = 1 << 20;

struct Header {
  std::size_t dim, hidden, layers, heads, kv_heads, vocabulary, sequence;

  std::size_t head_dim() const { return dim / heads; }
  std::size_t kv_size() const { return kv_heads * head_dim(); }
};

Header parse_header(std::string_view bytes, const std::string& name) {
  constexpr std::array<const char*, kFields> kNames = {
      "dim", "hidden_dim", "n_layers", "n_heads", "n_kv_heads", "vocab_size", "seq_len"};
  if (bytes.size() < kHeaderSize)
    throw FormatError(name, "file", fmt::format("{} bytes", bytes.size()),
                      "at least 28 for the header");
  std::array<std::int32_t, kFields> fields{};
  std::memcpy(fields.data(), bytes.data(), kHeaderSize);
  if (fields[5] < 0)
    throw FormatError(name, "vocab_size", fmt::format("{}", fields[5]),
                      "a positive number: a head tied to the embedding");
  std::array<std::size_t, kFields> sizes{};
  for (std::size_t i = 0; i < kFields; ++i) {
    if (fields.at(i) < 1 || fields.at(i) > kLargest)
      throw FormatError(name, kNames.at(i), fmt::format("{}", fields.at(i)),
                        fmt::format("1 to {}", kLargest));
    sizes.at(i) = static_cast<std::size_t>(fields.at(i));
  }
  const Header h{sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5], sizes[6]};
  if (h.dim % h.heads != 0 || h.head_dim() % 2 != 0)
    throw FormatError(name, "n_heads", fmt::format("{}", h.heads),
                      fmt::format("heads of an even share of the {} dimensions", h.dim));
  if (h.heads % h.kv_heads != 0)
    throw FormatError(name, "n_kv_heads", fmt::format("{}", h.kv_heads), "a divisor of n_heads");
  return h;
}

/// Rows of every head from neighbours that turn together to halves that do.
Matrix<float> halves_rotated(const Matrix<float>& w, std::size_t head_dim) {
  Matrix<float> result(w.rows(), w.cols());
  for (std::size_t row = 0; row < w.rows(); ++row) {
    const std::size_t head = row - row % head_dim, place = row % head_dim;
    const std::size_t target = head + place / 2 + (place % 2) * (head_dim / 2);
    std::copy(w.row(row).begin(), w.row(row).end(), result.row(target).begin());
  }
  return result;
}

/// Takes matrices off the file in its order.
class WeightReader {
 public:
  explicit WeightReader(std::string_view floats) : floats_(floats) {}

  Matrix<float> take(std::size_t rows, std::size_t columns) {
    Matrix<float> result(rows, columns);
    std::memcpy(result.data(), floats_.data() + at_, result.size() * sizeof(float));
    at_ += result.size() * sizeof(float);
    return result;
  }

 private:
  std::string_view floats_;
  std::size_t at_ = 0;
};

/// The tensors of one kind that every layer has, in the file's order.
struct Kind {
  const char* name;
  std::size_t rows, columns;
  bool turned = false;  ///< Rows are reordered for rotary positions.
};

std::array<Kind, 9> kinds(const Header& h) {
  return {{{"input_layernorm", 1, h.dim},
           {"self_attn.q_proj", h.dim, h.dim, true},
           {"self_attn.k_proj", h.kv_size(), h.dim, true},
           {"self_attn.v_proj", h.kv_size(), h.dim},
           {"self_attn.o_proj", h.dim, h.dim},
           {"post_attention_layernorm", 1, h.dim},
           {"mlp.gate_proj", h.hidden, h.dim},
           {"mlp.down_proj", h.dim, h.hidden},
           {"mlp.up_proj", h.hidden, h.dim}}};
}

/// Floats that follow the header: the weights, and two tables of the rotation that nobody needs.
std::size_t float_count(const Header& h) {
  std::size_t count = h.vocabulary * h.dim + h.dim + h.sequence * h.head_dim();
  for (const Kind& kind : kinds(h)) count += h.layers * kind.rows * kind.columns;
  return count;
}

std::map<std::string, std::string> metadata(const Header& h) {
  return {{"vocab_size", std::to_string(h.vocabulary)},
          {"hidden_size", std::to_string(h.dim)},
          {"intermediate_size", std::to_string(h.hidden)},
          {"num_hidden_layers", std::to_string(h.layers)},
          {"num_attention_heads", std::to_string(h.heads)},
          {"num_key_value_heads", std::to_string(h.kv_heads)},
          {"head_dim", std::to_string(h.head_dim())},
          {"max_position_embeddings", std::to_string(h.sequence)},
          {"rope_theta", "10000"},
          {"rms_norm_eps", "1e-05"},
          {"tie_word_embeddings", "True"}};
}

tensor::TensorData named(std::string name, const Matrix<float>& values, bool vector) {
  tensor::TensorData data = tensor::tensor_data(std::move(name), values);
  if (vector) data.shape = {values.size()};
  return data;
}

}  // namespace

tensor::Safetensors load_llama2c(const std::filesystem::path& path) {
  return parse_llama2c(tensor::read_file(path), path.string());
}

tensor::Safetensors parse_llama2c(std::string_view bytes, const std::string& name) {
  const Header h = parse_header(bytes, name);
  const std::size_t expected = kHeaderSize + float_count(h) * sizeof(float);
  if (bytes.size() != expected)
    throw FormatError(name, "file", fmt::format("{} bytes", bytes.size()),
                      fmt::format("{} by its header", expected));
  WeightReader reader(bytes.substr(kHeaderSize));
  std::vector<tensor::TensorData> tensors{
      named("model.embed_tokens.weight", reader.take(h.vocabulary, h.dim), false)};
  for (const Kind& kind : kinds(h))
    for (std::size_t layer = 0; layer < h.layers; ++layer) {
      const Matrix<float> values = reader.take(kind.rows, kind.columns);
      tensors.push_back(named(fmt::format("model.layers.{}.{}.weight", layer, kind.name),
                              kind.turned ? halves_rotated(values, h.head_dim()) : values,
                              kind.rows == 1));
    }
  tensors.push_back(named("model.norm.weight", reader.take(1, h.dim), true));
  return tensor::Safetensors::parse(tensor::format_safetensors(tensors, metadata(h)), name);
}

}  // namespace hasse::model
