// SPDX-License-Identifier: Apache-2.0
// The llama2.c reader: a model made by hand, files that are broken, and a trained model if it is
// there.
#include "golden/model/llama2c.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include "golden/model/llama.hpp"
#include "golden/model/tokenizer.hpp"
#include "golden/tensor/tests/refusal.hpp"

namespace hasse::model {
namespace {

using tensor::expect_refusal;
using Header = std::array<std::int32_t, 7>;

constexpr Header kTiny = {8, 4, 2, 2, 1, 5, 6};
/// Weights of the above: embedding, per layer (8 + 64 + 32 + 32 + 64 + 8 + 32 + 32 + 32), norm,
/// tables.
constexpr std::size_t kTinyFloats = 40 + 2 * 304 + 8 + 6 * 4;

/// A file whose floats count up from 0.
std::string file(const Header& header, std::size_t floats = kTinyFloats) {
  std::vector<float> values(floats);
  std::iota(values.begin(), values.end(), 0.0F);
  std::string bytes(sizeof header + floats * sizeof(float), '\0');
  std::memcpy(bytes.data(), header.data(), sizeof header);
  std::memcpy(bytes.data() + sizeof header, values.data(), floats * sizeof(float));
  return bytes;
}

TEST(Llama2c, TensorsAreFoundWhereTheFormatHasThem) {
  const tensor::Safetensors read = parse_llama2c(file(kTiny), "t");
  EXPECT_EQ(read.values<float>("model.embed_tokens.weight")[3], 3);
  EXPECT_EQ(read.values<float>("model.layers.1.input_layernorm.weight")[0], 40 + 8);
  // All layers' norms, then q, k, v, o.
  const std::size_t q = 40 + 16, k = q + 128, v = k + 64, o = v + 64, ffn = o + 128;
  EXPECT_EQ(read.matrix<float>("model.layers.1.self_attn.v_proj.weight")(0, 1), v + 32 + 1);
  EXPECT_EQ(read.matrix<float>("model.layers.1.self_attn.o_proj.weight")(0, 0), o + 64);
  EXPECT_EQ(read.values<float>("model.layers.0.post_attention_layernorm.weight")[7], ffn + 7);
  EXPECT_EQ(read.matrix<float>("model.layers.0.mlp.gate_proj.weight")(1, 0), ffn + 16 + 8);
  EXPECT_EQ(read.matrix<float>("model.layers.0.mlp.down_proj.weight")(1, 0), ffn + 16 + 64 + 4);
  EXPECT_EQ(read.matrix<float>("model.layers.0.mlp.up_proj.weight")(0, 0), ffn + 16 + 128);
  EXPECT_EQ(read.values<float>("model.norm.weight")[0], ffn + 16 + 192);
  // Rows of a head of four: 0, 1, 2, 3 to 0, 2, 1, 3, for q and k only.
  const auto queries = read.matrix<float>("model.layers.0.self_attn.q_proj.weight");
  EXPECT_EQ(queries(1, 0), q + 2 * 8);
  EXPECT_EQ(queries(2, 0), q + 1 * 8);
  EXPECT_EQ(queries(6, 0), q + 5 * 8);
  EXPECT_EQ(Llama(read).config().num_key_value_heads, 1U);
}

TEST(Llama2c, NamesWhatIsWrongInAFile) {
  const auto refuses = [](const std::string& bytes, const char* words) {
    expect_refusal([&] { parse_llama2c(bytes, "t"); }, words);
  };
  refuses("short", "t: file is 5 bytes, expected at least 28");
  refuses(file(kTiny, kTinyFloats - 1), "t: file is 2744 bytes, expected 2748 by its header");
  refuses(file(kTiny, kTinyFloats + 1), "t: file is 2752 bytes, expected 2748 by its header");
  refuses(file({8, 4, 2, 2, 1, -5, 6}), "t: vocab_size is -5, expected a positive number");
  refuses(file({0, 4, 2, 2, 1, 5, 6}), "t: dim is 0, expected 1 to");
  refuses(file({8, 4, 2, 3, 1, 5, 6}), "t: n_heads is 3, expected heads of an even share");
  refuses(file({8, 4, 2, 8, 1, 5, 6}), "t: n_heads is 8, expected heads of an even share");
  refuses(file({8, 4, 2, 4, 3, 5, 6}), "t: n_kv_heads is 3, expected a divisor of n_heads");
}

TEST(Llama2c, TheTrainedModelTellsItsStory) {
  const std::filesystem::path folder = HASSE_SOURCE_DIR "/../shared/data";
  if (!std::filesystem::exists(folder / "stories260K.bin"))
    GTEST_SKIP() << "there is no ../shared/data/stories260K.bin";
  const Llama model(load_llama2c(folder / "stories260K.bin"));
  std::vector<Token> tokens{kBeginning};
  for (int i = 0; i < 10; ++i) {
    const auto logits = model.forward(tokens);
    const auto last = logits.row(logits.rows() - 1);
    tokens.push_back(static_cast<Token>(std::ranges::max_element(last) - last.begin()));
  }
  EXPECT_EQ(tokens, (std::vector<Token>{1, 403, 407, 261, 378, 432, 383, 286, 261, 376, 298}));
  const auto tokenizer = Tokenizer::load(folder / "tok512.bin", model.config().vocab_size);
  EXPECT_EQ(tokenizer.encode("Once upon a time, there"),
            (std::vector<Token>{403, 407, 261, 378, 432, 383}));
}

}  // namespace
}  // namespace hasse::model
