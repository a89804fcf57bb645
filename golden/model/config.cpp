// SPDX-License-Identifier: Apache-2.0
// Reads and checks the configuration of a model.
#include "golden/model/config.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <string>
#include <system_error>

#include "golden/tensor/format_error.hpp"

namespace hasse::model {
namespace {

using tensor::FormatError;
using tensor::Safetensors;

/// Largest size accepted: keeps every product of two sizes far from overflow.
constexpr std::size_t kLargestSize = 1 << 20;

const std::string& entry(const Safetensors& file, const std::string& field) {
  const auto found = file.metadata().find(field);
  if (found == file.metadata().end()) {
    throw FormatError(file.name(), "__metadata__." + field, "missing", "a value");
  }
  return found->second;
}

/// Parses all of `text`; false when it is not a number of that type.
template <class T>
bool parse_number(const std::string& text, T& value) {
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  return error == std::errc{} && end == last;
}

std::size_t size(const Safetensors& file, const std::string& field) {
  const std::string& text = entry(file, field);
  std::size_t value = 0;
  if (!parse_number(text, value) || value < 1 || value > kLargestSize) {
    throw FormatError(file.name(), "__metadata__." + field, text,
                      fmt::format("an integer from 1 to {}", kLargestSize));
  }
  return value;
}

float positive(const Safetensors& file, const std::string& field) {
  const std::string& text = entry(file, field);
  float value = 0;
  if (!parse_number(text, value) || !std::isfinite(value) || value <= 0) {
    throw FormatError(file.name(), "__metadata__." + field, text, "a positive number");
  }
  return value;
}

void check(const Config& config, const Safetensors& file) {
  const auto require = [&file](bool holds, const char* field, const char* expected) {
    if (holds) return;
    throw FormatError(file.name(), fmt::format("__metadata__.{}", field), entry(file, field),
                      expected);
  };
  require(config.head_dim % 2 == 0, "head_dim", "an even number");
  require(config.num_attention_heads % config.num_key_value_heads == 0, "num_attention_heads",
          "a multiple of num_key_value_heads");
  require(entry(file, "tie_word_embeddings") == "True", "tie_word_embeddings", "True");
}

}  // namespace

Config parse_config(const Safetensors& file) {
  const Config config{.vocab_size = size(file, "vocab_size"),
                      .hidden_size = size(file, "hidden_size"),
                      .intermediate_size = size(file, "intermediate_size"),
                      .num_hidden_layers = size(file, "num_hidden_layers"),
                      .num_attention_heads = size(file, "num_attention_heads"),
                      .num_key_value_heads = size(file, "num_key_value_heads"),
                      .head_dim = size(file, "head_dim"),
                      .max_position_embeddings = size(file, "max_position_embeddings"),
                      .rope_theta = positive(file, "rope_theta"),
                      .rms_norm_eps = positive(file, "rms_norm_eps")};
  check(config, file);
  return config;
}

}  // namespace hasse::model
