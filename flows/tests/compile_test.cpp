// SPDX-License-Identifier: Apache-2.0
// hasse compile, and verify with what it wrote.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "flows/tests/run.hpp"
#include "golden/tensor/file.hpp"
#include "golden/tensor/npy.hpp"

namespace hasse::flows {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kDesign =
    R"({"engine": "banked", "planner": "compiled", "tile_bits": 4, "lanes": 2, "columns": 4,
    "columns_per_adder": 2, "rows": 32, "weight_bits": 4, "max_n": 200, "max_k": 200})";

class Compile : public testing::Test {
 protected:
  Compile() {
    tensor::write_file(design_, kDesign);
    tensor::Matrix<std::int8_t> weights(13, 9);
    tensor::Matrix<std::int8_t> activations(9, 5);
    for (std::size_t i = 0; i < 13 * 9; ++i)
      weights.data()[i] = static_cast<std::int8_t>(static_cast<int>(i * 7 % 16) - 8);
    for (std::size_t i = 0; i < 9 * 5; ++i)
      activations.data()[i] = static_cast<std::int8_t>(static_cast<int>(i * 31 % 255) - 127);
    tensor::write_npy(weights_, weights);
    tensor::write_npy(activations_, activations);
  }

  std::string compiling() const {
    return "compile " + design_.string() + " --weights " + weights_.string() + " -o " +
           program_.string();
  }

  Folder folder_;
  fs::path dir_ = folder_.path();
  fs::path design_ = dir_ / "design.json", weights_ = dir_ / "W.npy", activations_ = dir_ / "X.npy",
           program_ = dir_ / "W.program";
};

TEST_F(Compile, WritesAProgramThatVerifyTakes) {
  const Ran compiled = hasse(compiling() + " --json -");
  ASSERT_EQ(compiled.exit_code, 0) << compiled.err;
  const auto json = nlohmann::json::parse(compiled.out).at("compile");
  EXPECT_EQ(json.at("weight_bits"), 4);
  EXPECT_EQ(json.at("transrows"), 13 * 4 * 3);
  EXPECT_GE(json.at("cycles_over_bound").get<double>(), 1);
  EXPECT_EQ(json.at("bytes"), fs::file_size(program_));
  const std::string bytes = tensor::read_file(program_);
  EXPECT_EQ(hasse(compiling()).exit_code, 0);
  EXPECT_EQ(tensor::read_file(program_), bytes) << "the same bytes on every run";

  const std::string out = (dir_ / "out").string();
  ASSERT_EQ(hasse("generate " + design_.string() + " -o " + out).exit_code, 0);
  const std::string verify = "verify " + out + " --weights " + weights_.string() +
                             " --activations " + activations_.string();
  const Ran given = hasse(verify + " --program " + program_.string());
  EXPECT_EQ(given.exit_code, 0) << given.err;
  EXPECT_EQ(hasse(verify).exit_code, 0) << "compiled on the way";

  std::string damaged = bytes;
  damaged[bytes.size() / 2] = static_cast<char>(damaged[bytes.size() / 2] ^ 1);
  tensor::write_file(program_, damaged);
  const Ran refused = hasse(verify + " --program " + program_.string());
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("refused the program"));
}

TEST_F(Compile, UnitsWithRowsOfTheirOwnHaveProgramsOfTheirOwn) {
  const std::uintmax_t one = [&] {
    EXPECT_EQ(hasse(compiling()).exit_code, 0);
    return fs::file_size(program_);
  }();
  tensor::write_file(design_, std::string(kDesign).replace(1, 0, R"("units": 3, )"));
  const std::string out = (dir_ / "out").string();
  ASSERT_EQ(hasse("generate " + design_.string() + " -o " + out).exit_code, 0);
  const std::string verify = "verify " + out + " --weights " + weights_.string() +
                             " --activations " + activations_.string() + " --program " +
                             program_.string();
  const Ran refused = hasse(verify);
  EXPECT_EQ(refused.exit_code, 2) << "a program for one unit";
  EXPECT_THAT(refused.err, HasSubstr(program_.string()));
  ASSERT_EQ(hasse(compiling()).exit_code, 0);
  EXPECT_NE(fs::file_size(program_), one);
  const Ran given = hasse(verify);
  EXPECT_EQ(given.exit_code, 0) << given.err;
}

TEST_F(Compile, RefusesBadInputByName) {
  const auto error = [](const std::string& arguments) {
    const Ran ran = hasse(arguments);
    EXPECT_EQ(ran.exit_code, 2) << arguments;
    return ran.err;
  };
  EXPECT_THAT(error(compiling() + " --weight-bits 3"), HasSubstr("weights"));
  tensor::write_file(design_, R"({"engine": "banked", "planner": "orbit"})");
  EXPECT_THAT(error(compiling()), HasSubstr("/planner: \"orbit\" takes no programs"));
  tensor::write_file(design_, R"({"engine": "banked", "planner": "compiled", "max_n": 12})");
  EXPECT_THAT(error(compiling()), HasSubstr("N (rows of the weights) is 13"));
  tensor::write_file(weights_, "nothing");
  EXPECT_THAT(error(compiling()), HasSubstr("W.npy"));
  EXPECT_FALSE(fs::exists(program_));
}

}  // namespace
}  // namespace hasse::flows
