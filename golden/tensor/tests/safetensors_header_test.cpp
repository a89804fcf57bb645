// SPDX-License-Identifier: Apache-2.0
// safetensors headers, well formed and malformed.
#include "golden/tensor/safetensors_header.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "golden/tensor/tests/refusal.hpp"

namespace hasse::tensor {
namespace {

TEST(SafetensorsHeader, ReadsTensorsAndMetadata) {
  const auto header = parse_safetensors_header(
      R"({"__metadata__":{"by":"test"},"a":{"dtype":"I16","shape":[2],"data_offsets":[0,4]},)"
      R"("scalar":{"dtype":"U8","shape":[],"data_offsets":[4,5]},)"
      R"("none":{"dtype":"F32","shape":[0,3],"data_offsets":[5,5]}}  )",
      5, "f");
  EXPECT_EQ(header.metadata.at("by"), "test");
  EXPECT_EQ(header.tensors.at("a").dtype, Dtype::i16);
  EXPECT_EQ(header.tensors.at("scalar").begin, 4U);
  EXPECT_EQ(header.tensors.at("none").shape, (std::vector<std::size_t>{0, 3}));
}

TEST(SafetensorsHeader, EveryTypeHasItsName) {
  EXPECT_EQ(safetensors_name(Dtype::i8), "I8");
  EXPECT_EQ(safetensors_name(Dtype::bf16), "BF16");
  EXPECT_EQ(safetensors_name(Dtype::f32), "F32");
}

TEST(SafetensorsHeader, SizesThatOverflowHaveNoValue) {
  EXPECT_EQ(byte_size(Dtype::i16, {3, 5}), 30U);
  EXPECT_EQ(byte_size(Dtype::i16, {std::numeric_limits<std::size_t>::max()}), std::nullopt);
  EXPECT_EQ(byte_size(Dtype::i16, {std::numeric_limits<std::size_t>::max(), 0}), 0U);
}

struct Refused {
  std::string text;
  const char* words;
};

class SafetensorsHeaderRefused : public testing::TestWithParam<Refused> {};

TEST_P(SafetensorsHeaderRefused, IsNamed) {
  expect_refusal([] { parse_safetensors_header(GetParam().text, 4, "f"); }, GetParam().words);
}

/// A header with one tensor "a" of these fields.
std::string one(const std::string& fields) {
  return "{\"a\":{" + fields + "}}";
}

INSTANTIATE_TEST_SUITE_P(
    Malformed, SafetensorsHeaderRefused,
    testing::Values(
        Refused{"", "f: header is empty, expected a JSON object starting with '{'"},
        Refused{" {}", "expected a JSON object starting with '{'"},
        Refused{"{", "f: header is [json.exception.parse_error"},
        Refused{"{}}", "f: header is [json.exception.parse_error"},
        Refused{"{\"a\xff\":1}", "f: header is [json.exception.parse_error"},
        Refused{R"({"a":[[[[[[]]]]]]})", "header is nested, expected at most 3 levels"},
        Refused{R"({"a":1,"a":1})", "header key is a, expected each key once"},
        Refused{one(R"("dtype":"U8","dtype":"U8")"), "header key is dtype, expected each key once"},
        Refused{R"({"__metadata__":3})", "__metadata__ is number, expected an object of strings"},
        Refused{R"({"__metadata__":{"n":3}})", "__metadata__.n is number, expected a string"},
        Refused{R"({"a":3})", "f: a: entry is number, expected an object"},
        Refused{one(R"("shape":[4],"data_offsets":[0,4])"), "f: a: dtype is missing"},
        Refused{one(R"("dtype":"U8","data_offsets":[0,4])"), "f: a: shape is missing"},
        Refused{one(R"("dtype":"U8","shape":[4])"), "f: a: data_offsets is missing"},
        Refused{one(R"("dtype":"U8","shape":[4],"data_offsets":[0,4],"x":1)"), "a: field is x"},
        Refused{one(R"("dtype":"F64","shape":[4],"data_offsets":[0,4])"), "dtype is \"F64\""},
        Refused{one(R"("dtype":8,"shape":[4],"data_offsets":[0,4])"), "a: dtype is 8, expected I8"},
        Refused{one(R"("dtype":"U8","shape":4,"data_offsets":[0,4])"), "a: shape is 4, expected a"},
        Refused{one(R"("dtype":"U8","shape":[-4],"data_offsets":[0,4])"), "a: shape is [-4]"},
        Refused{one(R"("dtype":"U8","shape":[4.0],"data_offsets":[0,4])"), "a: shape is [4.0]"},
        Refused{one(R"("dtype":"U8","shape":[4],"data_offsets":[0])"), "data_offsets is [0]"},
        Refused{one(R"("dtype":"U8","shape":[4],"data_offsets":[4,0])"), "data_offsets is [4, 0]"},
        Refused{one(R"("dtype":"U8","shape":[5],"data_offsets":[0,5])"),
                "f: a: data_offsets is [0, 5], expected [begin, end] with begin <= end <= 4"},
        Refused{one(R"("dtype":"U8","shape":[3],"data_offsets":[0,4])"),
                "f: a: data_offsets is 4 bytes, expected the size of shape [3] of uint8"},
        Refused{one(R"("dtype":"U8","shape":[18446744073709551615,2],"data_offsets":[0,4])"),
                "expected the size of shape [18446744073709551615, 2] of uint8"},
        Refused{one(R"("dtype":"I16","shape":[9223372036854775810],"data_offsets":[0,4])"),
                "expected the size of shape [9223372036854775810] of int16"},
        Refused{one(R"("dtype":"U8","shape":[3],"data_offsets":[0,3])"),
                "f: data is 4 bytes, expected 3, where the last tensor ends"},
        Refused{one(R"("dtype":"U8","shape":[3],"data_offsets":[1,4])"),
                "f: a: data_offsets is from 1, expected from 0"},
        Refused{R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},)"
                R"("b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})",
                "f: b: data_offsets is from 2, expected from 3"},
        Refused{R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                R"("b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})",
                "f: b: data_offsets is from 2, expected from 1"},
        Refused{"{}", "f: data is 4 bytes, expected 0, where the last tensor ends"}));

}  // namespace
}  // namespace hasse::tensor
