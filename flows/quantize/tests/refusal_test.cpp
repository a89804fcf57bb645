// SPDX-License-Identifier: Apache-2.0
// Input that cannot be used is named, refused, and nothing is written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "flows/quantize/quantize.hpp"
#include "flows/quantize/tests/models.hpp"
#include "golden/model/llama.hpp"
#include "golden/quant/quantize.hpp"

namespace hasse::quantize {
namespace {

using tensor::Dtype;
using tensor::TensorData;
using testing::AllOf;
using testing::HasSubstr;

class Refusal : public testing::Test {
 protected:
  /// Expects quantising `bytes` to be refused with `words`, and the old output to be there still.
  void expect(const std::string& bytes, const Request& asked, const auto& words) {
    Request request = asked;
    request.input = scratch_ / "in";
    request.output = scratch_ / "out";
    tensor::write_file(request.input, bytes);
    tensor::write_file(request.output, "old");
    try {
      quantise(request);
      ADD_FAILURE() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), words);
    }
    EXPECT_EQ(tensor::read_file(request.output), "old");
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "out.partial"));
  }

  void expect(const std::vector<TensorData>& tensors, const Request& asked, const auto& words) {
    expect(tensor::format_safetensors(tensors, {}), asked, words);
  }

  static Request of_a(Scheme scheme = Scheme::rtn, std::optional<int> group = {}) {
    Request request;
    request.scheme = scheme;
    request.group = group;
    request.tensors = {"a.weight"};
    return request;
  }

  Scratch scratch_;
};

TensorData with_element(TensorData data, std::size_t at, float value) {
  data.bytes.replace(at * 4, 4, tensor::bytes_of(Dtype::f32, {&value, 1}));
  return data;
}

TEST_F(Refusal, ElementsThatAreNotFinite) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  auto tensors = small_model(4, 8);
  tensors[0] = with_element(tensors[0], 13, nan);
  expect(tensors, of_a(), AllOf(HasSubstr("a.weight: element [1, 5] is nan"), HasSubstr("finite")));
  tensors = small_model(4, 8);
  tensors[1] = with_element(tensors[1], 2, std::numeric_limits<float>::infinity());
  expect(tensors, of_a(), HasSubstr("norm.weight: element 2 is inf, expected a finite number"));
}

TEST_F(Refusal, ShapesThatAreNoMatrix) {
  expect({random_tensor("a.weight", {4})}, of_a(),
         HasSubstr("a.weight: shape is [4], expected two dimensions"));
  expect({random_tensor("a.weight", {2, 3, 4})}, of_a(), HasSubstr("shape is [2, 3, 4]"));
  expect({random_tensor("a.weight", {0, 8})}, of_a(),
         HasSubstr("a.weight: shape is [0, 8], expected at least one element"));
}

TEST_F(Refusal, ColumnsThatDoNotFillGroupsOrPairs) {
  expect(small_model(4, 200), of_a(Scheme::qserve),
         HasSubstr("a.weight: K is 200, expected a multiple of the group, 128"));
  expect(small_model(4, 15), of_a(Scheme::olive), HasSubstr("K is 15, expected an even number"));
  Request packed = of_a(Scheme::affine, 32);
  packed.layout = quant::Int4Layout::gemm;
  expect(small_model(12, 64), packed, HasSubstr("N is 12, expected a multiple of 8"));
}

TEST_F(Refusal, TypesThatAreUnknownMixedOrNoFloats) {
  std::string unknown = tensor::format_safetensors(small_model(4, 8), {});
  unknown.replace(unknown.find("F32"), 3, "F64");
  expect(unknown, of_a(), HasSubstr("dtype is \"F64\", expected I8, I16"));
  auto mixed = small_model(4, 8);
  mixed[1] = random_tensor("norm.weight", {8}, Dtype::bf16);
  expect(mixed, of_a(),
         HasSubstr("norm.weight: dtype is bfloat16, expected float32, as a.weight has"));
  expect({tensor::tensor_data("a.weight", tensor::Matrix<std::int8_t>(4, 8))}, of_a(),
         HasSubstr("a.weight: dtype is int8, expected float16, bfloat16 or float32"));
}

TEST_F(Refusal, TensorsThatAreMissing) {
  Request other = of_a();
  other.tensors = {"b.weight"};
  expect(small_model(4, 8), other, HasSubstr("b.weight is missing"));
  expect(small_model(4, 8), Request(), AllOf(HasSubstr("projections"), HasSubstr("--tensor")));
  std::vector<TensorData> layer;
  for (const char* name : {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj",
                           "self_attn.o_proj", "mlp.gate_proj", "mlp.down_proj"})
    layer.push_back(random_tensor(std::string("l.3.") + name + ".weight", {8, 8}));
  expect(layer, Request(), HasSubstr("l.3.mlp.up_proj.weight is missing"));
}

TEST_F(Refusal, FilesThatAreNone) {
  expect(std::string("garbage"), of_a(), HasSubstr("file is 7 bytes"));
  const std::string whole = tensor::format_safetensors(small_model(4, 8), {});
  expect(whole.substr(0, whole.size() - 4), of_a(), HasSubstr("data_offsets"));
}

TEST_F(Refusal, AwqNeedsAModelItCanRun) {
  std::vector<TensorData> layer;
  for (const char* name : {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj",
                           "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"})
    layer.push_back(random_tensor(std::string("l.3.") + name + ".weight", {8, 8}));
  Request awq;
  awq.scheme = Scheme::awq;
  awq.group = 8;
  expect(layer, awq, HasSubstr("__metadata__.vocab_size is missing"));
}

TEST_F(Refusal, CodesThatCannotBeRestored) {
  const auto refuses = [&](const std::vector<TensorData>& tensors, const char* words) {
    tensor::write_safetensors(scratch_ / "in", tensors, {});
    try {
      restore({scratch_ / "in", scratch_ / "out", {}, {}});
      ADD_FAILURE() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), HasSubstr(words));
    }
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "out"));
  };
  const TensorData codes = tensor::tensor_data("a.codes", tensor::Matrix<std::int8_t>(4, 8));
  refuses(small_model(4, 8), "tensors called NAME.codes, NAME.pairs or STEM.qweight");
  refuses({codes}, "a.scales is missing");
  refuses({codes, tensor::tensor_data("a.scales", tensor::Matrix<std::uint8_t>(4, 3))},
          "a.scales: columns is 3, expected a divisor of 8");
  refuses({tensor::tensor_data("a.pairs", tensor::Matrix<std::uint8_t>(4, 8))},
          "hasse.olive_type.a is missing");
  refuses({tensor::tensor_data("a.qweight", tensor::Matrix<std::int32_t>(128, 1))},
          "hasse.layout is missing, expected gemm, gemv or v2, or --layout");
}

}  // namespace
}  // namespace hasse::quantize
