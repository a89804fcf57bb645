// SPDX-License-Identifier: Apache-2.0
// Configurations that are read, and those that are refused by name.
#include "golden/model/config.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "golden/model/tests/tiny_model.hpp"
#include "golden/tensor/tests/refusal.hpp"

namespace hasse::model {
namespace {

TEST(Config, IsReadFromTheMetadata) {
  const Config config = parse_config(tiny_file({}, tiny_metadata()));
  EXPECT_EQ(config.vocab_size, 256U);
  EXPECT_EQ(config.intermediate_size, 12U);
  EXPECT_EQ(config.query_size(), 8U);
  EXPECT_EQ(config.key_value_size(), 4U);
  EXPECT_EQ(config.rope_theta, 100.0F);
  EXPECT_EQ(config.rms_norm_eps, 1e-5F);
}

TEST(Config, EveryFieldIsNeeded) {
  for (const auto& [field, value] : tiny_metadata()) {
    Metadata metadata = tiny_metadata();
    metadata.erase(field);
    tensor::expect_refusal([&] { parse_config(tiny_file({}, metadata)); },
                           fmt::format("tiny: __metadata__.{} is missing", field));
  }
}

struct Refused {
  const char* field;
  const char* value;
  const char* words;
};

class ConfigRefused : public testing::TestWithParam<Refused> {};

TEST_P(ConfigRefused, IsNamed) {
  const Metadata metadata = tiny_metadata({{GetParam().field, GetParam().value}});
  tensor::expect_refusal(
      [&] { parse_config(tiny_file({}, metadata)); },
      fmt::format("tiny: __metadata__.{} is {}", GetParam().field, GetParam().words));
}

INSTANTIATE_TEST_SUITE_P(
    BadValues, ConfigRefused,
    testing::Values(Refused{"hidden_size", "0", "0, expected an integer from 1 to 1048576"},
                    Refused{"hidden_size", "-8", "-8, expected an integer"},
                    Refused{"hidden_size", "8.0", "8.0, expected an integer"},
                    Refused{"hidden_size", "", "empty, expected an integer"},
                    Refused{"num_hidden_layers", "99999999999999999999999",
                            "99999999999999999999999, expected"},
                    Refused{"vocab_size", "0", "0, expected an integer from 1 to"},
                    Refused{"head_dim", "5", "5, expected an even number"},
                    Refused{"num_key_value_heads", "0", "0, expected an integer from 1"},
                    Refused{"num_attention_heads", "x", "x, expected an integer from 1"},
                    Refused{"tie_word_embeddings", "False", "False, expected True"},
                    Refused{"rope_theta", "nan", "nan, expected a positive number"},
                    Refused{"rope_theta", "inf", "inf, expected a positive number"},
                    Refused{"rms_norm_eps", "-1e-5", "-1e-5, expected a positive number"}));

TEST(Config, QueryHeadsShareKeyValueHeadsEvenly) {
  const Metadata metadata =
      tiny_metadata({{"num_attention_heads", "3"}, {"num_key_value_heads", "2"}});
  tensor::expect_refusal([&] { parse_config(tiny_file({}, metadata)); },
                         "num_attention_heads is 3, expected a multiple of num_key_value_heads");
}

}  // namespace
}  // namespace hasse::model
